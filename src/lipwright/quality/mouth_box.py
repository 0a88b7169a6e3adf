"""The mouth, held still: what changes there from frame to frame is lips, teeth and skin, not the head.

Both pictures of a pair are cut along the source's rigid points, so that the two crops show the same place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.face.topology import INNER_LIP_LOWER, INNER_LIP_UPPER, JAW, OUTER_LIP_LOWER, OUTER_LIP_UPPER
from lipwright.quality.alignment import crop, crop_matrix

SIDE_PX = 128
CENTRE, WIDTH = (0.0, 0.72), 1.1
"""Canonical: from the nose base to the chin."""
PARTS: Final = ("lips", "interior", "skin")
LEAST_PIXELS = 24
"""Of the crop: a smaller part says nothing."""

_RIM_PX = 5
"""Skin so near the lips belongs to neither: their edge moves through it."""
_JAW_EDGE_PX = 4

Pixels = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Box:
    """The mouth of one picture."""

    luma: NDArray[np.float32]
    """(SIDE_PX, SIDE_PX)."""
    lips: Flags
    interior: Flags
    skin: Flags
    points: Floats
    """(points, 2): the mesh, pixels of the crop."""


def mouth_box(luma: Pixels, mesh: FaceMesh, anchor: FaceMesh) -> Box:
    """Cut the mouth out of a picture.

    Args:
        luma: uint8 (height, width).
        mesh: the face in this picture: where its lips are.
        anchor: the face in the source's picture: what holds the crop still.
    """
    matrix = crop_matrix(anchor, SIDE_PX, CENTRE, WIDTH)
    part, cut = _surroundings(luma, matrix)
    points = mesh.points[:, :2].astype(np.float64) @ matrix[:, :2].T + matrix[:, 2]
    outer = _filled(points[[*OUTER_LIP_UPPER, *reversed(OUTER_LIP_LOWER)]])
    interior = _filled(points[[*INNER_LIP_UPPER, *reversed(INNER_LIP_LOWER)]])
    near = cv2.dilate(outer, np.ones((2 * _RIM_PX + 1, 2 * _RIM_PX + 1), np.uint8))
    hull = cv2.convexHull(points[[*JAW, *OUTER_LIP_UPPER, 2]].astype(np.float32))[:, 0].astype(np.float64)
    face = cv2.erode(_filled(hull), np.ones((2 * _JAW_EDGE_PX + 1, 2 * _JAW_EDGE_PX + 1), np.uint8))
    return Box(
        luma=crop(part, cut, SIDE_PX).astype(np.float32),
        lips=(outer > 0) & (interior == 0),
        interior=interior > 0,
        skin=(face > 0) & (near == 0),
        points=points,
    )


def change_energy(before: Box, now: Box, instead: NDArray[np.float32] | None = None) -> dict[str, float]:
    """Mean squared change of each of PARTS since the frame before, squared grey levels; NaN for a part too small.

    A part is what belongs to it in either frame; what is interior in either is no lip, and what is lip no skin.

    Args:
        instead: what is compared with the frame before, (SIDE_PX, SIDE_PX); None for the frame itself.
    """
    squared = np.square((now.luma if instead is None else instead) - before.luma)
    interior = before.interior | now.interior
    lips = (before.lips | now.lips) & ~interior
    skin = before.skin & now.skin
    parts = {"lips": lips, "interior": interior, "skin": skin}
    return {name: _mean(squared, parts[name]) for name in PARTS}


def contrast(box: Box) -> dict[str, float]:
    """How much neighbouring pixels of each of PARTS differ, mean square, squared grey levels."""
    across, down = np.diff(box.luma, axis=1, prepend=box.luma[:, :1]), np.diff(box.luma, axis=0, prepend=box.luma[:1])
    squared = np.square(across) + np.square(down)
    return {name: _mean(squared, getattr(box, name)) for name in PARTS}


def light_difference(shown: Box, origin: Box) -> float:
    """How much lighter the skin about the mouth is than the source's, mean luma; NaN when hardly any is seen."""
    return _mean(shown.luma - origin.luma, shown.skin & origin.skin)


def grain(box_or_luma: NDArray[np.float32] | Pixels, where: Flags) -> float:
    """How noisy flat skin is: standard deviation of what no edge explains, grey levels; NaN for too few pixels.

    Source: Immerkaer, Fast noise variance estimation, 1996; of the four fifths of pixels that change least.
    """
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    found = np.abs(cv2.filter2D(np.asarray(box_or_luma, np.float32), cv2.CV_32F, kernel))[where]
    if found.size < LEAST_PIXELS:
        return float("nan")
    kept = np.sort(found)[: found.size * 4 // 5]
    return float(np.sqrt(np.pi / 2) * kept.mean() / 6)


def skin_region(luma: Pixels, mesh: FaceMesh) -> tuple[Pixels, Flags]:
    """The picture about the mouth at its own size, and which of its pixels are skin of chin and cheeks."""
    points = mesh.points[:, :2].astype(np.float64)
    lips = points[[*OUTER_LIP_UPPER, *OUTER_LIP_LOWER]]
    margin = 0.25 * mesh.eye_distance_px
    low = np.maximum(np.floor(lips.min(axis=0) - margin), 0).astype(int)
    high = np.ceil(lips.max(axis=0) + margin).astype(int)
    part = luma[low[1] : max(high[1], low[1]), low[0] : max(high[0], low[0])]
    if min(part.shape) < 8:
        return part, np.zeros(part.shape, np.bool_)
    size = (part.shape[0], part.shape[1])
    around = max(1, round(0.06 * mesh.eye_distance_px))
    ring = _filled(points[[*OUTER_LIP_UPPER, *reversed(OUTER_LIP_LOWER)]] - low, size)
    outer = cv2.dilate(ring, np.ones((2 * around + 1, 2 * around + 1), np.uint8))
    face = _filled(cv2.convexHull((points[list(JAW)] - low).astype(np.float32))[:, 0].astype(np.float64), size)
    return part, (face > 0) & (outer == 0)


def _surroundings(luma: Pixels, matrix: Floats) -> tuple[Pixels, Floats]:
    """The part of the picture that the crop shows, with a margin, and the crop's matrix for it."""
    back = np.linalg.inv(matrix[:, :2])
    corners = np.array([[0, 0], [SIDE_PX, 0], [0, SIDE_PX], [SIDE_PX, SIDE_PX]], np.float64)
    seen = (corners - matrix[:, 2]) @ back.T
    height, width = luma.shape
    left, top = (
        int(np.clip(np.floor(v) - 4, 0, limit - 1)) for v, limit in zip(seen.min(0), (width, height), strict=True)
    )
    right, bottom = (
        int(np.clip(np.ceil(v) + 4, 1, limit)) for v, limit in zip(seen.max(0), (width, height), strict=True)
    )
    part = luma[top : max(bottom, top + 1), left : max(right, left + 1)]
    shifted = matrix.copy()
    shifted[:, 2] += matrix[:, :2] @ (left, top)
    return part, shifted


def _filled(outline: Floats, size: Sequence[int] = (SIDE_PX, SIDE_PX)) -> Pixels:
    canvas = np.zeros(tuple(size), np.uint8)
    cv2.fillPoly(canvas, [np.round(outline * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
    return canvas


def _mean(values: NDArray[np.float32], where: Flags) -> float:
    count = int(where.sum())
    return float(values[where].mean()) if count >= LEAST_PIXELS else float("nan")
