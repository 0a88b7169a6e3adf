"""A picture seen through a displacement field, as sharp as it was."""

import cv2
import numpy as np
from numba import njit

from lipwright.render.arrays import Floats, Pixels


def sample(image: Pixels, field: Floats, left: int, top: int, crispness: float) -> Pixels:
    """Look at a picture through a field: bicubic, crisper between pixels, exact where nothing moves.

    Args:
        image: uint8 RGB.
        field: float32 (h, w, 2) displacement of each pixel to the place it shows.
        left, top: the field's corner, in pixels of `image`.
        crispness: share of the second difference that is put back half-way between pixels, where sampling is softest.
    Returns: uint8 RGB (h, w, 3).
    """
    height, width = field.shape[:2]
    across = field[..., 0] + np.arange(left, left + width, dtype=np.float32)
    down = field[..., 1] + np.arange(top, top + height, dtype=np.float32)[:, None]
    seen = np.asarray(cv2.remap(image, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    out = seen.copy()
    _crisp(seen.reshape(height, -1), field, out.reshape(height, -1), np.float32(crispness))
    return out


@njit(cache=True, nogil=True, fastmath=True)
def _weigh(displaced, crispness, weight):  # type: ignore[no-untyped-def]
    """Crispness of each sample by how far between pixels it lies, (width,). Compiles to vector instructions."""
    for x in range(weight.size):
        phase = displaced[x] - np.float32(np.floor(displaced[x]))
        weight[x] = crispness * np.float32(4.0) * phase * (np.float32(1.0) - phase)


@njit(cache=True, nogil=True, fastmath=True)
def _spread(weight, channels):  # type: ignore[no-untyped-def]
    """One value per pixel to one per channel, (width,) to (3 width,)."""
    for x in range(weight.size):
        channels[3 * x] = weight[x]
        channels[3 * x + 1] = weight[x]
        channels[3 * x + 2] = weight[x]


@njit(cache=True, nogil=True, fastmath=True)
def _crisp_row(above, here, below, across, down, out):  # type: ignore[no-untyped-def]
    """One row; `here` is three values longer than the others on either side. Compiles to vector instructions."""
    two = np.float32(2.0)
    for i in range(out.size):
        value = np.float32(here[i + 3])
        sideways = np.float32(here[i]) + np.float32(here[i + 6]) - two * value
        updown = np.float32(above[i]) + np.float32(below[i]) - two * value
        value = value - across[i] * sideways - down[i] * updown + np.float32(0.5)
        out[i] = np.uint8(np.int32(min(max(value, np.float32(0.0)), np.float32(255.0))))


@njit(cache=True, nogil=True, fastmath=True)
def _crisp(seen, field, out, crispness):  # type: ignore[no-untyped-def]
    """Take from each pixel its second differences, in proportion to how far between pixels it was sampled.

    Args:
        seen: uint8 (height, 3 width), the picture, its channels side by side.
        field: float32 (height, width, 2).
        out: like `seen`, written; its rim is left alone.
        crispness: float32.
    """
    width = field.shape[1]
    last = 3 * width - 3
    weight = np.empty(width, np.float32)
    across, down = np.empty(3 * width, np.float32), np.empty(3 * width, np.float32)
    for y in range(1, field.shape[0] - 1):
        _weigh(field[y, :, 0], crispness, weight)
        _spread(weight, across)
        _weigh(field[y, :, 1], crispness, weight)
        _spread(weight, down)
        _crisp_row(seen[y - 1, 3:last], seen[y], seen[y + 1, 3:last], across[3:last], down[3:last], out[y, 3:last])
