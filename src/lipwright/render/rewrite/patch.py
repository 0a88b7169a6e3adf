"""A mouth from another frame, laid over this one: warped onto its points, its light fitted at a soft rim."""

from functools import cache

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from lipwright.face import topology
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.fill import fill_smoothly
from lipwright.render.kernels import rasterise
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER, LOWER_LIP, UPPER_LIP
from lipwright.render.rewrite.exemplar import Exemplar
from lipwright.render.rewrite.sampling import sample

OUTLINE = np.array(
    [2, 326, 327, 423, 426, 436, 432, 422, 431, 262, 428, 199, 208, 32, 211, 202, 212, 216, 206, 203, 98, 97]
)
"""Around the mouth: below the nose, along the folds of the cheeks, over the middle of the chin. Below a wide open mouth
of the frame that is drawn on, skin nearer to the lips would still show a trace of them."""
RIM_IOD = 0.115
"""Over this length, inward from the outline, the frame's own skin turns into the patch."""
RING = (0.02, 0.5)
"""Where the patch counts for that much, its colours are compared with the frame's."""
MEMBRANE_PX = 56
"""Side to which the comparison is shrunk: light changes slowly."""
NOSE_BASE = np.array(topology.NOSE_BASE)
NOSE_WIDTH_IOD = 0.12
DOUBT_FROM = 25.0
"""Grey levels: colours that differ more are less believed, for they come from a nostril or a hair, not from light."""
IMPERFECT_GAP = 0.006
"""IOD: lips of an exemplar that are open more than this, or show teeth, cannot close a mouth by themselves."""
DETAIL_TURNS = (0.5, 0.8)
"""Where the patch counts for that much, the frame's own detail turns into that of the patch. Two skins that are mixed
in equal parts have half the detail of either: only their light is mixed all over the rim."""
CRISPNESS = 0.07
"""See `sample`; what is warped from another frame needs more of it than the frame's own skin."""
INWARD = (0.30, 0.25)
"""Then the upper and the lower lip are sampled this much nearer to their outer rims, away from the opening."""
LIGHT_IOD, LIGHT_PX = 0.02, 1.5
"""What is larger counts as light: standard deviation of a blur, and its pixels once the picture is shrunk."""
SEAM_ALPHA, SEAM_WIDTH_IOD, SEAM_SOFT_IOD = 0.45, 0.010, 0.005


def patch_region(target: Floats, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """left, top, right, bottom of the patch inside a picture of that shape, or None outside of it."""
    outline = target[OUTLINE]
    left, top = (int(v) for v in np.maximum(np.floor(outline.min(axis=0)) - 1, 0))
    right, bottom = (int(v) for v in np.minimum(np.ceil(outline.max(axis=0)) + 2, (shape[1], shape[0])))
    return (left, top, right, bottom) if right - left > 4 and bottom - top > 4 else None


def patch_alpha(target: Floats, region: tuple[int, int, int, int], unit_px: float) -> Floats:
    """How much the patch counts at each pixel of the region: float32 (height, width)."""
    left, top, right, bottom = region
    mask = np.zeros((bottom - top + 2, right - left + 2), np.uint8)
    corners = np.round((target[OUTLINE] - (left - 1, top - 1)) * 16).astype(np.int32)
    cv2.fillPoly(mask, [corners], 255, shift=4)
    # The rim of the region counts as outside, so that a patch cut by the picture's edge fades there too.
    mask[[0, -1]] = 0
    mask[:, [0, -1]] = 0
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 5)[1:-1, 1:-1]
    ramp = np.clip(depth * np.float32(1 / (RIM_IOD * unit_px)), 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), np.float32)


class Patcher:
    """Warps exemplars of one person onto frames."""

    def __init__(self) -> None:
        """Choose the triangles around the mouth."""
        self._triangles = patch_triangles()

    def warp(self, exemplar: Exemplar, target: Floats, region: tuple[int, int, int, int], closes: bool) -> Pixels:
        """The exemplar's mouth on the target's points: uint8 RGB of the region's size.

        Args:
            target: (478, 2) pixels of the frame.
            closes: the lips of the target touch.
        """
        left, top, right, bottom = region
        source = exemplar.points[:, :2].astype(np.float32)
        if closes and needs_closing(exemplar):
            source = _sampled_outward(source)
        field = np.empty((bottom - top, right - left, 2), np.float32)
        valid = np.empty(field.shape[:2], np.uint8)
        rasterise(np.ascontiguousarray(target, np.float32), source, self._triangles, left, top, field, valid)
        return sample(exemplar.image, field, left, top, CRISPNESS)


def needs_closing(exemplar: Exemplar) -> bool:
    """Whether a target that is closed shows an opening when it is warped from this exemplar."""
    return max(exemplar.gap, 0.15 * exemplar.teeth) > IMPERFECT_GAP


def _sampled_outward(points: Floats) -> Floats:
    moved = points.copy()
    share = np.clip(1.15 - np.abs(np.linspace(-1, 1, 11)), 0, 1)[:, None].astype(np.float32)
    for rows, inward in zip((UPPER_LIP, LOWER_LIP), INWARD, strict=True):
        for row, strength in ((3, 1.0), (2, 0.6), (1, 0.25)):
            moved[rows[row]] += share * np.float32(inward * strength) * (points[rows[0]] - points[rows[row]])
    return moved


def fade_light(colour: Floats, other: Pixels, share: float, unit_px: float) -> None:
    """Give a mouth a share of another one's light and shade. Its own detail stays: two that are mixed are soft.

    Args:
        colour: float32 (height, width, 3), changed.
        other: uint8, as large: the other mouth on the same points.
        unit_px: pixels of an IOD.
    """
    colour += np.float32(share) * _light_of(other - colour, unit_px)


def _light_of(difference: Floats, unit_px: float) -> Floats:
    """The part of a difference of two pictures, float32 (height, width, 3), that is no detail."""
    height, width = difference.shape[:2]
    shrink = max(1.0, LIGHT_IOD * unit_px / LIGHT_PX)
    size = (max(2, round(width / shrink)), max(2, round(height / shrink)))
    soft = cv2.GaussianBlur(cv2.resize(difference, size, interpolation=cv2.INTER_AREA), (0, 0), LIGHT_PX)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def draw_seam(colour: Floats, target: Floats, left: int, top: int, unit_px: float, strength: float) -> None:
    """A soft dark line where touching lips meet. Changes `colour`, float32 (height, width, 3)."""
    line = (target[INNER_UPPER] + target[INNER_LOWER]) / 2 - (left, top)
    mask = np.zeros(colour.shape[:2], np.uint8)
    width = max(1, round(SEAM_WIDTH_IOD * unit_px))
    cv2.polylines(mask, [np.round(line * 16).astype(np.int32)], False, 255, width, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.6, SEAM_SOFT_IOD * unit_px)).astype(np.float32)
    colour *= 1 - np.float32(SEAM_ALPHA * strength / 255) * soft[..., None]


def soften_meeting(colour: Floats, target: Floats, left: int, top: int, strength: float) -> None:
    """Smooth the line in which the lips meet: there one lip's triangles end in whole pixels over the other's.

    Args:
        colour: float32 (height, width, 3), changed.
        target: (478, 2) pixels of the frame.
        left, top: the corner of `colour` in the frame.
        strength: 0 to 1.
    """
    rows = np.stack([target[INNER_UPPER], target[INNER_LOWER]]) - (left, top)
    low = np.maximum(np.floor(rows.min(axis=(0, 1))).astype(int) - 4, 0)
    high = np.minimum(np.ceil(rows.max(axis=(0, 1))).astype(int) + 5, colour.shape[1::-1])
    if (high - low < 3).any():
        return
    part = colour[low[1] : high[1], low[0] : high[0]]
    mask = np.zeros(part.shape[:2], np.uint8)
    lines = [np.round((row - low) * 16).astype(np.int32) for row in rows]
    cv2.polylines(mask, lines, False, 255, 1, cv2.LINE_AA, 4)
    share = cv2.GaussianBlur(mask, (0, 0), 0.6).astype(np.float32)[..., None] * np.float32(strength / 255)
    part += share * (cv2.GaussianBlur(part, (3, 5), 0.8) - part)


def fit_light(base: Pixels, colour: Floats, alpha: Floats, nose: Floats, unit_px: float) -> Floats:
    """What to add to the patch so that its rim has the colours of the frame: float32 (height, width, 3).

    Args:
        base: uint8 RGB (height, width, 3), the frame in the patch's region.
        colour, alpha: of the patch.
        nose: (n, 2) the line of its base in pixels of the region; nostrils, which differ for other reasons than light,
            are left out.
    """
    height, width = alpha.shape
    shrink = max(1.0, max(height, width) / MEMBRANE_PX)
    size = (max(4, round(width / shrink)), max(4, round(height / shrink)))
    small_alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    small_base = cv2.resize(base, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    difference = small_base - cv2.resize(colour, size, interpolation=cv2.INTER_AREA)
    skin = np.full((height, width), 255, np.uint8)
    line = np.round(nose * 16).astype(np.int32)
    cv2.polylines(skin, [line], False, 0, max(1, round(NOSE_WIDTH_IOD * unit_px)), shift=4)
    ring = ((small_alpha > RING[0]) & (small_alpha < RING[1])).astype(np.float32)
    ring *= cv2.resize(skin, size, interpolation=cv2.INTER_AREA) == 255
    ring /= 1 + (np.abs(difference).mean(axis=2) / np.float32(DOUBT_FROM)) ** 2
    membrane = fill_smoothly(difference, ring)
    return np.asarray(cv2.resize(membrane, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def lay_patch(out: Pixels, colour: Floats, alpha: Floats, left: int, top: int, unit_px: float) -> None:
    """Lay the patch over a frame: its light all over the rim, its detail from the middle of the rim on.

    Args:
        out: uint8 RGB (H, W, 3), changed in place.
        colour: float32 (h, w, 3), its light fitted.
        alpha: float32 (h, w), 0 to 1.
        left, top: where the patch's corner is; it lies wholly inside `out`.
        unit_px: pixels of an IOD.
    """
    height, width = alpha.shape
    base = out[top : top + height, left : left + width]
    difference = colour - base
    _turn(base, difference, _light_of(difference, unit_px), alpha, *(np.float32(share) for share in DETAIL_TURNS))


@njit(cache=True, nogil=True, fastmath=True)
def _turn(out, difference, light, alpha, begins, ends):  # type: ignore[no-untyped-def]
    """out = out + alpha light + turned (difference - light); `turned` goes from 0 to 1 as alpha does from `begins` to
    `ends`."""
    one, two, three = np.float32(1.0), np.float32(2.0), np.float32(3.0)
    for row in range(alpha.shape[0]):
        for column in range(alpha.shape[1]):
            a = alpha[row, column]
            if a <= 0.0:
                continue
            turned = min(max((a - begins) / (ends - begins), np.float32(0.0)), one)
            turned *= turned * (three - two * turned)
            for c in range(3):
                soft = light[row, column, c]
                value = np.float32(out[row, column, c]) + a * soft + turned * (difference[row, column, c] - soft)
                out[row, column, c] = np.uint8(min(max(value + np.float32(0.5), np.float32(0.0)), np.float32(255.0)))


@cache
def patch_triangles() -> NDArray[np.int32]:
    """The surface around the mouth, its opening first, so that lips are drawn over it."""
    vertices = topology.canonical_vertices()
    outline = vertices[OUTLINE, :2]
    low, high = outline.min(axis=0), outline.max(axis=0)
    skin = topology.skin_triangles()
    corners = vertices[skin][..., :2]
    near = ((corners.max(axis=1) > low) & (corners.min(axis=1) < high)).all(axis=1)
    strips = []
    for i in range(10):
        a, b, c, d = INNER_UPPER[i], INNER_LOWER[i], INNER_UPPER[i + 1], INNER_LOWER[i + 1]
        strips += [t for t in ((a, b, c), (b, d, c)) if len(set(t)) == 3]
    return np.ascontiguousarray(np.concatenate([np.array(strips, np.int32), skin[near]]))
