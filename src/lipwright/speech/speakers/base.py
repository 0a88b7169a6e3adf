"""Who speaks when, as it was found in a recording. Times are seconds of the recording."""

from dataclasses import dataclass

from lipwright.speech.pauses import Stretch


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person says before another one speaks, or pauses for long."""

    speaker: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Speaker:
    """One of the people who speak."""

    number: int
    """From 1, in order of first words."""
    spoken_s: float
    """Of all turns together."""
    embedding: tuple[float, ...]
    """How the voice sounds: 256 numbers, a vector of length 1; see `SpeakerEmbedder`."""
    pitch_hz: float | None
    """Median of the fundamental frequency; None when nothing voiced was heard."""
    reference: Stretch | None
    """The longest stretch, up to 15 s, in which this person alone speaks: what a cloned voice learns from."""


@dataclass(frozen=True, slots=True)
class Diarisation:
    """Who speaks when."""

    speakers: tuple[Speaker, ...]
    """By number."""
    turns: tuple[Turn, ...]
    """In order, not overlapping."""
    words: tuple[int, ...]
    """The speaker of each word of the transcript, in order."""
    overlaps: tuple[Stretch, ...]
    """Where two people seem to speak at once; the words there are one's, or of both."""
    notes: tuple[str, ...]
    """What the reader of a report should know."""
