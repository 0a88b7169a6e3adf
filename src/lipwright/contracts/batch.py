"""A batch: a table whose rows each become a video. What is asked for, and what came of it. Pure values."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from lipwright.contracts.portrait import SubtitleKind


class Column(StrEnum):
    """What a column says of its row. Every other column is a variable of the text, and so is each of these."""

    NAME = "name"
    """Becomes the name of the file."""
    TEXT = "text"
    """What is said; `{first_name}` stands for what the row has in the column of this name."""
    LANGUAGE = "language"
    VOICE = "voice"
    TTS = "tts"
    FACE = "face"
    """Path of a photo or a clip; from the folder of the table where it is not absolute."""
    AVATAR = "avatar"
    BACKGROUND = "background"
    SIZE = "size"
    FPS = "fps"
    SPEED = "speed"
    SUBTITLES = "subtitles"
    SEED = "seed"
    PURPOSE = "purpose"
    """What the video is for, where the consent of an avatar names purposes."""


REQUIRED = (Column.NAME, Column.TEXT)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row cannot be made."""

    line: int
    """Of the table, from 1."""
    name: str
    """Of the row; empty where it has none."""
    message: str
    """Says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A row as it is asked for, its variables filled in."""

    line: int
    name: str
    """The stem of its file: no path, in one form of Unicode."""
    text: str
    language: str | None = None
    """BCP 47, of what is spoken; None for the voice's own."""
    voice: str = ""
    tts: str | None = None
    face: Path | None = None
    avatar: str | None = None
    """A row has a face or an avatar."""
    background: str = "keep"
    size: tuple[int, int] | None = None
    fps: Fraction | None = None
    """None for 25, or the clip's own."""
    speed: float = 1.0
    subtitles: frozenset[SubtitleKind] = frozenset()
    seed: int = 0
    purpose: str | None = None
    kept: tuple[str, ...] = ()
    """What came out of variables: a translation leaves it as it is."""
    text_language: str | None = None
    """BCP 47, of `text` where it is still to be translated to `language`; None where it is not."""


@dataclass(frozen=True, slots=True)
class RowJob:
    """A row that can be made: every name in it is resolved. Can be sent to another process."""

    row: BatchRow
    face: Path
    is_clip: bool
    voice: str
    """Id of a voice; never empty."""
    tts: str
    """Name of the engine that has it."""
    language: str
    """BCP 47, of what is spoken."""
    output: Path
    key: str = ""
    """The SHA-256 of all that the video is made from."""


class RowState(StrEnum):
    """Where a row is."""

    WAITING = "waiting"
    RUNNING = "running"
    MADE = "made"
    KEPT = "kept"
    """An earlier run has made it, and nothing of it has changed."""
    FAILED = "failed"
    STOPPED = "stopped"
    """The run ended before it; the same command makes it."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row failed, in words that travel between processes."""

    code: str
    message: str
    retryable: bool = False
    http_status: int = 500
    exit_code: int = 1
    trace: str = ""
    """Where in the code, of an error that nobody expected."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What came of a row."""

    name: str
    line: int
    state: RowState
    output: Path
    key: str
    language: str
    voice: str
    seconds: float | None = None
    """How long it took to make; None where it was not made now."""
    duration_s: float | None = None
    """Of the video."""
    fault: RowFault | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What came of a batch."""

    rows: tuple[RowResult, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    """Names of rows that earlier runs have made and that the table has no more; their files are left alone."""

    def of(self, state: RowState) -> tuple[RowResult, ...]:
        """The rows in a state."""
        return tuple(row for row in self.rows if row.state is state)
