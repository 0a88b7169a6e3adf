"""Spoken words with their times. Times are seconds from the first sample of the same value."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    samples: "NDArray[np.float32]"
    """Mono, -1 to 1, (n,)."""
    sample_rate_hz: int
    phonemes: tuple[Phoneme, ...]
    """In order, not overlapping, inside the samples; empty where neither the voice nor its sound tells them, as with
    servers that speak other languages than English without times: a mouth then follows the sound itself."""
    words: tuple[Word, ...]
    """In order, not overlapping, inside the samples; empty as the phonemes may be."""

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sample_rate_hz


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was recognised of somebody's speech between two pauses."""

    text: str
    start_s: float
    end_s: float
    language: str
    """BCP 47 tag, such as `en`."""
    words: tuple[Word, ...]
    """In order, not overlapping; for languages that write no spaces, as short as the engine cuts them."""
    certainty: float
    """0 to 1: the mean chance that the engine gave what it wrote."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is said in a recording."""

    language: str
    """BCP 47 tag of the language that most is said in; `und` when no words were recognised."""
    probability: float
    """0 to 1, of that language; 1 where it was told, 0 when no words were recognised."""
    duration_s: float
    """Of the recording."""
    utterances: tuple[Utterance, ...]
    """In order, not overlapping."""

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for utterance in self.utterances for word in utterance.words)

    @property
    def text(self) -> str:
        return " ".join(utterance.text for utterance in self.utterances)

    def said_in(self, language: str) -> tuple[Utterance, ...]:
        """Those in one language, named by its primary subtag such as `en`."""
        return tuple(part for part in self.utterances if part.language.split("-", maxsplit=1)[0] == language)
