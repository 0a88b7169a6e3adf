"""What the report shows of the sounds of a dub: how loud they are, fifty times a second."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.media.spool import AudioSpool

BINS_PER_S: Final = 50
_CHUNK_S: Final = 10

Peaks = NDArray[np.float32]
"""The largest sample of each fiftieth of a second, of all channels, 0 to 1, (n,)."""


@dataclass(frozen=True, slots=True)
class DubSounds:
    """The sounds of a finished dub."""

    voice: Peaks
    """Of the source's voice without its bed."""
    dub: Peaks
    """Of the voices of the dub without the bed."""
    leak_db: float | None
    """How loud the old voice still is in the bed; None where it was not measured."""
    source_lufs: float | None
    """Integrated loudness of the source's sound."""
    output_lufs: float | None
    """Of the dub's."""
    true_peak_dbtp: float | None
    """Of the dub's."""


def peaks(spool: AudioSpool) -> Peaks:
    """Find how loud a sound is over time; it is read piece by piece."""
    size = spool.sample_rate_hz // BINS_PER_S
    found = []
    for chunk in spool.chunks(size * BINS_PER_S * _CHUNK_S):
        loud = np.abs(chunk.reshape(len(chunk), -1)).max(axis=1)
        padded = np.pad(loud, (0, -len(loud) % size))
        found.append(padded.reshape(-1, size).max(axis=1))
    return np.concatenate(found) if found else np.zeros(0, np.float32)
