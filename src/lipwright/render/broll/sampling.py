"""One view of a picture at any place and size, exact to parts of a pixel: slow motion neither trembles nor breathes.

Samples are Catmull-Rom's, a little crisper between pixels than on them, where interpolation is softer.
"""

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.kernels import CRISPNESS

RIM = 3
"""Pixels that a picture has to have around a view."""


def sample_view(turned: Pixels, left: float, top: float, step_x: float, step_y: float, view: Pixels) -> None:
    """Show a part of a picture.

    Columns are mixed first, then lines. Both times whole lines of memory are added up, which is fast: that is why the
    picture is wanted with its columns as lines.

    Args:
        turned: the picture, uint8 RGB, contiguous, transposed: (width, height, 3).
        left, top: pixels, the corner of the part; `RIM` pixels lie beyond all its edges.
        step_x, step_y: pixels of the picture to one of the view, about 1.
        view: uint8 RGB (height, width, 3), contiguous, written.
    """
    height, width = view.shape[:2]
    columns, across = _taps(left, step_x, width)
    rows, down = _taps(top, step_y, height)
    narrow = np.empty((width, int(rows[-1] - rows[0]) + 4, 3), np.uint8)
    _mix_lines(turned.reshape(len(turned), -1), 3 * int(rows[0]), columns, across, narrow.reshape(width, -1))
    upright = cv2.transpose(narrow)
    _mix_lines(upright.reshape(len(upright), -1), 0, rows - rows[0], down, view.reshape(height, -1))


def _taps(start: float, step: float, count: int) -> tuple[NDArray[np.int64], Floats]:
    """First of four neighbouring pixels for each pixel of the view, and their weights: float32 (4, count)."""
    place = start + (np.arange(count) + 0.5) * step - 0.5
    first = np.floor(place)
    t = place - first
    s = 1 - t
    crisp = float(CRISPNESS) * 4 * t * s
    weights = [
        -t * s * s / 2 - crisp,
        1 + t * t * (1.5 * t - 2.5) + crisp,
        1 + s * s * (1.5 * s - 2.5) + crisp,
        -s * t * t / 2 - crisp,
    ]
    return first.astype(np.int64) - 1, np.array(weights, np.float32)


@njit(cache=True, nogil=True, fastmath=True)
def _mix_lines(lines, begin, first, weights, mixed):  # type: ignore[no-untyped-def]
    """Write weighed sums of four lines each.

    Args:
        lines: uint8 (lines, samples). begin: the first sample that is wanted.
        first: int64 (n,), the first of the four lines. weights: float32 (4, n).
        mixed: uint8 (n, wanted samples), written.
    """
    count = mixed.shape[1]
    for k in range(mixed.shape[0]):
        a, b = lines[first[k], begin : begin + count], lines[first[k] + 1, begin : begin + count]
        c, d = lines[first[k] + 2, begin : begin + count], lines[first[k] + 3, begin : begin + count]
        _mix(a, b, c, d, weights[0, k], weights[1, k], weights[2, k], weights[3, k], mixed[k])


@njit(cache=True, nogil=True, fastmath=True)
def _mix(a, b, c, d, of_a, of_b, of_c, of_d, mixed):  # type: ignore[no-untyped-def]
    """One line: a loop that compiles to vector instructions."""
    for i in range(mixed.size):
        value = of_a * np.float32(a[i]) + of_b * np.float32(b[i]) + of_c * np.float32(c[i]) + of_d * np.float32(d[i])
        mixed[i] = np.uint8(min(max(value + np.float32(0.5), np.float32(0.0)), np.float32(255.0)))
