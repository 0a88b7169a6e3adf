"""How loud a recording is, every 10 ms, so that an hour of it takes 3 MB."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

HOP_S: Final = 0.01
_FLOOR_POWER: Final = 1e-12


class SoundLevels:
    """The power of a stream of sound, hop by hop; the rest at the end is filled up with silence."""

    def __init__(self, chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int) -> None:
        """
        Args:
            chunks: mono, (n,) each; read once.
        """
        hop = round(HOP_S * sample_rate_hz)
        pieces = [np.zeros(0)]
        waiting = np.zeros(0, np.float32)
        for chunk in chunks:
            waiting = np.concatenate([waiting, chunk])
            whole = len(waiting) // hop * hop
            pieces.append(np.mean(np.square(waiting[:whole].reshape(-1, hop), dtype=np.float64), axis=1))
            waiting = waiting[whole:]
        if len(waiting):
            pieces.append(np.array([float(np.square(waiting, dtype=np.float64).sum()) / hop]))
        self._power = np.concatenate(pieces)

    @property
    def levels_db(self) -> NDArray[np.float64]:
        """RMS of every hop, dB of full scale, (hops,)."""
        return np.asarray(10.0 * np.log10(self._power + _FLOOR_POWER))

    def level_db(self, start_s: float, end_s: float) -> float:
        """RMS of a stretch, to the hop; at least one hop where there is sound."""
        first = round(start_s / HOP_S)
        part = self._power[first : max(round(end_s / HOP_S), first + 1)]
        return float(10.0 * np.log10((part.mean() if len(part) else 0.0) + _FLOOR_POWER))
