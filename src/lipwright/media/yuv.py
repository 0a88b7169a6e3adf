"""Between stored pictures and RGB, for the part of a frame that is worked on. What nobody changes stays as stored.

The RGB of a region depends on the frame alone, not on how the region is cut. Colour samples lie where H.264 puts them:
beside every second luma column, half-way between two rows.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lipwright.contracts.footage import Region, YuvFrame

Image = NDArray[np.uint8]

# BT.709, limited range, in 1/16384. Colour comes in eighths of a level: bilinear weights of .75, .25 and .5.
_ONE = 14
_LUMA = 19077
_RED_V = 3672
_GREEN_U = 437
_GREEN_V = 1091
_BLUE_U = 4326
# And back.
_Y_RED, _Y_GREEN, _Y_BLUE = 2991, 10064, 1016
_U_RED, _U_GREEN, _U_BLUE = -1649, -5547, 7196
_V_RED, _V_GREEN, _V_BLUE = 7196, -6536, -660


def region_rgb(frame: YuvFrame, region: Region) -> Image:
    """Show a region of a frame.

    Returns: a new uint8 RGB array, (region.height, region.width, 3).
    """
    rgb = np.empty((region.height, region.width, 3), np.uint8)
    kernel = _full_to_rgb if frame.u.shape == frame.y.shape else _half_to_rgb
    kernel(frame.y, frame.u, frame.v, region.left, region.top, rgb)
    return rgb


def apply_change(frame: YuvFrame, region: Region, before: Image, after: Image) -> None:
    """Add to a region what was changed in its RGB, in place; colour is averaged over each sample's own 2 x 2 pixels.

    Args:
        before: what `region_rgb` gave, uint8 RGB, (region.height, region.width, 3), C-contiguous.
        after: the same, changed. Where the two are equal, the frame stays as it is, bit for bit.
    """
    kernel = _change_full if frame.u.shape == frame.y.shape else _change_half
    kernel(frame.y, frame.u, frame.v, region.left, region.top, before, after)


def shrunk_rgb(frame: YuvFrame, width_px: int) -> Image:
    """Make a small picture of a whole frame, by averages over squares of whole pixels.

    Args:
        width_px: of the result; a frame that is narrower keeps its size.
    Returns: uint8 RGB, (height in proportion, width_px, 3).
    """
    height, width = frame.y.shape
    columns = min(width_px, width)
    rows = max(round(height * columns / width), 1)
    rgb = np.empty((rows, columns, 3), np.uint8)
    side = max(int(width / columns), 1)
    left, top = _box_starts(width, columns, side), _box_starts(height, rows, side)
    _shrink(frame.y, frame.u, frame.v, left, top, side, frame.y.shape[1] // frame.u.shape[1], rgb)
    return rgb


def region_around(left: float, top: float, right: float, bottom: float, frame_size: tuple[int, int]) -> Region:
    """Give the smallest region that holds a rectangle, or the part of it that lies in the frame.

    Args:
        left, top, right, bottom: pixels, the last two exclusive.
        frame_size: width, height.
    """
    width, height = frame_size
    first_column, last_column = _even_span(left, right, width)
    first_row, last_row = _even_span(top, bottom, height)
    return Region(left=first_column, top=first_row, width=last_column - first_column, height=last_row - first_row)


def _even_span(start: float, stop: float, limit: int) -> tuple[int, int]:
    """Widen to even edges inside 0 to `limit`; at least one chroma sample."""
    first = min(max(math.floor(start), 0), max(limit - 2, 0)) // 2 * 2
    last = -(-math.ceil(stop) // 2) * 2
    return first, min(max(last, first + 2), limit)


def _box_starts(length: int, count: int, side: int) -> NDArray[np.uint64]:
    """Where the averaged squares begin, so that each lies round the centre of its small pixel."""
    centres = (np.arange(count) + 0.5) * (length / count) - side / 2
    starts: NDArray[np.uint64] = np.clip(np.rint(centres), 0, length - side).astype(np.uint64)
    return starts


@njit(cache=True, nogil=True, inline="always")
def _clip(value):  # type: ignore[no-untyped-def]
    return min(max(value, np.int32(0)), np.int32(255))


@njit(cache=True, nogil=True)
def _mix_rows(near, far, mixed):  # type: ignore[no-untyped-def]
    """Weigh two rows of colour 3 to 1; the result is in quarters of a level."""
    for i in range(mixed.size):
        mixed[i] = np.int16(3) * np.int16(near[i]) + np.int16(far[i])


@njit(cache=True, nogil=True)
def _spread_row(mixed, first, wide):  # type: ignore[no-untyped-def]
    """Colour for every column from the even ones, in eighths of a level; `mixed` begins at sample `first`."""
    for i in range(wide.size // 2):
        wide[2 * i] = 2 * mixed[first + i]
        wide[2 * i + 1] = mixed[first + i] + mixed[first + i + 1]


@njit(cache=True, nogil=True)
def _row_to_rgb(luma, blue, red, rgb):  # type: ignore[no-untyped-def]
    """One row. Colour is in eighths of a level."""
    for i in range(luma.size):
        light = (np.int32(luma[i]) - np.int32(16)) * np.int32(_LUMA) + np.int32(1 << (_ONE - 1))
        u, v = np.int32(blue[i]) - np.int32(1024), np.int32(red[i]) - np.int32(1024)
        rgb[3 * i] = _clip((light + np.int32(_RED_V) * v) >> np.int32(_ONE))
        rgb[3 * i + 1] = _clip((light - np.int32(_GREEN_U) * u - np.int32(_GREEN_V) * v) >> np.int32(_ONE))
        rgb[3 * i + 2] = _clip((light + np.int32(_BLUE_U) * u) >> np.int32(_ONE))


@njit(cache=True, nogil=True)
def _half_to_rgb(y, u, v, left, top, rgb):  # type: ignore[no-untyped-def]
    """A region of a 4:2:0 frame."""
    height, width = rgb.shape[0], rgb.shape[1]
    rows, columns = u.shape
    first, count = left // 2, width // 2
    reach = min(count + 1, columns - first)
    mixed = np.empty(count + 1, np.int16)
    blue, red = np.empty(width, np.int16), np.empty(width, np.int16)
    for row in range(height):
        near = (top + row) // 2
        far = min(max(near + (1 if (top + row) % 2 else -1), 0), rows - 1)
        for plane, wide in ((u, blue), (v, red)):
            _mix_rows(plane[near, first : first + reach], plane[far, first : first + reach], mixed[:reach])
            mixed[count] = mixed[reach - 1]
            _spread_row(mixed, 0, wide)
        _row_to_rgb(y[top + row, left : left + width], blue, red, rgb[row].reshape(-1))


@njit(cache=True, nogil=True)
def _full_to_rgb(y, u, v, left, top, rgb):  # type: ignore[no-untyped-def]
    """A region of a 4:4:4 frame."""
    width = rgb.shape[1]
    blue, red = np.empty(width, np.int16), np.empty(width, np.int16)
    for row in range(rgb.shape[0]):
        for i in range(width):
            blue[i] = np.int16(8) * np.int16(u[top + row, left + i])
            red[i] = np.int16(8) * np.int16(v[top + row, left + i])
        _row_to_rgb(y[top + row, left : left + width], blue, red, rgb[row].reshape(-1))


@njit(cache=True, nogil=True)
def _change_luma(before, after, luma):  # type: ignore[no-untyped-def]
    """One row."""
    for i in range(luma.size):
        r = np.int32(after[3 * i]) - np.int32(before[3 * i])
        g = np.int32(after[3 * i + 1]) - np.int32(before[3 * i + 1])
        b = np.int32(after[3 * i + 2]) - np.int32(before[3 * i + 2])
        change = np.int32(_Y_RED) * r + np.int32(_Y_GREEN) * g + np.int32(_Y_BLUE) * b
        luma[i] = _clip(np.int32(luma[i]) + ((change + np.int32(1 << (_ONE - 1))) >> np.int32(_ONE)))


@njit(cache=True, nogil=True)
def _change_colour(before_even, after_even, before_odd, after_odd, blue, red):  # type: ignore[no-untyped-def]
    """Two rows, whose colour is one row of samples."""
    half, bits = np.int32(1 << (_ONE + 1)), np.int32(_ONE + 2)
    for i in range(blue.size):
        k = 6 * i
        r = np.int32(after_even[k]) - np.int32(before_even[k]) + np.int32(after_even[k + 3])
        g = np.int32(after_even[k + 1]) - np.int32(before_even[k + 1]) + np.int32(after_even[k + 4])
        b = np.int32(after_even[k + 2]) - np.int32(before_even[k + 2]) + np.int32(after_even[k + 5])
        r += np.int32(after_odd[k]) - np.int32(before_odd[k]) + np.int32(after_odd[k + 3])
        g += np.int32(after_odd[k + 1]) - np.int32(before_odd[k + 1]) + np.int32(after_odd[k + 4])
        b += np.int32(after_odd[k + 2]) - np.int32(before_odd[k + 2]) + np.int32(after_odd[k + 5])
        r -= np.int32(before_even[k + 3]) + np.int32(before_odd[k + 3])
        g -= np.int32(before_even[k + 4]) + np.int32(before_odd[k + 4])
        b -= np.int32(before_even[k + 5]) + np.int32(before_odd[k + 5])
        to_u = np.int32(_U_RED) * r + np.int32(_U_GREEN) * g + np.int32(_U_BLUE) * b
        to_v = np.int32(_V_RED) * r + np.int32(_V_GREEN) * g + np.int32(_V_BLUE) * b
        blue[i] = _clip(np.int32(blue[i]) + ((to_u + half) >> bits))
        red[i] = _clip(np.int32(red[i]) + ((to_v + half) >> bits))


@njit(cache=True, nogil=True)
def _change_full_colour(before, after, blue, red):  # type: ignore[no-untyped-def]
    """One row with a sample to each pixel."""
    half, bits = np.int32(1 << (_ONE - 1)), np.int32(_ONE)
    for i in range(blue.size):
        r = np.int32(after[3 * i]) - np.int32(before[3 * i])
        g = np.int32(after[3 * i + 1]) - np.int32(before[3 * i + 1])
        b = np.int32(after[3 * i + 2]) - np.int32(before[3 * i + 2])
        to_u = np.int32(_U_RED) * r + np.int32(_U_GREEN) * g + np.int32(_U_BLUE) * b
        to_v = np.int32(_V_RED) * r + np.int32(_V_GREEN) * g + np.int32(_V_BLUE) * b
        blue[i] = _clip(np.int32(blue[i]) + ((to_u + half) >> bits))
        red[i] = _clip(np.int32(red[i]) + ((to_v + half) >> bits))


@njit(cache=True, nogil=True)
def _change_half(y, u, v, left, top, before, after):  # type: ignore[no-untyped-def]
    """A region of a 4:2:0 frame."""
    height, width = before.shape[0], before.shape[1]
    first, last = left // 2, (left + width) // 2
    for row in range(height):
        _change_luma(before[row].reshape(-1), after[row].reshape(-1), y[top + row, left : left + width])
        if row % 2:
            _change_colour(
                before[row - 1].reshape(-1),
                after[row - 1].reshape(-1),
                before[row].reshape(-1),
                after[row].reshape(-1),
                u[(top + row) // 2, first:last],
                v[(top + row) // 2, first:last],
            )


@njit(cache=True, nogil=True)
def _change_full(y, u, v, left, top, before, after):  # type: ignore[no-untyped-def]
    """A region of a 4:4:4 frame."""
    right = left + before.shape[1]
    for row in range(before.shape[0]):
        old, new = before[row].reshape(-1), after[row].reshape(-1)
        _change_luma(old, new, y[top + row, left:right])
        _change_full_colour(old, new, u[top + row, left:right], v[top + row, left:right])


@njit(cache=True, nogil=True)
def _add_row(row, total):  # type: ignore[no-untyped-def]
    for i in range(total.size):
        total[i] += np.int32(row[i])


@njit(cache=True, nogil=True)
def _average(total, left, side, luma):  # type: ignore[no-untyped-def]
    """Column sums to the averages of squares."""
    inverse = np.int32(np.rint(65536.0 / (side * side)))
    for i in range(luma.size):
        light = np.int32(1 << 15) // inverse
        for k in range(side):
            light += total[left[i] + k]
        luma[i] = (light * inverse) >> np.int32(16)


@njit(cache=True, nogil=True)
def _pick(row, columns, wide):  # type: ignore[no-untyped-def]
    for i in range(wide.size):
        wide[i] = np.int16(8) * np.int16(row[columns[i]])


@njit(cache=True, nogil=True)
def _shrink(y, u, v, left, top, side, colour_step, rgb):  # type: ignore[no-untyped-def]
    """Average squares of luma; of their colour take the sample at the centre.

    Args:
        left, top: unsigned, first column and row of each square.
        side: of a square, pixels.
        colour_step: luma columns to a colour sample, 1 or 2.
    """
    columns = (left + np.uint64(side // 2)) // np.uint64(colour_step)
    total = np.empty(y.shape[1], np.int32)
    luma, blue, red = np.empty(left.size, np.uint8), np.empty(left.size, np.int16), np.empty(left.size, np.int16)
    for row in range(top.size):
        total[:] = 0
        for k in range(side):
            _add_row(y[np.int64(top[row]) + k], total)
        _average(total, left, np.uint64(side), luma)
        colour_row = (np.int64(top[row]) + side // 2) // colour_step
        _pick(u[colour_row], columns, blue)
        _pick(v[colour_row], columns, red)
        _row_to_rgb(luma, blue, red, rgb[row].reshape(-1))
