"""What the network from sound to mouth hears: log-mel frames freed from their level, the same in streams and files."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ: Final = 16_000
HOP_SAMPLES: Final = 160
"""10 ms."""
_WINDOW_SAMPLES: Final = 400
"""25 ms."""
_FFT_SAMPLES: Final = 512
_MEL_BANDS: Final = 40
FEATURES: Final = _MEL_BANDS + 1
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 7600.0
_FLOOR_POWER: Final = 1e-8
_LEVEL_FLOOR: Final = -4.5
"""Of the peak tracker, log10 of power: a quieter sound is not lifted, so that noise stays noise."""
_ATTACK: Final = 0.3
"""The part of its way up that the tracker goes in a frame."""
_DECAY: Final = 0.005
"""log10 of power in a frame: 5 dB a second."""


class SoundFeatures:
    """Features of one stream of sound.

    Each frame has 40 bands, log10 of power minus the level of the last seconds' peaks, and that level as 41st value.
    Frame i hears the 25 ms that end with sample 160 (i + 1); sound before the first sample counts as silence.
    """

    def __init__(self) -> None:
        self._kept = np.zeros(_WINDOW_SAMPLES - HOP_SAMPLES, np.float32)
        self._level = _LEVEL_FLOOR

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Hear more.

        Args:
            samples: mono at 16 kHz, -1 to 1, (n,); any n, what does not fill a frame waits for the next call.
        Returns: the frames that are complete now, (frames, 41).
        """
        sound = np.concatenate([self._kept, np.asarray(samples, np.float32)])
        frames = max((len(sound) - _WINDOW_SAMPLES) // HOP_SAMPLES + 1, 0)
        self._kept = sound[frames * HOP_SAMPLES :]
        if frames == 0:
            return np.zeros((0, FEATURES), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW_SAMPLES)[::HOP_SAMPLES][:frames]
        # In double precision a frame's value does not depend on how many frames come with it, once it is rounded.
        spectrum = np.abs(np.fft.rfft(windows.astype(np.float64) * _window(), _FFT_SAMPLES)) ** 2 / _WINDOW_SAMPLES
        bands = np.log10(spectrum @ _mel_bank().T + _FLOOR_POWER)
        loudness = np.log10(np.sum(10.0**bands, axis=1))
        features = np.empty((frames, FEATURES))
        for index in range(frames):
            rise = max(float(loudness[index]) - self._level, 0.0) * _ATTACK
            self._level = max(self._level + rise - _DECAY, _LEVEL_FLOOR)
            features[index, :_MEL_BANDS] = bands[index] - self._level
            features[index, _MEL_BANDS] = self._level
        return features.astype(np.float32)


@cache
def _window() -> NDArray[np.float64]:
    return np.hanning(_WINDOW_SAMPLES + 2)[1:-1]


@cache
def _mel_bank() -> NDArray[np.float64]:
    """Triangles of unit sum, evenly spaced in mel, (40, 257)."""
    lowest, highest = (2595.0 * np.log10(1.0 + edge_hz / 700.0) for edge_hz in (_LOWEST_HZ, _HIGHEST_HZ))
    edges = 700.0 * (10.0 ** (np.linspace(lowest, highest, _MEL_BANDS + 2) / 2595.0) - 1.0)
    bins = np.linspace(0.0, SAMPLE_RATE_HZ / 2.0, _FFT_SAMPLES // 2 + 1)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bank = np.maximum(0.0, np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle)))
    return np.asarray(bank / bank.sum(axis=1, keepdims=True))
