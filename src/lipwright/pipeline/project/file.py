"""A file of cues as it is in the folder now."""

from dataclasses import dataclass
from pathlib import Path

from lipwright.errors import SubtitlesInvalid
from lipwright.media.read_subtitles import NumberedCue, parse_subtitles, read_subtitles
from lipwright.pipeline.project.entry import Entry, entries_of


@dataclass(frozen=True, slots=True)
class CueFile:
    """What a person may have edited."""

    content: bytes
    cues: tuple[NumberedCue, ...]
    notes: tuple[str, ...]
    """What the reader assumed."""

    @property
    def entries(self) -> tuple[tuple[int, Entry], ...]:
        """The cues with their numbers, in order of time."""
        return entries_of(self.cues)


def read_file(path: Path, duration_s: float, language: str | None) -> CueFile | None:
    """Read a file; None when there is none.

    Raises: SubtitlesInvalid, MediaUnreadable, MediaTooLarge.
    """
    if not path.exists():
        return None
    read = read_subtitles(path, duration_s, language)
    return CueFile(path.read_bytes(), read.cues, tuple(f"{path.name}: {note}" for note in read.notes))


def says(file: CueFile, text: str) -> bool:
    """Whether a file says the same as a text that would replace it, in whatever layout."""
    try:
        cues = parse_subtitles("written", text).cues
    except SubtitlesInvalid:
        return False
    return [_facts(cue) for cue in file.cues] == [_facts(cue) for cue in cues]


def _facts(cue: NumberedCue) -> tuple[int, int, int, str]:
    return cue.number, round(cue.start_s * 1000), round(cue.end_s * 1000), cue.text
