"""What lies beside the picture and the main sound of a video: names, further sound, subtitles, chapters, a cover."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from lipwright.contracts.media import Cue


@dataclass(frozen=True, slots=True)
class TrackLabel:
    """What a player's menu says of a track."""

    language: str
    """BCP 47 tag."""
    title: str = ""
    """Such as `Original`; empty for none."""


@dataclass(frozen=True, slots=True)
class SubtitleTrack:
    """Subtitles that a player shows when asked."""

    cues: tuple[Cue, ...]
    """In order, not overlapping."""
    language: str
    """BCP 47 tag."""
    title: str = ""


@dataclass(frozen=True, slots=True)
class KeptSound:
    """A sound track that is taken from another file as it is, or as AAC where MP4 does not hold its codec."""

    path: Path
    label: TrackLabel
    track: int | None = None
    """Its number, from 1; None for the one that a player takes."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a video that has a name."""

    start_s: Fraction
    end_s: Fraction
    title: str


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture that stands for a video."""

    codec: str
    """FFmpeg's name: `mjpeg` or `png`."""
    width_px: int
    height_px: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Beside:
    """All of it."""

    label: TrackLabel | None = None
    """Of the main sound."""
    kept: KeptSound | None = None
    """A second sound track; a player takes the main one unless told otherwise."""
    subtitles: tuple[SubtitleTrack, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    cover: Cover | None = None
