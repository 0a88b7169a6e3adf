"""A mouth is sharpened by its own edges, and no pixel becomes lighter or darker than its surroundings: no halos."""

import math

import cv2
import numpy as np

from lipwright.contracts.sidecar import PixelBox
from lipwright.render.arrays import Pixels
from lipwright.render.enhance.base import EnhanceCapability, Enhancer
from lipwright.render.enhance.region import with_new_mouth

AMOUNT = 1.5
"""So much of what a blur takes away is added."""
_SIGMA = 0.008
"""Of that blur, in widths of the box."""
_SIGMAS_PX = (0.7, 2.5)
"""Its limits: finer detail is noise, coarser one is light and shade."""
_NOISE_LEVELS = 1.5
"""Detail below this is grain of the picture and not made stronger."""


class Sharpen(Enhancer):
    """Unsharp masking of the brightness, held within what its neighbours show. Licence: Apache-2.0, as Lipwright."""

    capability = EnhanceCapability(
        name="sharpen", cost_unit="none", needs_gpu=False, code_licence="Apache-2.0", weights_licence=""
    )

    def enhance(self, frame: Pixels, mouth: PixelBox) -> Pixels:
        sigma_px = float(np.clip(_SIGMA * (mouth.right - mouth.left), *_SIGMAS_PX))
        return with_new_mouth(frame, mouth, lambda part: _sharpened(part, sigma_px))


def _sharpened(part: Pixels, sigma_px: float) -> Pixels:
    luma = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.float32)
    detail = luma - cv2.GaussianBlur(luma, (0, 0), sigma_px)
    detail = np.sign(detail) * np.maximum(np.abs(detail) - np.float32(_NOISE_LEVELS), 0)
    side = 2 * math.ceil(2 * sigma_px) + 1
    element = np.ones((side, side), np.uint8)
    held = np.clip(luma + np.float32(AMOUNT) * detail, cv2.erode(luma, element), cv2.dilate(luma, element))
    return np.asarray(np.clip(np.rint(part + (held - luma)[..., None]), 0, 255), np.uint8)
