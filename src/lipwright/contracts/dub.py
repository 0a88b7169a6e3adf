"""What a dub is asked for, the lines it is made of, and what was made. Pure values: importing this imports no runtime.

A line is a sentence, or a part of one between two pauses, that one person says. Lines are numbered from 1 in order of
time. Times are seconds of the video.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lipwright.contracts.speech import Phoneme, Word
from lipwright.contracts.sync import Preset, Untouched


class DubStage(StrEnum):
    """What happens to a dub, in this order. After each of them a person may correct what it made."""

    SEPARATE = "separate"
    TRANSCRIBE = "transcribe"
    TRANSLATE = "translate"
    SPEAK = "speak"
    ANIMATE = "animate"
    FINISH = "finish"


class Subtitles(StrEnum):
    """A way to give subtitles."""

    BURN = "burn"
    """Drawn into the picture."""
    EMBED = "embed"
    """Tracks of the video, which a player shows or hides."""
    SRT = "srt"
    VTT = "vtt"
    ASS = "ass"


@dataclass(frozen=True, slots=True)
class Line:
    """What one person says between two pauses, as it was heard or as a person corrected it."""

    number: int
    start_s: float
    end_s: float
    speaker: int
    """From 1, in order of first words."""
    text: str
    language: str
    """BCP 47."""
    words: tuple[Word, ...] = ()
    """With their times in the source; empty where a person wrote the line."""


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A line in the language of the dub."""

    number: int
    start_s: float
    end_s: float
    """Its slot: where the line is said in the source."""
    speaker: int
    source: str
    """The line that it says; empty where a person added it."""
    text: str
    """What is spoken; empty for a line that is left silent."""
    alternatives: tuple[str, ...] = ()
    """Other translations, best first, for a slot into which `text` does not fit."""
    notes: tuple[str, ...] = ()
    """What the one who reads the translation should look at, such as a number that is missing in it."""


class Fit(StrEnum):
    """How a spoken line came into its slot."""

    FITS = "fits"
    BORROWED = "borrowed"
    """It takes some of the silence behind it."""
    FASTER = "faster"
    STRETCHED = "stretched"
    """It was slowed down to fill its slot."""
    SHORTER = "shorter"
    """A shorter translation is spoken."""
    SILENT = "silent"
    """It says nothing."""
    FAILED = "failed"
    """It does not fit: nothing is spoken there."""


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A line as it is heard in the dub."""

    number: int
    speaker: int
    source: str
    text: str
    slot_start_s: float
    slot_end_s: float
    start_s: float
    """Where it begins in the dub."""
    end_s: float
    """Where its sound ends; equal to `start_s` for a line that is not spoken."""
    natural_s: float
    """How long the voice takes at its own pace."""
    speed: float
    """Spoken so many times as fast as that: at most 1.2, at least 1 / 1.1."""
    borrowed_s: float
    """Taken from the silence behind the slot."""
    fit: Fit
    voice: str
    engine: str
    take: int
    """0 is the first; rises when a person wants it spoken again."""
    phonemes: tuple[Phoneme, ...] = ()
    """Of the dub; empty where the voice does not tell them."""
    words: tuple[Word, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DubRequest:
    """One video and the language that it is to speak."""

    video: Path
    """Never modified."""
    output: Path
    """The MP4 file. It appears complete or not at all."""
    target: str
    """BCP 47 tag."""
    project: Path
    """Folder in which transcript, translation, voices, takes and report lie, for a person to correct."""
    source_language: str | None = None
    """BCP 47 tag; None when it is to be recognised."""
    subtitles: frozenset[Subtitles] = frozenset()
    voice: str = "auto"
    """A voice for everybody; `auto` chooses one for each speaker; `clone` copies each speaker's own."""
    glossary: Path | None = None
    lexicon: Path | None = None
    stop_after: DubStage | None = None
    """Where the work waits for a person; None goes to the end."""
    separate: str | None = None
    stt: str | None = None
    translate: str | None = None
    tts: str | None = None
    """Names of engines in their registries; None for the configured ones."""
    lip_sync: bool = True
    """Whether the mouth follows; else the picture is copied as it is, unless subtitles are burned."""
    preset: Preset = Preset.BALANCED
    engine: str | None = None
    """A lip-sync engine's name in the registry; None for the preset's."""
    keep_original: bool = False
    """Whether the source's sound becomes a second track."""
    bed_gain_db: float = 0.0
    """How much louder than in the source the bed is."""
    allow_failed: bool = False
    """Go on with silence where lines fail, however many they are."""
    audio_track: int | None = None
    """Which sound track of the video is dubbed, counted from 1; None for the default one."""
    speakers: int | None = None
    """How many people speak; None when that is to be found out."""
    speaker: int | None = None
    """Which face speaks, counted from 1 in order of size; None for the one whose mouth moved with the sound."""
    label: str | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class DubReport:
    """What `dub` made."""

    output: Path | None
    """None when the work waits for a person."""
    project: Path
    waits_after: DubStage | None
    """The stage after which it waits; None when it is finished."""
    unchanged: bool
    """Nothing had to be made: the output is that of an earlier run."""
    source_language: str
    target: str
    duration_s: float
    lines: tuple[SpokenLine, ...]
    rendered_s: float
    """Of the picture whose mouth was drawn."""
    kept_s: float
    """Of the picture that stayed as it was: lip-sync that was saved."""
    untouched: tuple[Untouched, ...]
    cost: tuple[tuple[str, float, str], ...]
    """Engine, amount, unit of what was paid for."""
    notes: tuple[str, ...]
    stage_s: tuple[tuple[str, float], ...]
    """Name and seconds of each stage."""
