"""What a talking portrait is asked for, and what was made. Pure values: importing this imports no runtime."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

SYNTHETIC = "Synthetic voice and motion"
"""What every video says in its metadata, and in the picture when asked."""


class SubtitleKind(StrEnum):
    """Where subtitles go. Kinds may be combined."""

    BURN = "burn"
    """Drawn into the picture."""
    SRT = "srt"
    """A SubRip file beside the video."""
    VTT = "vtt"
    """A WebVTT file beside the video."""
    EMBED = "embed"
    """A text track inside the video, off until the viewer turns it on."""


@dataclass(frozen=True, slots=True)
class PortraitRequest:
    """One photo and one text, and how the video of them is to be."""

    face: Path
    """The photo. Never modified."""
    text: str | None
    """What is said; may hold `[pause 500ms]`. Blank text is refused, and None unless there is `audio`."""
    voice: str
    """A voice of the engine, such as `af_heart`; empty for the engine's default in `language`."""
    language: str | None
    """BCP 47 tag, such as `en-GB`; None for the language of the voice."""
    output: Path
    """The MP4 file. It appears complete or not at all."""
    size: tuple[int, int] | None = None
    """Width and height in pixels, both even; None for the photo's own size, fitted to what H.264 plays."""
    fps: Fraction = Fraction(25)
    background: str = "keep"
    """`keep`, `blur`, a colour as `#rrggbb`, or the path of a picture."""
    subtitles: frozenset[SubtitleKind] = frozenset()
    seed: int = 0
    """Chooses blinks and head motion; the same seed gives the same frames."""
    face_index: int | None = None
    """Which face speaks, counted from 0, largest first; None for the largest."""
    label: str | None = None
    """Words drawn into a corner of the picture, such as `Synthetic`; None for no words."""
    speed: float = 1.0
    """Of the speech: 1 is the voice's own, 2 is twice as fast."""
    lexicon: Path | None = None
    """The user's pronunciations."""
    audio: Path | None = None
    """A recording that is heard instead of a voice that speaks `text`; its mouth is found from the sound alone."""
    tts: str | None = None
    """The engine's name in the registry; None for the configured one."""


@dataclass(frozen=True, slots=True)
class SpeakReport:
    """What `speak` made."""

    output: Path
    duration_s: float
    frames: int
    width_px: int
    height_px: int
    fps: Fraction
    stage_s: tuple[tuple[str, float], ...]
    """Name and seconds of each stage, in order of their beginning; stages overlap, so the sum may exceed the whole."""
    sidecars: tuple[Path, ...]
    """Files written beside the video: subtitles, phonemes."""
