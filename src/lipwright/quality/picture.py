"""Pixels of a finished video: sharpness, flicker of skin, what moves beside the person, frozen and black frames."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.sidecar import PixelBox
from lipwright.face.topology import INNER_LIP_LOWER, INNER_LIP_UPPER, OUTER_LIP_LOWER, OUTER_LIP_UPPER
from lipwright.quality.alignment import crop, crop_matrix

BLOCK_PX = 8
"""Compression changes single pixels all the time, and hardly the mean of a block."""
BLACK_LEVEL = 20.0
"""A frame whose brightest block is darker shows nothing."""

_MOUTH_MARGIN = 0.15
"""IOD around the outer lips."""
_HOLE_MARGIN = 0.035
"""IOD around what is left out: the dark edges of teeth and of the seam."""
_SKIN_SIDE_PX = 96
_SKIN_CENTRE, _SKIN_WIDTH = (0.0, 0.32), 1.3
"""Canonical: from the brows to the mouth."""
_CHEEKS: Final = (((-0.36, 0.42), 0.13), ((0.36, 0.42), 0.13), ((0.0, 0.30), 0.12))
"""Canonical discs of skin that neither lips nor lids touch: cheeks and nose."""

Pixels = NDArray[np.uint8]
Grey = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Blocks = NDArray[np.float32]


def grey_of(image: Pixels) -> Grey:
    """Luma, uint8 (height, width)."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def at_scale(grey: Grey, mesh: FaceMesh, scale: float) -> tuple[Grey, FaceMesh]:
    """Shrink a frame together with the face in it; a scale of 1 gives back both."""
    if scale >= 1:
        return grey, mesh
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    across, down = size[0] / grey.shape[1], size[1] / grey.shape[0]
    points = mesh.points * np.array([across, down, across], np.float32)
    points[:, :2] += np.array([across / 2 - 0.5, down / 2 - 0.5], np.float32)
    return small, FaceMesh(points.astype(np.float32), mesh.presence)


def face_sharpness(grey: Grey, mesh: FaceMesh) -> float | None:
    """Sharpness in the box about a face without its lips, see `_sharpness`."""
    lips = mesh.points[[*OUTER_LIP_UPPER, *reversed(OUTER_LIP_LOWER)], :2]
    return _sharpness(grey, _box_about(mesh.points[:, :2], 0.0), lips, mesh.eye_distance_px)


def mouth_sharpness(grey: Grey, mesh: FaceMesh, scale_px: float = 0.0) -> float | None:
    """Sharpness of lips and skin about the mouth, see `_sharpness`.

    The opening is left out: teeth that appear are no sharpness, and teeth that a closed mouth hides are no blur.

    Args:
        scale_px: sigma of the smallest details that count; 0 for single pixels.
    """
    lips = mesh.points[[*OUTER_LIP_UPPER, *OUTER_LIP_LOWER], :2]
    opening = mesh.points[[*INNER_LIP_UPPER, *reversed(INNER_LIP_LOWER)], :2]
    box = _box_about(lips, _MOUTH_MARGIN * mesh.eye_distance_px)
    return _sharpness(grey, box, opening, mesh.eye_distance_px, scale_px)


def _sharpness(
    grey: Grey, box: PixelBox, hole: NDArray[np.float32], eye_distance_px: float, scale_px: float = 0.0
) -> float | None:
    """Variance of the Laplacian, squared grey levels; None when fewer than 8 pixels are a side.

    Args:
        hole: a polygon that is left out, with _HOLE_MARGIN around it.
    Source: Pertuz et al., Analysis of focus measure operators for shape-from-focus, 2013.
    """
    height, width = grey.shape
    left, top = max(box.left, 0), max(box.top, 0)
    region = grey[top : max(min(box.bottom, height), top), left : max(min(box.right, width), left)]
    if min(region.shape) < 8:
        return None
    smooth = cv2.GaussianBlur(region.astype(np.float32), (0, 0), scale_px) if scale_px else region
    edges = cv2.Laplacian(smooth, cv2.CV_32F)[1:-1, 1:-1]
    keep = np.full(region.shape, 255, np.uint8)
    outline = np.round((hole - (left, top)) * 16).astype(np.int32)
    around = max(1, round(2 * _HOLE_MARGIN * eye_distance_px))
    cv2.fillPoly(keep, [outline], 0, cv2.LINE_8, 4)
    cv2.polylines(keep, [outline], True, 0, around, cv2.LINE_8, 4)
    kept = edges[keep[1:-1, 1:-1] > 0]
    return float(kept.var()) if kept.size >= 64 else None


def blocks_of(grey: Grey) -> Blocks:
    """Means of blocks of BLOCK_PX, float32; pixels that fill no block at the right and lower edge are left out."""
    height, width = (side // BLOCK_PX for side in grey.shape)
    whole = grey[: height * BLOCK_PX, : width * BLOCK_PX]
    return np.asarray(cv2.resize(whole.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA), np.float32)


def blocks_outside(inside: Flags) -> Flags:
    """Blocks that hold no pixel of `inside` (height, width) and have no neighbour that does."""
    height, width = (side // BLOCK_PX for side in inside.shape)
    whole = inside[: height * BLOCK_PX, : width * BLOCK_PX].reshape(height, BLOCK_PX, width, BLOCK_PX)
    touched = np.asarray(whole.any(axis=(1, 3)), np.uint8)
    return np.asarray(cv2.dilate(touched, np.ones((3, 3), np.uint8)) == 0)


class Stillness:
    """Compares each frame with the first one, where nothing should move."""

    def __init__(self, outside: Flags) -> None:
        """Begin.

        Args:
            outside: blocks that should not change, see `blocks_outside`.
        """
        self._outside = outside
        self._first: Blocks | None = None
        self.largest = 0.0
        """Grey levels, of the block that moved most in any frame."""
        self._sum = 0.0
        self._frames = 0

    @property
    def mean(self) -> float:
        """Grey levels, over all blocks and frames after the first."""
        return self._sum / max(self._frames, 1)

    def look(self, blocks: Blocks) -> None:
        """Take the next frame's blocks."""
        seen = blocks[self._outside]
        if self._first is None:
            self._first = seen
            return
        change = np.abs(seen - self._first)
        self.largest = max(self.largest, float(change.max(initial=0.0)))
        self._sum += float(change.mean())
        self._frames += 1


class Skin:
    """Follows cheeks and nose of one face: what changes there while the head is held still is flicker."""

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None
        self._mask = _cheek_mask()

    def flicker(self, grey: Grey, mesh: FaceMesh | None) -> float | None:
        """RMS change of the skin since the frame before, grey levels; None when either has no face."""
        if mesh is None:
            self._before = None
            return None
        matrix = crop_matrix(mesh, _SKIN_SIDE_PX, _SKIN_CENTRE, _SKIN_WIDTH)
        now = crop(grey, matrix, _SKIN_SIDE_PX).astype(np.float32)
        before, self._before = self._before, now
        if before is None:
            return None
        return float(np.sqrt(np.mean(np.square((now - before)[self._mask]))))


def _cheek_mask() -> Flags:
    scale = _SKIN_SIDE_PX / _SKIN_WIDTH
    mask = np.zeros((_SKIN_SIDE_PX, _SKIN_SIDE_PX), np.uint8)
    for (x, y), radius in _CHEEKS:
        centre = (
            round((x - _SKIN_CENTRE[0]) * scale + (_SKIN_SIDE_PX - 1) / 2),
            round((y - _SKIN_CENTRE[1]) * scale + (_SKIN_SIDE_PX - 1) / 2),
        )
        cv2.circle(mask, centre, round(radius * scale), 1, -1)
    return mask.astype(np.bool_)


def _box_about(points: NDArray[np.float32], margin: float) -> PixelBox:
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    return PixelBox(
        left=int(np.floor(low[0])), top=int(np.floor(low[1])), right=int(np.ceil(high[0])) + 1,
        bottom=int(np.ceil(high[1])) + 1,
    )  # fmt: skip
