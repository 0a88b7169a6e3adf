"""What each frame of a person says about its own moment: which rows are seen, where, in what light, how sharp."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.appearance import LUMA
from lipwright.render.rewrite.interior_kernel import gather

LIGHT_COLUMNS, LIGHT_ROWS = 6, 4
LIGHT_DOUBT = 1.5
"""Pixels of no difference that each node of the light begins with."""
LIGHT_LIMIT = 90.0
BLURS = (0.0, 0.003, 0.005, 0.0075, 0.011, 0.016)
"""IOD: softness that a row may take on in a moved or unsharp frame."""
TOOTH_ALPHA = 0.6
SMALL_UPPER, SMALL_LOWER = 0.006, 0.004
"""IOD squared of a row that must be seen before a frame has full say about it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Per exemplar; rows of teeth in the order lower, upper."""

    presence: Floats
    """float32 (n, 2), how much of the row is there, 0 to 1."""
    presence_say: Floats
    """float32 (n, 2), how well the frame shows it."""
    shift: Floats
    """float32 (n, 2, 2), IOD from where the row is expected to where it is."""
    light: Floats
    """float32 (n, 4, 6, 3), to be added to the drawn mouth, over (v, u)."""
    light_say: Floats
    """float32 (n,)."""
    blur: Floats
    """float32 (n,), IOD."""
    blur_say: Floats
    """float32 (n,)."""


def row_presence(tooth: Floats, where: Floats, inside: Pixels, pixels_per_unit: float) -> tuple[Floats, Floats]:
    """Which rows a frame shows.

    Args:
        tooth: float32 (h, w), how much each pixel looks like a tooth.
        where: float32 (h, w, 4), as `interior_kernel.shade` writes it.
        inside: uint8 (h, w), 1 between the lips.
    Returns: presence and say of the lower and the upper row, (2,) each.
    """
    lower = (where[..., 2] > TOOTH_ALPHA) & (where[..., 3] < 0.1) & (inside > 0)
    upper = (where[..., 3] > TOOTH_ALPHA) & (inside > 0)
    areas = np.array([lower.sum(), upper.sum()]) / pixels_per_unit**2
    shares = np.array([float(tooth[lower].mean()) if lower.sum() > 8 else 0.0, 1.0])
    if upper.sum() > 8:
        shares[1] = float(tooth[upper].mean())
    presence = [float(smoothstep(shares[0], 0.20, 0.50)), float(smoothstep(shares[1], 0.03, 0.18))]
    say = [min(areas[0] / SMALL_LOWER, 1) + 0.02, min(areas[1] / SMALL_UPPER, 1) + 1e-4]
    return np.array(presence, np.float32), np.array(say, np.float32)


def low_light(picture: Floats, drawn: Floats, where: Floats, inside: Pixels) -> Floats:
    """What must be added to a drawn mouth to have the frame's light: float32 (4, 6, 3)."""
    out = np.empty((LIGHT_ROWS, LIGHT_COLUMNS, 3), np.float32)
    gather(np.clip(picture - drawn, -LIGHT_LIMIT, LIGHT_LIMIT), where, inside, LIGHT_DOUBT, out)
    return out


def softness(picture: Floats, drawn: Floats, mask: NDArray[np.bool_], pixels_per_unit: float) -> float:
    """The blur, IOD, under which the drawn mouth has no more detail than the frame, where `mask` is true."""
    wanted = _detail(picture, mask)
    for blur in BLURS:
        sigma = blur * pixels_per_unit
        soft = np.asarray(cv2.GaussianBlur(drawn, (0, 0), sigma)) if sigma > 0.25 else drawn
        if _detail(soft, mask) <= wanted * 1.05:
            return blur
    return BLURS[-1]


def _detail(picture: Floats, mask: NDArray[np.bool_]) -> float:
    grey = cv2.GaussianBlur((picture @ LUMA).astype(np.float32), (0, 0), 0.7)
    return float(cv2.Laplacian(grey, cv2.CV_32F)[mask].std())
