"""What a re-animated video is asked for, and what was made. Pure values: importing this imports no runtime."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path


class Length(StrEnum):
    """What happens when picture and sound differ in length. A shorter sound is followed by silence, except in `cut`."""

    BOUNCE = "bounce"
    """The picture plays forth and back until the sound ends."""
    LOOP = "loop"
    """The picture begins again until the sound ends."""
    FREEZE = "freeze"
    """The last frame stands until the sound ends."""
    CUT = "cut"
    """The shorter one ends both."""
    PAD = "pad"
    """The picture's length stays; a sound that is longer is refused."""
    SOUND = "sound"
    """The sound's length counts: a longer picture is cut, a shorter one plays forth and back."""


class Preset(StrEnum):
    """How much work goes into the picture. Resolves to an engine and its tuning."""

    FAST = "fast"
    BALANCED = "balanced"
    HIGH_QUALITY = "high-quality"
    ULTRA = "ultra"


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """One video and what its face is to say. Exactly one of `audio` and `text` is given."""

    video: Path
    """Never modified."""
    output: Path
    """The MP4 file. It appears complete or not at all."""
    audio: Path | None = None
    """A recording that is heard instead of the video's own sound."""
    text: str | None = None
    """What a voice speaks instead."""
    transcript: str | None = None
    """The words of `audio`; they are aligned to it, and the mouth follows their phones. English only."""
    recognise: bool | None = None
    """Whether the words of `audio` are recognised unless `transcript` tells them; None leaves it to the preset."""
    voice: str = ""
    """A voice of the engine; empty for the engine's default in `language`."""
    language: str | None = None
    """BCP 47 tag; None for the language of the voice."""
    tts: str | None = None
    """The engine's name in the registry; None for the configured one."""
    stt: str | None = None
    """Name in the registry of the engine that recognises words; None for the configured one."""
    speed: float = 1.0
    lexicon: Path | None = None
    """The user's pronunciations."""
    speaker: int | None = None
    """Which face speaks, counted from 1 in order of size; None for the one whose mouth moved with the sound."""
    length: Length = Length.BOUNCE
    preset: Preset = Preset.BALANCED
    engine: str | None = None
    """A lip-sync engine's name in the registry; None for the preset's."""
    audio_track: int | None = None
    """Which sound track of the video tells who speaks, counted from 1; None for the default one."""
    label: str | None = None
    """Words drawn into a corner of the picture; None for no words."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Untouched:
    """A stretch of the output in which the picture stayed as it was, and why."""

    start_s: float
    end_s: float
    reason: str
    """Such as `no face`, `turned away`, `too small`, `silent`."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What `sync` made."""

    output: Path
    duration_s: float
    frames: int
    width_px: int
    height_px: int
    fps: Fraction
    rendered_frames: int
    """Frames whose mouth was drawn; the rest are the source's own."""
    resumed_windows: int
    """Windows that an earlier run had finished."""
    speaker: str
    """Which face was chosen, and how."""
    untouched: tuple[Untouched, ...]
    notes: tuple[str, ...]
    """What was done to the video to make it regular, and what else its owner should know."""
    stage_s: tuple[tuple[str, float], ...]
    """Name and seconds of each stage."""
