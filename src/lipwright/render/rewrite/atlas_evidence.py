"""What each frame of a person says of its own moment: how much of the teeth is seen, where, in what light."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.appearance import LUMA
from lipwright.render.rewrite.atlas_sheet import Sheet
from lipwright.render.rewrite.interior_kernel import (
    BEHIND_HEIGHT,
    BEHIND_WIDTH,
    SHINE_HEIGHT,
    SHINE_LOW,
    SHINE_WIDTH,
    fade_on,
    gather,
)

LIGHT_COLUMNS, LIGHT_ROWS = 6, 4
LIP_COLUMNS, LIP_ROWS = 16, 10
LIGHT_DOUBT = 1.5
"""Pixels of no difference that each node of the light begins with."""
SHINE_COLUMNS, SHINE_ROWS = 88, 32
SHINE_LIMIT = 30.0
"""Grey levels: shine livens teeth up, and cannot draw or hide one."""
BEHIND_COLUMNS, BEHIND_ROWS = 120, 32
LIGHT_LIMIT = 90.0
BLURS = (0.0, 0.002, 0.004, 0.006)
"""IOD: softness that a row may take on in a moved or unsharp frame."""
BLUR_SLACK = 1.25
"""A drawn mouth is sampled once more than the frame is, which softens it already."""
TOOTH_ALPHA = 0.6
NO_DOUBT = 1e-3
LIP_BLUR = 1.2
UNSEEN_BLUR = 6.0
"""Cells by which columns that were carried on run into each other."""
SMALL_AREA = 0.006
"""IOD squared of teeth that must be seen before a frame has full say about them."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Per exemplar; `say` is how much a frame's word counts."""

    gap: Floats
    """float32 (n,), IOD."""
    presence: Floats
    """float32 (n,), how much of the row is there, 0 to 1."""
    shift: Floats
    """float32 (n, 2), IOD from where the row is expected to where it is."""
    row_say: Floats
    """float32 (n,)."""
    behind: Floats
    """float16 (n, 32, 120, 3), how what is not tooth differs from the usual cavity: see `interior_kernel.shade`."""
    light: Floats
    """float32 (n, 4, 6, 3), to be added to the drawn mouth, over (v, u)."""
    shine: Floats
    """float16 (n, 32, 88, 3), how the teeth themselves differ from the row, fixed to it."""
    lips: Floats
    """float32 (n, 10, 16), how much of a place is lip, not opening, over (v, u)."""
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


def see_behind(difference: Floats, mask: Pixels, lips: Floats, corner: tuple[int, int], sheet: Sheet) -> Floats:
    """What a frame shows behind the teeth, laid out from the lower lip up: float32 (32, 120, 3).

    Args:
        difference: float32 (height, width, 3), of a part of the sheet.
        mask: uint8 (height, width), 1 where it counts.
        lips: (11, 3) as Sheet.lips.
        corner: column and row of the part on the sheet.
    Beyond what is seen it goes on, and fades.
    """
    across = ((np.arange(BEHIND_COLUMNS) + 0.5) / BEHIND_COLUMNS - 0.5) * BEHIND_WIDTH
    up = (np.arange(BEHIND_ROWS) + 0.5) / BEHIND_ROWS * BEHIND_HEIGHT
    x = across + (lips[0, 0] + lips[-1, 0]) / 2
    y = np.interp(x, lips[:, 0], lips[:, 2])[None, :] - up[:, None]
    at_x, at_y = sheet.pixels(np.broadcast_to(x[None, :], y.shape), y)
    at_x, at_y = (at_x - corner[0]).astype(np.float32), (at_y - corner[1]).astype(np.float32)
    clipped = np.clip(difference, -LIGHT_LIMIT, LIGHT_LIMIT)
    out = np.asarray(cv2.remap(clipped, at_x, at_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32)
    known = cv2.remap(mask, at_x, at_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    seen = np.asarray(known) > 0
    out[~seen] = 0
    fade_on(out, seen.astype(np.float64), 0.5)
    soft = cv2.GaussianBlur(out, (0, 0), sigmaX=UNSEEN_BLUR, sigmaY=2.0)
    return np.where(seen[..., None], out, soft).astype(np.float32)


def see_shine(difference: Floats, mask: Pixels, place: Floats, corner: tuple[int, int], sheet: Sheet) -> Floats:
    """How the teeth of a frame differ from the row, fixed to the row: float32 (32, 88, 3).

    Args:
        difference: float32 (height, width, 3), of a part of the sheet.
        mask: uint8 (height, width), 1 where it counts.
        place: (2,) where the row lies on the sheet, IOD.
        corner: column and row of the part on the sheet.
    """
    x = ((np.arange(SHINE_COLUMNS) + 0.5) / SHINE_COLUMNS - 0.5) * SHINE_WIDTH + place[0]
    y = ((np.arange(SHINE_ROWS) + 0.5) / SHINE_ROWS - 1) * SHINE_HEIGHT + SHINE_LOW + place[1]
    at_x, at_y = sheet.pixels(*np.meshgrid(x, y))
    at_x, at_y = (at_x - corner[0]).astype(np.float32), (at_y - corner[1]).astype(np.float32)
    masked = np.clip(difference, -SHINE_LIMIT, SHINE_LIMIT) * mask[..., None].astype(np.float32)
    return np.asarray(
        cv2.remap(masked, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0), np.float32
    )


def see_light(difference: Floats, where: Floats, mask: Pixels) -> Floats:
    """What must be added to a drawn mouth to have the frame's light: float32 (4, 6, 3)."""
    out = np.empty((LIGHT_ROWS, LIGHT_COLUMNS, 3), np.float32)
    across = (where[..., 0] + 1) / 2
    gather(np.clip(difference, -LIGHT_LIMIT, LIGHT_LIMIT), across, where[..., 1], mask, LIGHT_DOUBT, out)
    return out


def see_lips(lips: Pixels, where: Floats, inside: Pixels) -> Floats:
    """Where the mesh took lip for opening: float32 (10, 16), 0 to 1."""
    out = np.empty((LIP_ROWS, LIP_COLUMNS, 1), np.float32)
    difference = lips[..., None].astype(np.float32)
    weight = gather(difference, (where[..., 0] + 1) / 2, where[..., 1], inside, NO_DOUBT, out)
    # The rim itself was not looked at: it is what its neighbours are.
    near = cv2.GaussianBlur(weight, (0, 0), LIP_BLUR)
    return np.asarray(cv2.GaussianBlur(out[..., 0] * weight, (0, 0), LIP_BLUR) / near, np.float32)


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
