"""High dynamic range to standard, as a table of colours.

What a screen shows of the source, in cd/m², is tone-mapped to a white of 203 by the curve of ITU-R BT.2390-11 (5.4.1),
applied to the largest of red, green and blue, so that hues stay. Up to about 90 cd/m² nothing changes: skin keeps its
light. Then the colours of BT.2020 become those of BT.709; ones that do not exist there lose saturation, not light.
"""

from enum import IntEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WHITE_CD_M2 = 203.0
"""Of standard range: diffuse white in HDR, ITU-R BT.2408."""
PEAK_CD_M2 = 1000.0
"""The brightest that is told apart; the peak of the screen for which HLG is defined, and of most graded PQ."""
TABLE_SIDE = 49
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


def write_table(path: Path, transfer: Transfer) -> None:
    """Write `to_standard` as a .cube file, which FFmpeg's filter `lut3d` reads."""
    axis = np.linspace(0, 1, TABLE_SIDE)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")  # red runs fastest
    colours = to_standard(np.stack([red, green, blue], -1).reshape(-1, 3), transfer)
    with path.open("w", encoding="ascii") as file:
        file.write(f"LUT_3D_SIZE {TABLE_SIDE}\n")
        np.savetxt(file, colours, "%.6f")


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
