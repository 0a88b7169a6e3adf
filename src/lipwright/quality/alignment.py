"""Takes a face out of a frame so that it keeps its place: what still moves in the crop is lips, eyes and skin."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.face.topology import canonical_vertices

RIGID_POINTS: Final = (33, 133, 362, 263, 168, 6, 197, 195, 5)
"""Eye corners and the bridge of the nose: they follow the head, whatever the mouth does."""

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]


def crop_matrix(mesh: FaceMesh, side_px: int, centre: tuple[float, float], width: float) -> Floats:
    """The similarity from a frame to a square crop.

    Args:
        centre: of the crop in canonical units: x right, y down, from the middle of the nose bridge, 1 is the IOD.
        width: of the crop in canonical units.
    Returns: (2, 3), frame pixels to crop pixels; the least squares over RIGID_POINTS.
    """
    canonical = canonical_vertices()[list(RIGID_POINTS), :2].astype(np.float64)
    scale = side_px / width
    wanted = (canonical - centre) * scale + (side_px - 1) / 2
    return _similarity(mesh.points[list(RIGID_POINTS), :2].astype(np.float64), wanted)


def crop(image: Pixels, matrix: Floats, side_px: int) -> Pixels:
    """Cut a square out of a frame, (side_px, side_px) and channels; what lies outside repeats the frame's edge."""
    shrinks = float(np.hypot(matrix[0, 0], matrix[1, 0])) < 0.6
    if shrinks:
        factor = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
        across, down = size[0] / image.shape[1], size[1] / image.shape[0]
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        grow = np.array([[1 / across, 0, 0.5 / across - 0.5], [0, 1 / down, 0.5 / down - 0.5], [0, 0, 1]])
        matrix = matrix @ grow
    cut = cv2.warpAffine(image, matrix, (side_px, side_px), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)


def _similarity(source: Floats, target: Floats) -> Floats:
    """Scale, turn and shift that take `source` to `target`, least squares."""
    a, b = source @ (1, 1j), target @ (1, 1j)
    centred = a - a.mean()
    turn = complex(np.vdot(centred, b - b.mean()) / np.vdot(centred, centred))
    shift = b.mean() - turn * a.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
