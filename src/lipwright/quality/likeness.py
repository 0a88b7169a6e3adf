"""Whether the face is still the person's own: form of the rigid part, and colour of the skin.

No face-recognition model is packaged, so this is no identity score: it tells that nothing was bent or recoloured.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.footage import YuvFrame
from lipwright.face.topology import EYES, NOSE_BRIDGE

_CHEEKS: Final = (50, 280, 205, 425, 187, 411)
"""Points of skin beside nose and mouth; a small square about each is averaged."""
_SQUARE_IOD: Final = 0.06


def rigid_points() -> tuple[int, ...]:
    """Eyes, brows and the bridge of the nose: a mouth does not move them."""
    rows = [point for eye in EYES for point in (eye.outer_corner, eye.inner_corner, *eye.upper_brow, *eye.lower_brow)]
    return (*rows, *NOSE_BRIDGE[:5])


_RIGID: Final = rigid_points()


def form_difference(shown: FaceMesh, origin: FaceMesh) -> float:
    """RMS distance between the rigid parts of two meshes after the best shift, turn and scale, IOD."""
    a = shown.points[list(_RIGID), :2].astype(np.float64) @ (1, 1j)
    b = origin.points[list(_RIGID), :2].astype(np.float64) @ (1, 1j)
    a, b = a - a.mean(), b - b.mean()
    turn = np.vdot(a, b) / np.vdot(a, a)
    return float(np.sqrt(np.mean(np.abs(turn * a - b) ** 2))) / max(origin.eye_distance_px, 1e-9)


def colour_difference(shown: YuvFrame, origin: YuvFrame, mesh: FaceMesh) -> float:
    """Distance between the mean colours of the skin about the mouth, CIE76 (Lab); NaN when it lies outside."""
    places = mesh.points[list(_CHEEKS), :2]
    half = max(1, round(_SQUARE_IOD * mesh.eye_distance_px / 2))
    colours = [_mean_colour(frame, places, half) for frame in (shown, origin)]
    if colours[0] is None or colours[1] is None:
        return float("nan")
    return float(np.linalg.norm(_lab(colours[0]) - _lab(colours[1])))


def _mean_colour(frame: YuvFrame, places: NDArray[np.float32], half: int) -> NDArray[np.float64] | None:
    sums: list[tuple[float, float, float]] = []
    height, width = frame.y.shape
    for x, y in places:
        column, row = round(float(x)), round(float(y))
        if not (half <= column < width - half and half <= row < height - half):
            continue
        means: list[float] = []
        for plane in (frame.y, frame.u, frame.v):
            across, down = plane.shape[1] / width, plane.shape[0] / height
            rows = slice(int((row - half) * down), int((row + half) * down) + 1)
            means.append(float(plane[rows, int((column - half) * across) : int((column + half) * across) + 1].mean()))
        sums.append((means[0], means[1], means[2]))
    return np.mean(sums, axis=0) if sums else None


def _lab(yuv: NDArray[np.float64]) -> NDArray[np.float64]:
    """One colour of BT.709, limited range, as CIE Lab under D65."""
    y, u, v = (yuv[0] - 16) / 219, (yuv[1] - 128) / 224, (yuv[2] - 128) / 224
    red, blue = y + 1.5748 * v, y + 1.8556 * u
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    rgb = np.clip(np.array([[[red, green, blue]]], np.float32), 0, 1)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab)[0, 0], np.float64)
