"""How high a voice is: the median of its fundamental frequency."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.speech.speakers.features import SAMPLE_RATE_HZ

LOWEST_HZ: Final = 60.0
HIGHEST_HZ: Final = 420.0
_FRAME: Final = 1024
_HOP: Final = 320
_LONGEST_LAG: Final = round(SAMPLE_RATE_HZ / LOWEST_HZ)
_SHORTEST_LAG: Final = int(SAMPLE_RATE_HZ / HIGHEST_HZ)
_VOICED: Final = 0.2
"""A frame whose normalised difference falls below this is voiced."""
_QUIET_DB: Final = -25.0
"""Against the loud frames: what is quieter is not looked at."""
_LEAST_FRAMES: Final = 8
"""Voiced frames, 20 ms each, without which nothing is said of the pitch."""
_BLOCK: Final = 512
"""Frames that are worked on at once."""


def median_pitch_hz(sound: NDArray[np.float32]) -> float | None:
    """The median fundamental frequency of the voiced parts of some speech.

    Args:
        sound: mono at 16 kHz, (n,).
    Returns: 60 to 420 Hz; None when fewer than 8 frames of 20 ms are voiced.
    """
    found = pitches_hz(sound)
    return float(np.median(found)) if len(found) >= _LEAST_FRAMES else None


def pitches_hz(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """The fundamental frequency of every voiced frame, 50 a second.

    Args:
        sound: mono at 16 kHz, (n,).
    Returns: (voiced frames,).
    Source: de Cheveigné and Kawahara, YIN, JASA 111, 2002, steps 2 to 5.
    """
    if len(sound) < _FRAME:
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(sound, _FRAME)[::_HOP]
    power = np.concatenate(
        [np.mean(np.square(frames[at : at + _BLOCK], dtype=np.float64), axis=1) for at in range(0, len(frames), _BLOCK)]
    )
    loud = frames[power > max(float(np.quantile(power, 0.95)) * 10 ** (_QUIET_DB / 10), 1e-10)]
    return np.concatenate([_voiced(loud[at : at + _BLOCK]) for at in range(0, len(loud), _BLOCK)] or [np.zeros(0)])


def _voiced(frames: NDArray[np.float32]) -> NDArray[np.float64]:
    sound = frames.astype(np.float64)
    width = _FRAME - _LONGEST_LAG
    spectrum = np.fft.rfft(sound, 2 * _FRAME)
    head = np.fft.rfft(sound[:, :width], 2 * _FRAME)
    product = np.fft.irfft(np.conj(head) * spectrum)[:, : _LONGEST_LAG + 1]
    summed = np.cumsum(np.pad(np.square(sound), ((0, 0), (1, 0))), axis=1)
    energy = summed[:, width : width + _LONGEST_LAG + 1] - summed[:, : _LONGEST_LAG + 1]
    difference = np.maximum(energy[:, :1] + energy - 2 * product, 0)
    lags = np.arange(1, _LONGEST_LAG + 1)
    normalised = np.ones_like(difference)
    normalised[:, 1:] = difference[:, 1:] * lags / np.maximum(np.cumsum(difference[:, 1:], axis=1), 1e-12)
    candidates = normalised[:, _SHORTEST_LAG:-1]
    dips = (candidates <= normalised[:, _SHORTEST_LAG - 1 : -2]) & (candidates < normalised[:, _SHORTEST_LAG + 1 :])
    dips &= candidates < _VOICED
    rows = np.flatnonzero(dips.any(axis=1))
    lag = dips[rows].argmax(axis=1) + _SHORTEST_LAG
    before, here, after = (normalised[rows, lag + shift] for shift in (-1, 0, 1))
    bend = before - 2 * here + after
    exact = lag + np.where(bend > 1e-9, 0.5 * (before - after) / np.maximum(bend, 1e-9), 0.0)
    return np.asarray(SAMPLE_RATE_HZ / exact, np.float64)
