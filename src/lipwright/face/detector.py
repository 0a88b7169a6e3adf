"""Finds every face in a picture, large and small. Boxes come largest first and do not overlap.

Source: Bazarevsky et al., BlazeFace, 2019 (arXiv:1907.05047); anchors and decoding follow MediaPipe's graphs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceBox
from lipwright.face.network import Network

_MIN_SCORE = 0.5
_SAME_FACE_IOU = 0.3
_SAME_FACE_COVER = 0.6
"""Of the smaller box, that another box covers."""
_TILE_FROM_ASPECT = 1.3
_SMALLEST_TILE_PX = 960
"""A face of 80 px is large enough for the full-range network in a tile of this size."""
_LEAST_TILE_PX = 64
"""A strip narrower than this holds no usable face."""
_CLOSE_UP_MARGIN = 0.5
"""Of the longer side, added all around, so that a face which fills the picture becomes one that the network knows."""
_CUT_OFF = 0.05
"""A box that reaches further than this share of itself beyond a tile is left to the next tile."""


@dataclass(frozen=True, slots=True)
class _Tile:
    """A square or oblong region of the picture; it may reach out of it."""

    x: int
    y: int
    width: int
    height: int


class FaceDetector:
    """Two networks: one for close faces, one for faces that are small in the picture."""

    def __init__(self, threads: int = 1) -> None:
        """Load the networks.

        Args:
            threads: how many cores one call may use.
        """
        self._short_range = _AnchorDetector("face_detection_short_range.onnx", 128, ((8, 2), (16, 6)), threads)
        self._full_range = _AnchorDetector("face_detection_full_range_sparse.onnx", 192, ((4, 1),), threads)

    def detect(self, image: NDArray[np.uint8]) -> list[FaceBox]:
        """Find the faces.

        Args:
            image: uint8 RGB, (height, width, 3).
        Returns: boxes by falling area; empty when there is no face.
        """
        height, width = image.shape[:2]
        whole = _Tile(0, 0, width, height)
        margin = round(max(width, height) * _CLOSE_UP_MARGIN)
        found = self._short_range.detect(image, whole)
        found += self._short_range.detect(image, _Tile(-margin, -margin, width + 2 * margin, height + 2 * margin))
        found += self._full_range.detect(image, whole)
        for tile in _tiles(width, height):
            found += self._full_range.detect(image, tile)
        kept: list[FaceBox] = []
        for box in sorted(found, key=lambda box: box.score, reverse=True):
            if not any(_same_face(box, other) for other in kept):
                kept.append(box)
        return sorted(kept, key=lambda box: box.width_px * box.height_px, reverse=True)


class _AnchorDetector:
    """One single-shot network with its anchors."""

    def __init__(self, file_name: str, size_px: int, layers: tuple[tuple[int, int], ...], threads: int) -> None:
        """Load the network.

        Args:
            layers: stride in pixels and anchors per cell of each feature map.
        """
        self._network = Network(file_name, threads)
        self._size_px = size_px
        anchors = []
        for stride, per_cell in layers:
            cells = size_px // stride
            rows, columns = np.mgrid[0:cells, 0:cells]
            centres = (np.stack([columns, rows], axis=-1).reshape(-1, 2) + 0.5) * stride
            anchors.append(np.repeat(centres, per_cell, axis=0))
        self._anchors = np.concatenate(anchors)

    def detect(self, image: NDArray[np.uint8], tile: _Tile) -> list[FaceBox]:
        values, scale, offset = _letterbox(image, tile, self._size_px)
        boxes, logits = self._network(values)
        scores = 1 / (1 + np.exp(-np.clip(logits[0, :, 0].astype(np.float64), -100, 100)))
        likely = scores >= _MIN_SCORE
        if not likely.any():
            return []
        # Pairs: centre, size, six keypoints; all but the size count from the anchor.
        pairs = boxes[0][likely].reshape(-1, 8, 2).astype(np.float64)
        places = [0, 2, 3, 4, 5, 6, 7]
        pairs[:, places] += self._anchors[likely][:, None]
        pairs /= scale
        pairs[:, places] += (tile.x, tile.y) - offset / scale
        height, width = image.shape[:2]
        found = [_to_box(group, score) for group, score in _merge(pairs, scores[likely])]
        return [box for box in found if not _cut_off(box, tile, width, height)]


def _tiles(width: int, height: int) -> Iterator[_Tile]:
    """Squares that overlap by half: along a long picture, and ever smaller ones in a large picture."""
    side = min(width, height)
    if side < _LEAST_TILE_PX:
        return
    if max(width, height) < _TILE_FROM_ASPECT * side:
        side = round(side / 2)
        if side < _SMALLEST_TILE_PX:
            return
    while True:
        for y in _starts(height, side):
            for x in _starts(width, side):
                yield _Tile(x, y, min(side, width), min(side, height))
        if side < 2 * _SMALLEST_TILE_PX:
            return
        side = round(side / 2)


def _starts(length: int, side: int) -> list[int]:
    count = max(1, -(-2 * (length - side) // side) + 1)
    return [round(i * (length - side) / max(1, count - 1)) for i in range(count)]


def _letterbox(
    image: NDArray[np.uint8], tile: _Tile, size_px: int
) -> tuple[NDArray[np.float32], float, NDArray[np.float64]]:
    """Scale a tile into a square of -1 to 1.

    Returns: (size, size, 3), square pixels per picture pixel, and where the tile's corner lies in the square.
    """
    scale = size_px / max(tile.width, tile.height)
    offset = np.array([size_px - tile.width * scale, size_px - tile.height * scale]) / 2
    height, width = image.shape[:2]
    left, top = max(tile.x, 0), max(tile.y, 0)
    part = image[top : min(tile.y + tile.height, height), left : min(tile.x + tile.width, width)]
    if scale < 1:
        size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
        small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    else:
        small = part
    stretch = np.array([small.shape[1] / part.shape[1], small.shape[0] / part.shape[0]])
    matrix = np.zeros((2, 3))
    # From square pixels to pixels of the small part, edge coordinates turned to centres.
    matrix[[0, 1], [0, 1]] = stretch / scale
    corner = np.array([tile.x - left, tile.y - top])
    matrix[:, 2] = ((0.5 - offset) / scale + corner) * stretch - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    square = cv2.warpAffine(small, matrix, (size_px, size_px), flags=flags, borderMode=cv2.BORDER_CONSTANT)
    return square.astype(np.float32) / 127.5 - 1, scale, offset


def _merge(pairs: NDArray[np.float64], scores: NDArray[np.float64]) -> Iterator[tuple[NDArray[np.float64], float]]:
    """Weighted non-maximum suppression: overlapping candidates become their mean, weighted by score."""
    left = np.argsort(-scores, kind="stable")
    while left.size:
        overlap = _iou(pairs[left[0]], pairs[left])
        overlap[0] = 1
        group = left[overlap > _SAME_FACE_IOU]
        weights = scores[group] / scores[group].sum()
        yield (pairs[group] * weights[:, None, None]).sum(axis=0), float(scores[group[0]])
        left = left[overlap <= _SAME_FACE_IOU]


def _iou(one: NDArray[np.float64], many: NDArray[np.float64]) -> NDArray[np.float64]:
    low = np.maximum(one[0] - one[1] / 2, many[:, 0] - many[:, 1] / 2)
    high = np.minimum(one[0] + one[1] / 2, many[:, 0] + many[:, 1] / 2)
    shared = np.clip(high - low, 0, None).prod(axis=1)
    union = one[1].prod() + many[:, 1].prod(axis=1) - shared
    return np.asarray(shared / union)


def _to_box(pairs: NDArray[np.float64], score: float) -> FaceBox:
    (x, y), (width, height) = pairs[0] - pairs[1] / 2 - 0.5, pairs[1]
    return FaceBox(float(x), float(y), float(width), float(height), score, (pairs[2:] - 0.5).astype(np.float32))


def _cut_off(box: FaceBox, tile: _Tile, width: int, height: int) -> bool:
    """Whether a tile's inner edge cuts the face; another tile holds the whole of it."""
    slack_x, slack_y = box.width_px * _CUT_OFF, box.height_px * _CUT_OFF
    return (
        (tile.x > 0 and box.x_px < tile.x - slack_x)
        or (tile.y > 0 and box.y_px < tile.y - slack_y)
        or (tile.x + tile.width < width and box.x_px + box.width_px > tile.x + tile.width + slack_x)
        or (tile.y + tile.height < height and box.y_px + box.height_px > tile.y + tile.height + slack_y)
    )


def _same_face(one: FaceBox, other: FaceBox) -> bool:
    width = min(one.x_px + one.width_px, other.x_px + other.width_px) - max(one.x_px, other.x_px)
    height = min(one.y_px + one.height_px, other.y_px + other.height_px) - max(one.y_px, other.y_px)
    shared = max(width, 0.0) * max(height, 0.0)
    areas = one.width_px * one.height_px, other.width_px * other.height_px
    return shared > _SAME_FACE_IOU * (sum(areas) - shared) or shared > _SAME_FACE_COVER * min(areas)
