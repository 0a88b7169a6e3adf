"""An image engine for tests: paints stripes that depend on the words alone."""

import zlib

import numpy as np

from lipwright.errors import LipwrightError
from lipwright.render.arrays import Pixels
from lipwright.render.backgrounds.base import ImageCapability, ImageEngine


class FakePainter(ImageEngine):
    """Needs nothing.

    Licence: Apache-2.0, as Lipwright; there is no model.
    """

    capability = ImageCapability(
        name="fake", cost_unit="none", needs_gpu=False, code_licence="Apache-2.0", weights_licence="Apache-2.0"
    )

    def __init__(self, *, failure: LipwrightError | None = None) -> None:
        """
        Args:
            failure: raised instead of painting.
        """
        self._failure = failure

    def paint(self, words: str, width_px: int, height_px: int) -> Pixels:
        if self._failure is not None:
            raise self._failure
        colours = np.random.default_rng(zlib.crc32(words.encode())).integers(0, 256, (8, 3), np.uint8)
        return np.ascontiguousarray(colours[np.arange(width_px) * 8 // width_px][None].repeat(height_px, axis=0))
