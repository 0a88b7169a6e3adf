"""A voice that was found, sharpened: every tone of the sound goes to where most of it was found.

An engine that looks at 20 ms at a time leaves some of the voice in the bed, and takes tones of the bed with the voice.
Seen in windows of 85 ms, tones that lie side by side come apart.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW: Final = 4096
_HOP: Final = WINDOW // 4
_BASS_HZ: Final = (60.0, 85.0)
"""Lower sound is bed; between the two, less and less of it."""
_SQUARES: Final = 1.5
"""Sum of a Hann window's squares at this overlap."""


class Masking:
    """One channel, as it streams by: a Wiener filter made of the two sounds that are to be sharpened."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
        pitch_hz = np.fft.rfftfreq(WINDOW, 1 / sample_rate_hz)
        low_hz, high_hz = _BASS_HZ
        self._voiced = np.clip((pitch_hz - low_hz) / (high_hz - low_hz), 0, 1).astype(np.float32)
        before = np.zeros(WINDOW - _HOP, np.float32)
        self._sound, self._voice = before, before
        self._half_made = np.zeros(WINDOW - _HOP, np.float32)
        self._late = WINDOW - _HOP

    def push(self, sound: NDArray[np.float32], voice: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take more of both, and give what is finished of the voice.

        Args:
            sound: (n,).
            voice: (n,), in step with it.
        Returns: (m,), which goes on where the last one ended.
        """
        self._sound = np.concatenate([self._sound, sound])
        self._voice = np.concatenate([self._voice, voice])
        count = max((len(self._sound) - WINDOW) // _HOP + 1, 0)
        starts = np.arange(count) * _HOP
        frames = starts[:, None] + np.arange(WINDOW)
        voices = np.fft.rfft(self._voice[frames] * self._window)
        sounds = np.fft.rfft(self._sound[frames] * self._window)
        voice_power, bed_power = (np.square(np.abs(part)) for part in (voices, sounds - voices))
        share = self._voiced * voice_power / (voice_power + bed_power + 1e-20)
        pieces = (np.fft.irfft(share * sounds, WINDOW) * self._window / _SQUARES).astype(np.float32)
        made = np.concatenate([self._half_made, np.zeros(count * _HOP, np.float32)])
        for start, piece in zip(starts, pieces, strict=True):
            made[start : start + WINDOW] += piece
        done = count * _HOP
        self._half_made = made[done:]
        self._sound, self._voice = self._sound[done:], self._voice[done:]
        early = min(self._late, done)
        self._late -= early
        return made[early:done]

    def finish(self, missing: int) -> NDArray[np.float32]:
        """The rest of the voice.

        Args:
            missing: how many samples were taken and not yet given.
        """
        rest = np.zeros(WINDOW + _HOP, np.float32)
        return self.push(rest, rest)[:missing]
