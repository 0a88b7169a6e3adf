"""One long sound made of pieces with silence between them; pieces that overlap are heard together."""

import numpy as np
from numpy.typing import NDArray

from lipwright.media.spool import AudioSpool

_SILENCE_SAMPLES = 480_000


class VoiceTrack:
    """Collects pieces in order of their starts; only what a later piece may still reach is in memory."""

    def __init__(self, spool: AudioSpool, count: int) -> None:
        """
        Args:
            spool: empty, mono; the caller closes it.
            count: samples of the whole sound.
        """
        self._spool = spool
        self._count = count
        self._open = np.zeros(0, np.float32)
        """What comes behind the samples in the spool."""

    def add(self, start: int, samples: NDArray[np.float32]) -> None:
        """Put a piece at a sample, not before the start of the piece before it; what passes the end is cut off."""
        samples = samples[: max(self._count - start, 0)]
        if len(samples):
            self._settle(start)
            missing = len(samples) - len(self._open)
            if missing > 0:
                self._open = np.pad(self._open, (0, missing))
            self._open[: len(samples)] += samples

    def finish(self) -> None:
        """Bring the sound to its whole length."""
        self._settle(self._count)

    def _settle(self, end: int) -> None:
        """Write down everything before a sample."""
        settled = self._open[: end - len(self._spool)]
        self._open = self._open[len(settled) :].copy()
        self._spool.append(settled)
        while (missing := end - len(self._spool)) > 0:
            self._spool.append(np.zeros(min(missing, _SILENCE_SAMPLES), np.float32))
