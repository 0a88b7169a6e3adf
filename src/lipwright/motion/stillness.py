"""When a sound is too quiet for speech, whatever a network hears in it: near its noise, or far below its voice."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.motion.features import FEATURES, HOP_SAMPLES, SAMPLE_RATE_HZ

_FAR_BELOW: Final = -3.3
"""log10 of power against the level of the last seconds' peaks."""
_BELOW, _NEAR_NOISE = -1.5, 0.8
"""Or this far below that level, and no more than this above the noise."""
_NOISE_RISES: Final = 0.4 * HOP_SAMPLES / SAMPLE_RATE_HZ
"""The noise is the quietest frame; what is known of it grows by 4 dB a second."""
_PARTIAL_FRAMES: Final = 2
"""The first frames of a stream are only partly filled with sound."""
_BEGINNING_FRAMES: Final = 30
_QUIET, _STEADY = -1.6, 1.2
"""log10 of power. A stream that begins quieter than speech, and steady so far, begins with noise: nothing is known of
it yet. White noise of -28 dBFS has -1.6."""


class Stillness:
    """Judges one stream of features, frame by frame."""

    def __init__(self) -> None:
        self._noise = np.inf
        self._frames = 0

    def push(self, features: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Whether each frame is still.

        Args:
            features: (frames, 41), see `SoundFeatures`.
        Returns: (frames,)
        """
        level = features[:, FEATURES - 1].astype(np.float64)
        below = np.log10(np.sum(10.0 ** features[:, : FEATURES - 1].astype(np.float64), axis=1))
        still = np.empty(len(features), bool)
        for index, loudness in enumerate(below + level):
            self._frames += 1
            if self._frames <= _PARTIAL_FRAMES:
                still[index] = True
                continue
            self._noise = min(self._noise + _NOISE_RISES, float(loudness))
            begins = self._frames <= _BEGINNING_FRAMES and loudness < min(_QUIET, self._noise + _STEADY)
            near_noise = below[index] < _BELOW and loudness < self._noise + _NEAR_NOISE
            still[index] = begins or near_noise or below[index] < _FAR_BELOW
        return still
