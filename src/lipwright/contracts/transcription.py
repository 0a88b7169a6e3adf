"""What a transcription is asked for, and what was written. Pure values: importing this imports no runtime."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """One recording or video, and where its words go."""

    source: Path
    """Never modified."""
    output: Path
    """Subtitles or a JSON document, by its suffix. It appears complete or not at all."""
    language: str | None = None
    """BCP 47 tag; None when it is to be recognised."""
    audio_track: int | None = None
    """Which sound track, counted from 1; None for the default one."""


@dataclass(frozen=True, slots=True)
class TranscriptionReport:
    """What was written."""

    output: Path
    language: str
    """BCP 47 tag of the language that most is said in."""
    probability: float
    """0 to 1, of that language; 1 where it was told."""
    duration_s: float
    """Of the recording."""
    words: int
    cues: int
    """Subtitles; in a JSON document, utterances."""
    notes: tuple[str, ...]
    """What the reader should know of it."""
    stage_s: tuple[tuple[str, float], ...]
    """Name and seconds of each stage."""
