"""Cues as a person edits them in `transcript.srt` and `translation.srt`: what a line says, when, and who says it.

A cue may begin with the number of its speaker in square brackets, `[2] Good evening.`; the files have these marks
unless only one person speaks. A cue without one belongs to the speaker who was heard there.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from lipwright.media.read_subtitles import NumberedCue, parse_subtitles
from lipwright.media.subtitles import numbered_srt

_MARK = re.compile(r"\s*\[\s*(\d{1,3})\s*\]\s*")
_LINE_END = re.compile(r"\s*\n\s*")
_SPACELESS = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]"
_BROKEN_WORD = re.compile(f"(?<={_SPACELESS})\n(?={_SPACELESS})")


class Spoken(Protocol):
    """A line in either language."""

    @property
    def number(self) -> int:
        """From 1."""

    @property
    def start_s(self) -> float:
        """Where it begins."""

    @property
    def end_s(self) -> float:
        """Where it ends."""

    @property
    def speaker(self) -> int:
        """From 1."""

    @property
    def text(self) -> str:
        """What is said."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One cue of a file."""

    start_ms: int
    end_ms: int
    """Later than `start_ms`."""
    speaker: int | None
    """None where the cue does not say."""
    text: str
    """As it is laid out, with line breaks and without the mark; empty for a line that is left silent."""

    @property
    def said(self) -> str:
        """The text on one line."""
        text = _BROKEN_WORD.sub("", _LINE_END.sub("\n", self.text.strip()))
        return " ".join(text.split())

    def overlap_ms(self, other: "Entry") -> int:
        """For how long both last; 0 or less when they do not meet."""
        return min(self.end_ms, other.end_ms) - max(self.start_ms, other.start_ms)

    def covers(self, other: "Entry") -> bool:
        """Whether both last together for more than half of the shorter one."""
        shorter_ms = min(self.end_ms - self.start_ms, other.end_ms - other.start_ms)
        return 2 * self.overlap_ms(other) > shorter_ms

    def has_times_of(self, other: "Entry") -> bool:
        """Whether both begin and end together."""
        return (self.start_ms, self.end_ms) == (other.start_ms, other.end_ms)

    def is_as(self, written: "Entry") -> bool:
        """Whether a cue of a file is the one that was written, whatever its number and its line breaks."""
        return self.has_times_of(written) and self.said == written.said and self.speaker in {None, written.speaker}


def entry_of(line: Spoken, text: str | None = None) -> Entry:
    """The cue of a line.

    Args:
        text: the layout of its text; None for one line.
    """
    start_ms = round(line.start_s * 1000)
    return Entry(
        start_ms, max(round(line.end_s * 1000), start_ms + 1), line.speaker, line.text if text is None else text
    )


def file_text(entries: Iterable[tuple[int, Entry]], *, marked: bool = False) -> str:
    """The content of a file of numbered cues.

    Args:
        marked: whether cues are marked even if all is said by speaker 1: where the machine heard others, a cue without
            a mark would be theirs again.
    """
    numbered = list(entries)
    several = marked or bool({entry.speaker for _, entry in numbered} - {None, 1})
    return numbered_srt([_cue(number, entry, several) for number, entry in numbered])


def _cue(number: int, entry: Entry, several: bool) -> NumberedCue:
    text = entry.text
    if entry.speaker is not None and (several or _MARK.match(text)):
        text = f"[{entry.speaker}] {text}"
    return NumberedCue(number=number, text=text, start_s=entry.start_ms / 1000, end_s=entry.end_ms / 1000, line=0)


def entries_of(cues: Sequence[NumberedCue]) -> tuple[tuple[int, Entry], ...]:
    """The cues of a file with their numbers, in order of time."""
    return tuple((cue.number, _read(cue)) for cue in cues)


def _read(cue: NumberedCue) -> Entry:
    mark = _MARK.match(cue.text)
    start_ms = round(cue.start_s * 1000)
    return Entry(
        start_ms,
        max(round(cue.end_s * 1000), start_ms + 1),
        int(mark[1]) if mark and int(mark[1]) else None,
        cue.text[mark.end() :] if mark else cue.text,
    )


def as_read_back(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """What a reader of the file finds, in which some marks and spaces cannot be told; one for each entry, in order."""
    if not entries:
        return ()
    numbered = list(enumerate(entries, 1))
    found = dict(entries_of(parse_subtitles("written", file_text(numbered)).cues))
    return tuple(
        replace(found[number], speaker=entry.speaker) if number in found else replace(entry, text="")
        for number, entry in numbered
    )
