"""Mel-frequency cepstra as SyncNet was trained on: 13 values, 100 times a second, of sound at 16 kHz.

Source: Davis and Mermelstein, 1980, with the constants of python_speech_features: frames of 25 ms, pre-emphasis .97, a
spectrum of 512 points, 26 filters from 0 to 8 kHz, liftering by 22, the first value replaced by the frame's log energy.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ: Final = 16_000
HOP: Final = 160
"""Samples: 100 frames a second."""
WIDTH: Final = 13
_FRAME, _FFT, _FILTERS, _LIFTER, _EMPHASIS = 400, 512, 26, 22, 0.97
_BLOCK: Final = 1000
"""Frames that are worked on at once."""
_LEAST = np.finfo(float).eps

Floats = NDArray[np.float64]


def mfcc(chunks: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The cepstra of a sound.

    Args:
        chunks: mono at 16 kHz, -1 to 1, (n,) each; read once.
    Returns: float32 (frames, 13); a last frame that is not full is filled up with zeros.
    """
    rows: list[NDArray[np.float32]] = []
    waiting, before, samples = np.zeros(0), 0.0, 0
    for chunk in chunks:
        # The constants belong to samples of 16 bits.
        sound = chunk.astype(np.float64) * 32768
        if not len(sound):
            continue
        samples += len(sound)
        waiting = np.concatenate([waiting, sound - _EMPHASIS * np.concatenate([[before], sound[:-1]])])
        before = float(sound[-1])
        while len(waiting) >= _FRAME + (_BLOCK - 1) * HOP:
            rows.append(_cepstra(waiting, _BLOCK))
            waiting = waiting[_BLOCK * HOP :]
    total = 1 + max(0, -(-(samples - _FRAME) // HOP)) if samples else 0
    left = total - _BLOCK * len(rows)
    if left > 0:
        rows.append(_cepstra(np.pad(waiting, (0, max(0, _FRAME + (left - 1) * HOP - len(waiting)))), left))
    return np.concatenate(rows) if rows else np.zeros((0, WIDTH), np.float32)


def _cepstra(sound: Floats, frames: int) -> NDArray[np.float32]:
    cut = np.lib.stride_tricks.sliding_window_view(sound, _FRAME)[::HOP][:frames]
    power = np.square(np.abs(np.fft.rfft(cut, _FFT))) / _FFT
    energy = np.maximum(power.sum(axis=1), _LEAST)
    bands = np.log(np.maximum(power @ _filters().T, _LEAST))
    cepstra = bands @ _cosines().T
    cepstra *= 1 + _LIFTER / 2 * np.sin(np.pi * np.arange(WIDTH) / _LIFTER)
    cepstra[:, 0] = np.log(energy)
    return cepstra.astype(np.float32)


@cache
def _filters() -> Floats:
    """(26, 257) triangles, evenly spaced in mel."""
    top = 2595 * np.log10(1 + SAMPLE_RATE_HZ / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, top, _FILTERS + 2) / 2595) - 1)
    bins = np.floor((_FFT + 1) * hertz / SAMPLE_RATE_HZ)
    filters = np.zeros((_FILTERS, _FFT // 2 + 1))
    for index in range(_FILTERS):
        low, middle, high = bins[index : index + 3]
        rising, falling = np.arange(int(low), int(middle)), np.arange(int(middle), int(high))
        filters[index, rising] = (rising - low) / (middle - low)
        filters[index, falling] = (high - falling) / (high - middle)
    return filters


@cache
def _cosines() -> Floats:
    """(13, 26) the orthonormal DCT-II."""
    angles = np.pi * np.arange(WIDTH)[:, None] * (np.arange(_FILTERS) + 0.5) / _FILTERS
    scale = np.full((WIDTH, 1), np.sqrt(2 / _FILTERS))
    scale[0] = np.sqrt(1 / _FILTERS)
    return np.asarray(scale * np.cos(angles))
