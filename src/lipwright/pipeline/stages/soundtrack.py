"""What is heard in a video, and what is known of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Phoneme, Word
from lipwright.media.spool import AudioSpool

SAMPLE_RATE_HZ = 48_000


@dataclass(frozen=True)
class Soundtrack:
    """A finished sound track. Times are seconds of the video."""

    sound: AudioSpool
    """Mono, 48 kHz, at -16 LUFS; the caller closes it."""
    phonemes: tuple[Phoneme, ...] = ()
    """Empty for a recording: nobody knows its phones."""
    emphasis: NDArray[np.float32] | None = None
    """(phonemes,) 0 to 1: how strongly each is spoken."""
    words: tuple[Word, ...] = ()
    language: str = "und"
    """BCP 47; `und` where it is not known."""
    voice: str = ""
    engine: str = ""
    """Empty for a recording."""
