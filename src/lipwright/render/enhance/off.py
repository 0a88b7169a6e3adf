"""No enhancement."""

from lipwright.contracts.sidecar import PixelBox
from lipwright.render.arrays import Pixels
from lipwright.render.enhance.base import EnhanceCapability, Enhancer


class NoEnhancement(Enhancer):
    """Leaves every frame as it is. Licence: Apache-2.0, as Lipwright."""

    capability = EnhanceCapability(
        name="off", cost_unit="none", needs_gpu=False, code_licence="Apache-2.0", weights_licence=""
    )

    def enhance(self, frame: Pixels, mouth: PixelBox) -> Pixels:
        return frame
