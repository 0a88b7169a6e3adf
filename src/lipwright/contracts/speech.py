"""Spoken words with their times. Times are seconds from the first sample of the same value."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Phoneme:
    """One phone. Silence is not a phoneme: it is the time between two of them."""

    symbol: str
    """IPA, one phone without stress marks: `p`, `tʃ`, `aɪ`, `ɜː`."""
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Word:
    """One word as a reader sees it, punctuation included."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Speech:
    """A stretch of speech: usually one sentence."""

    text: str
    """What a reader sees, before numbers and abbreviations were spelled out."""
    language: str
    """BCP 47 tag, such as `en-US`."""
    samples: NDArray[np.float32]
    """Mono, -1 to 1, (n,)."""
    sample_rate_hz: int
    phonemes: tuple[Phoneme, ...]
    """In order, not overlapping, inside the samples."""
    words: tuple[Word, ...]
    """In order, not overlapping, inside the samples."""

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sample_rate_hz
