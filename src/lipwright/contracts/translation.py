"""What a translation of a subtitle file is asked for, and what was written. Pure values: importing this imports no
runtime."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TranslationRequest:
    """One subtitle file, and where its translation goes."""

    source: Path
    """Never modified."""
    output: Path
    """Subtitles, by its suffix. It appears complete or not at all."""
    target: str
    """BCP 47 tag."""
    source_language: str | None = None
    """BCP 47 tag; None when the file's name, or else its words, tell it."""
    glossary: Path | None = None


@dataclass(frozen=True, slots=True)
class TranslationReport:
    """What was written."""

    output: Path
    source_language: str
    target: str
    engine: str
    quality: str
    """`good`, `fair` or `gist`: what a reader may expect."""
    cues: int
    notes: tuple[str, ...]
    """What the reader should know of it, such as a number that is missing in a cue."""
    stage_s: tuple[tuple[str, float], ...]
    """Name and seconds of each stage."""
