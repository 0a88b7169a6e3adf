"""High dynamic range to standard, by a table of colours that is looked up in the stored YUV itself.

What a screen shows of the source, in cd/m², is tone-mapped to a white of 203 by the curve of ITU-R BT.2390-11 (5.4.1),
applied to the largest of red, green and blue, so that hues stay. Up to about 90 cd/m² nothing changes: skin keeps its
light. Then the colours of BT.2020 become those of BT.709; ones that do not exist there lose saturation, not light.
"""

from enum import IntEnum
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lipwright.contracts.footage import YuvFrame

Floats = NDArray[np.float64]

WHITE_CD_M2 = 203.0
"""Of standard range: diffuse white in HDR, ITU-R BT.2408."""
PEAK_CD_M2 = 1000.0
"""The brightest that is told apart; the peak of the screen for which HLG is defined, and of most graded PQ."""
_GAMMA = 2.4
_LUMINANCE_2020 = np.array([0.2627, 0.6780, 0.0593])
_LUMINANCE_709 = np.array([0.2126, 0.7152, 0.0722])
_TO_709 = np.array(
    [[1.660491, -0.587641, -0.072850], [-0.124551, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]]
)
_M1, _M2 = 2610 / 16384, 2523 / 32
_C1, _C2, _C3 = 3424 / 4096, 2413 / 128, 2392 / 128


class Transfer(IntEnum):
    """How light is coded, by the numbers of ITU-T H.273."""

    PQ = 16
    HLG = 18


def to_standard(coded: Floats, transfer: Transfer) -> Floats:
    """Bring colours to standard range.

    Args:
        coded: (..., 3) red, green, blue as coded in BT.2020, 0 to 1.
    Returns: (..., 3) as coded in BT.709, 0 to 1.
    Source: SMPTE ST 2084, ITU-R BT.2100-2 (HLG at a nominal peak of 1000 cd/m²), ITU-R BT.2390-11, ITU-R BT.2087.
    """
    light = _pq_light(coded) if transfer is Transfer.PQ else _hlg_light(coded)
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    light = light * (_tone_map(brightest) / brightest) / WHITE_CD_M2
    return np.asarray(np.clip(_into_gamut(light @ _TO_709.T), 0, 1) ** (1 / _GAMMA), np.float64)


def make_standard(
    y: NDArray[np.uint16], u: NDArray[np.uint16], v: NDArray[np.uint16], transfer: Transfer, frame: YuvFrame
) -> None:
    """Convert one picture.

    Args:
        y, u, v: 10 bits, BT.2020, limited range; rows may be padded.
        frame: of the same sizes, written.
    """
    kernel = _convert_full if u.shape == y.shape else _convert_half
    to_y, to_u, to_v = _tables(transfer)
    kernel(y, u, v, to_y, to_u, to_v, frame.y, frame.u, frame.v)


@cache
def _tables(transfer: Transfer) -> tuple[NDArray[np.float32], ...]:
    """Standard Y, U, V for every 16th code of each, (65, 65, 65), u before v before y."""
    u, v, y = np.meshgrid(np.arange(0, 1025, 16), np.arange(0, 1025, 16), np.arange(0, 1025, 16), indexing="ij")
    light, blue, red = (y / 4 - 16) / 219, (u / 4 - 128) / 224, (v / 4 - 128) / 224
    _, green_share, blue_share = _LUMINANCE_2020
    r = light + 2 * (1 - _LUMINANCE_2020[0]) * red
    b = light + 2 * (1 - blue_share) * blue
    g = (light - _LUMINANCE_2020[0] * r - blue_share * b) / green_share
    coded = to_standard(np.clip(np.stack([r, g, b], -1), 0, 1), transfer)
    luma = coded @ _LUMINANCE_709
    planes = (
        16 + 219 * luma,
        128 + 224 * (coded[..., 2] - luma) / (2 * (1 - _LUMINANCE_709[2])),
        128 + 224 * (coded[..., 0] - luma) / (2 * (1 - _LUMINANCE_709[0])),
    )
    return tuple(np.ascontiguousarray(plane, np.float32) for plane in planes)


@njit(cache=True, nogil=True, inline="always")
def _between(table, place, step_v, step_u, u, v, y):  # type: ignore[no-untyped-def]
    """Interpolate in the eight entries from `place` on; u, v and y are 0 to 1."""
    a = table[place] + (table[place + 1] - table[place]) * y
    place += step_v
    b = table[place] + (table[place + 1] - table[place]) * y
    place += step_u
    d = table[place] + (table[place + 1] - table[place]) * y
    place -= step_v
    c = table[place] + (table[place + 1] - table[place]) * y
    left = a + (b - a) * v
    return left + (c + (d - c) * v - left) * u


@njit(cache=True, nogil=True)
def _convert_half(y, u, v, to_y, to_u, to_v, new_y, new_u, new_v):  # type: ignore[no-untyped-def]
    """A 4:2:0 picture. The colour of a sample counts for its four pixels, and is converted at their mean luma."""
    to_y, to_u, to_v = to_y.reshape(-1), to_u.reshape(-1), to_v.reshape(-1)
    for row in range(u.shape[0]):
        for column in range(u.shape[1]):
            blue, red = np.uint32(u[row, column]), np.uint32(v[row, column])
            cell = ((blue >> 4) * 65 + (red >> 4)) * 65
            part_u, part_v = np.float32(blue & 15) / np.float32(16), np.float32(red & 15) / np.float32(16)
            total = np.uint32(0)
            for k in range(4):
                i, j = 2 * row + k // 2, 2 * column + k % 2
                light = np.uint32(y[i, j])
                total += light
                part_y = np.float32(light & 15) / np.float32(16)
                value = _between(to_y, cell + (light >> 4), 65, 65 * 65, part_u, part_v, part_y)
                new_y[i, j] = np.uint8(value + np.float32(0.5))
            light = (total + 2) >> 2
            place, part_y = cell + (light >> 4), np.float32(light & 15) / np.float32(16)
            half = np.float32(0.5)
            new_u[row, column] = np.uint8(_between(to_u, place, 65, 65 * 65, part_u, part_v, part_y) + half)
            new_v[row, column] = np.uint8(_between(to_v, place, 65, 65 * 65, part_u, part_v, part_y) + half)


@njit(cache=True, nogil=True)
def _convert_full(y, u, v, to_y, to_u, to_v, new_y, new_u, new_v):  # type: ignore[no-untyped-def]
    """A 4:4:4 picture."""
    to_y, to_u, to_v = to_y.reshape(-1), to_u.reshape(-1), to_v.reshape(-1)
    half = np.float32(0.5)
    for row in range(y.shape[0]):
        for column in range(y.shape[1]):
            light = np.uint32(y[row, column])
            blue, red = np.uint32(u[row, column]), np.uint32(v[row, column])
            place = ((blue >> 4) * 65 + (red >> 4)) * 65 + (light >> 4)
            part_u, part_v = np.float32(blue & 15) / np.float32(16), np.float32(red & 15) / np.float32(16)
            part_y = np.float32(light & 15) / np.float32(16)
            new_y[row, column] = np.uint8(_between(to_y, place, 65, 65 * 65, part_u, part_v, part_y) + half)
            new_u[row, column] = np.uint8(_between(to_u, place, 65, 65 * 65, part_u, part_v, part_y) + half)
            new_v[row, column] = np.uint8(_between(to_v, place, 65, 65 * 65, part_u, part_v, part_y) + half)


def _pq_light(coded: Floats) -> Floats:
    power = np.clip(coded, 0, 1) ** (1 / _M2)
    return np.asarray(10_000 * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1), np.float64)


def _pq_coded(light: Floats) -> Floats:
    power = (np.clip(light, 0, 10_000) / 10_000) ** _M1
    return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2, np.float64)


def _hlg_light(coded: Floats) -> Floats:
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    signal = np.clip(coded, 0, 1)
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    luminance = np.maximum(scene @ _LUMINANCE_2020, 1e-9)[..., None]
    return np.asarray(PEAK_CD_M2 * luminance**0.2 * scene, np.float64)  # system gamma 1.2


def _tone_map(light: Floats) -> Floats:
    """The EETF of BT.2390 from `PEAK_CD_M2` to `WHITE_CD_M2`, black kept."""
    peak = float(_pq_coded(np.array(PEAK_CD_M2)))
    limit = float(_pq_coded(np.array(WHITE_CD_M2))) / peak
    given = np.minimum(_pq_coded(light) / peak, 1)
    knee = 1.5 * limit - 0.5
    t = np.maximum(given - knee, 0) / (1 - knee)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * limit
    return _pq_light(np.where(given < knee, given, spline) * peak)


def _into_gamut(light: Floats) -> Floats:
    """Move colours toward grey of their own luminance until no part is negative or above white."""
    grey = np.clip(light @ _LUMINANCE_709, 0, 1)[..., None]
    lowest, highest = light.min(axis=-1, keepdims=True), light.max(axis=-1, keepdims=True)
    share = np.ones_like(grey)
    np.divide(grey, grey - lowest, out=share, where=lowest < 0)
    too_bright = np.ones_like(grey)
    np.divide(1 - grey, highest - grey, out=too_bright, where=highest > 1)
    return np.asarray(grey + (light - grey) * np.minimum(share, too_bright), np.float64)
