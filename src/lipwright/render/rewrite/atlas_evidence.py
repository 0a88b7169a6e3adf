"""What each frame of a person says of its own moment: how much of the teeth is seen, where, in what light."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.appearance import LUMA
from lipwright.render.rewrite.interior_kernel import BEHIND_HEIGHT, BEHIND_WIDTH, fade_on, gather

LIGHT_COLUMNS, LIGHT_ROWS = 6, 4
LIGHT_DOUBT = 1.5
"""Pixels of no difference that each node of the light begins with."""
BEHIND_COLUMNS, BEHIND_ROWS = 72, 24
BEHIND_DOUBT, BEHIND_LEAST = 0.25, 0.75
"""Pixels of no difference that each of its nodes begins with; pixels with which it counts as seen."""
LIGHT_LIMIT = 90.0
BLURS = (0.0, 0.003, 0.005, 0.0075, 0.011, 0.016)
"""IOD: softness that a row may take on in a moved or unsharp frame."""
BLUR_SLACK = 1.25
"""A drawn mouth is sampled once more than the frame is, which softens it already."""
TOOTH_ALPHA = 0.6
SMALL_AREA = 0.006
"""IOD squared of teeth that must be seen before a frame has full say about them."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Per exemplar; `say` is how much a frame's word counts."""

    presence: Floats
    """float32 (n,), how much of the row is there, 0 to 1."""
    row_say: Floats
    """float32 (n,)."""
    behind: Floats
    """float32 (n, 24, 72, 3), how what is not tooth differs from the usual cavity: see `interior_kernel.shade`."""
    light: Floats
    """float32 (n, 4, 6, 3), to be added to the drawn mouth, over (v, u)."""
    light_say: Floats
    """float32 (n,)."""
    blur: Floats
    """float32 (n,), IOD."""
    blur_say: Floats
    """float32 (n,)."""


def row_presence(tooth: Floats, alpha: Floats, inside: Pixels, pixels_per_unit: float) -> tuple[float, float]:
    """How much of the row a frame shows, and how well it can be told.

    Args:
        tooth: float32 (h, w), how much each pixel looks like a tooth.
        alpha: float32 (h, w), of the row.
        inside: uint8 (h, w), 1 between the lips.
    """
    mask = (alpha > TOOTH_ALPHA) & (inside > 0)
    count = int(mask.sum())
    share = float(tooth[mask].mean()) if count > 8 else 1.0
    return float(smoothstep(share, 0.03, 0.18)), min(count / pixels_per_unit**2 / SMALL_AREA, 1.0) + 1e-4


def see_behind(difference: Floats, where: Floats, mask: Pixels) -> Floats:
    """What a frame shows behind the teeth, fixed to the lower lip: float32 (24, 72, 3); it fades where nothing is seen."""
    out = np.empty((BEHIND_ROWS, BEHIND_COLUMNS, 3), np.float32)
    across, up = where[..., 3] / BEHIND_WIDTH + 0.5, where[..., 4] / BEHIND_HEIGHT
    weight = gather(np.clip(difference, -LIGHT_LIMIT, LIGHT_LIMIT), across, up, mask, BEHIND_DOUBT, out)
    fade_on(out, weight, BEHIND_DOUBT + BEHIND_LEAST)
    return out


def see_light(difference: Floats, where: Floats, mask: Pixels) -> Floats:
    """What must be added to a drawn mouth to have the frame's light: float32 (4, 6, 3)."""
    out = np.empty((LIGHT_ROWS, LIGHT_COLUMNS, 3), np.float32)
    across = (where[..., 0] + 1) / 2
    gather(np.clip(difference, -LIGHT_LIMIT, LIGHT_LIMIT), across, where[..., 1], mask, LIGHT_DOUBT, out)
    return out


def softness(picture: Floats, drawn: Floats, mask: NDArray[np.bool_], pixels_per_unit: float) -> float:
    """The blur, IOD, under which the drawn mouth has no more detail than the frame, where `mask` is true."""
    wanted = _detail(picture, mask)
    for blur in BLURS:
        sigma = blur * pixels_per_unit
        soft = np.asarray(cv2.GaussianBlur(drawn, (0, 0), sigma), np.float32) if sigma > 0.25 else drawn
        if _detail(soft, mask) <= wanted * BLUR_SLACK:
            return blur
    return BLURS[-1]


def _detail(picture: Floats, mask: NDArray[np.bool_]) -> float:
    grey = cv2.GaussianBlur((picture @ LUMA).astype(np.float32), (0, 0), 0.7)
    return float(cv2.Laplacian(grey, cv2.CV_32F)[mask].std())
