"""What a lip-sync may change of a picture, and how much has changed outside of that.

Encoders change single pixels everywhere, and hardly the means of blocks. What they do is measured in the same frame,
far from the face, and what is changed beside the mask counts by how much it is more.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.sidecar import PixelBox
from lipwright.face.topology import JAW, NOSE_BASE, SKIN_POINT_COUNT
from lipwright.quality.picture import BLOCK_PX

_OUT_ASIDE, _OUT_BELOW = 0.18, 0.62
"""Of the way from the face's middle to the jaw: how far beyond it skin may move, at the ears and below the chin."""
_UPPER_EDGE: Final = (93, 195, 323)
"""Where the motion of the jaw has died away: at the ears and on the bridge of the nose."""
_NEAR_IOD: Final = 0.6
"""Around the mask: what a pasted patch would change."""
_LEAST_FAR_BLOCKS: Final = 40
_TEXTURE_BINS: Final = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 1e9)
"""Grey levels between neighbouring blocks: encoders change flat and busy places by different amounts."""

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OutsideChange:
    """Between a frame and its source, outside the mask; grey levels of means over blocks of 8 x 8."""

    near: float
    """Mean around the mask; NaN without a face, when nothing of the picture may change."""
    far: float
    """Mean far from the face, over places as busy as those around the mask, the tenth that changes most left out; NaN
    where there is none."""
    worst: float
    """The block that changed most, around the mask; without a face, anywhere."""
    worst_far: float
    """What encoding may do to one block: four times the 90th percentile far from the face; 0 where there is none."""
    far_mean: float
    """Mean far from the face; NaN where there is none."""


def mask_outline(mesh: FaceMesh) -> Floats:
    """Inside of this outline a lip-sync may change the picture: lower face and the neck below it, (n, 2) pixels."""
    points = mesh.points[:SKIN_POINT_COUNT, :2].astype(np.float64)
    jaw = points[list(JAW)]
    out = jaw - points.mean(axis=0)
    length = np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
    down = np.clip(out[:, 1:] / length, 0, 1)
    around = jaw + out * (_OUT_ASIDE + (_OUT_BELOW - _OUT_ASIDE) * down)
    nose = points[[*_UPPER_EDGE, *NOSE_BASE]]
    hull = cv2.convexHull(np.concatenate([around, nose]).astype(np.float32))
    return np.asarray(hull[:, 0], np.float64)


def fill_outlines(shape: tuple[int, int], outlines: list[Floats], shrink: int = 1) -> Flags:
    """Where any of the outlines covers a picture of `shape` (height, width), at 1 / shrink of its size."""
    covered = np.zeros((shape[0] // shrink, shape[1] // shrink), np.uint8)
    for outline in outlines:
        places = np.round(((outline + 0.5) / shrink - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(covered, [places], 1, cv2.LINE_8, 4)
    return covered.astype(np.bool_)


def outside_change(
    shown: NDArray[np.uint8],
    origin: NDArray[np.uint8],
    outlines: list[Floats],
    eye_distance_px: float,
    overlays: tuple[PixelBox, ...] = (),
) -> OutsideChange | None:
    """Compare luma outside of the mask.

    Args:
        shown, origin: uint8 (height, width), of the finished frame and of its source.
        outlines: what may have changed, see `mask_outline`, of the face in both pictures; none where it is not seen.
        overlays: what was drawn over the picture on purpose.
    Returns: None when the mask leaves nothing of the picture.
    """
    before = _blocks(origin)
    change = _blocks(shown) - before
    size = np.abs(change)
    drawn = _drawn(change.shape, overlays)
    if not outlines:
        free = size[~drawn]
        if not free.size:
            return None
        coding, mean = 4 * float(np.quantile(free, 0.9)), float(free.mean())
        return OutsideChange(float("nan"), float("nan"), float(free.max()), coding, mean)
    covered = fill_outlines(origin.shape, outlines, BLOCK_PX)[: change.shape[0], : change.shape[1]].astype(np.uint8)
    inside = cv2.dilate(covered, np.ones((3, 3), np.uint8))
    radius = max(1, round(_NEAR_IOD * eye_distance_px / BLOCK_PX))
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    around = cv2.dilate(inside, element)
    near = (around > 0) & (inside == 0) & ~drawn
    far = (around == 0) & ~drawn
    if not near.any():
        return None
    alike, worst_far, far_mean = float("nan"), 0.0, float("nan")
    if int(far.sum()) >= _LEAST_FAR_BLOCKS:
        alike = _alike(size, _busyness(before), near, far)
        worst_far, far_mean = 4 * float(np.quantile(size[far], 0.9)), float(size[far].mean())
    return OutsideChange(
        near=float(size[near].mean()),
        far=alike,
        worst=float(size[near].max()),
        worst_far=worst_far,
        far_mean=far_mean,
    )


def _blocks(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = (side // BLOCK_PX for side in luma.shape)
    whole = luma[: height * BLOCK_PX, : width * BLOCK_PX]
    means = cv2.resize(whole.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(means, np.float32)


def _busyness(blocks: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much each block differs from its neighbours, grey levels."""
    return np.asarray(cv2.morphologyEx(blocks, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) / 2, np.float32)


def _alike(size: NDArray[np.float32], busy: NDArray[np.float32], near: Flags, far: Flags) -> float:
    """Mean change far away, weighted so that flat and busy places have the shares that they have nearby."""
    total = weight = 0.0
    for low, high in pairwise(_TEXTURE_BINS):
        level = (busy >= low) & (busy < high)
        here, there = int((near & level).sum()), size[far & level]
        if here and len(there):
            total += here * float(np.sort(there)[: max(1, len(there) * 9 // 10)].mean())
            weight += here
    return total / weight if weight else float("nan")


def _drawn(shape: tuple[int, ...], overlays: tuple[PixelBox, ...]) -> Flags:
    drawn = np.zeros(shape, np.bool_)
    for box in overlays:
        rows = slice(max(box.top, 0) // BLOCK_PX, -(-max(box.bottom, 0) // BLOCK_PX))
        drawn[rows, max(box.left, 0) // BLOCK_PX : -(-max(box.right, 0) // BLOCK_PX)] = True
    return drawn
