"""The capability of enhancing: a frame and where its mouth is in, the frame with a crisper mouth out."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from lipwright.contracts.sidecar import PixelBox
from lipwright.render.arrays import Pixels


@dataclass(frozen=True, slots=True)
class EnhanceCapability:
    """What an engine is."""

    name: str
    """The name that settings and requests use: `sharpen`."""
    cost_unit: str
    """What use is counted in; `none` for an engine that costs nothing but time."""
    needs_gpu: bool
    code_licence: str
    """SPDX expression of the engine's code."""
    weights_licence: str
    """SPDX expression of the model that comes with it; empty where the user brings one, or there is none."""


class Enhancer(ABC):
    """An engine that makes mouths crisper. Building it is cheap; models are loaded by the first frame."""

    capability: EnhanceCapability

    @property
    def version(self) -> str:
        """Changes when the same frame would be enhanced otherwise, such as with another model of the user's.

        Raises: ProviderUnavailable: its weights are missing.
        """
        from lipwright import __version__

        return __version__

    @abstractmethod
    def enhance(self, frame: Pixels, mouth: PixelBox) -> Pixels:
        """Enhance one frame.

        Args:
            frame: uint8 RGB, (height, width, 3). Not changed.
            mouth: the mouth and a margin, which may reach beyond the frame; `region.mouth_of` gives it.
        Returns: as large as the frame, and equal to it outside the box; the frame itself where nothing is done.
        Raises: ProviderUnavailable: the weights are missing, or are none that it knows.
        """
