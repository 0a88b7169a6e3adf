"""What the machine hears and what a person made of it become the lines that count. Pure functions.

A person's cue always counts. What the machine hears now counts where no person changed, moved or deleted anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lipwright.contracts.dub import Line
from lipwright.pipeline.project.entry import Entry
from lipwright.pipeline.project.row import Row

_NAMED = 8
"""So many numbers of lines are told in a note."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A line as the machine heard it, and its cue as a reader of the file finds it."""

    line: Line
    entry: Entry


@dataclass(frozen=True, slots=True)
class MergedTranscript:
    """What counts."""

    lines: tuple[Line, ...]
    """Numbered from 1 in order of time, not overlapping, none empty."""
    entries: tuple[Entry, ...]
    """Their cues; an edited one is laid out as the person did."""
    notes: tuple[str, ...]
    """What a person changed."""


def merge_transcript(
    heard: Sequence[Heard], written: Sequence[Entry], found: Sequence[Entry] | None, language: str
) -> MergedTranscript:
    """Let a person's edits stand over what is heard.

    Args:
        heard: what the machine hears now, in order of time, not overlapping.
        written: the cues that the machine wrote into the file last, whether they are still there or not.
        found: the cues that are in the file now, not overlapping; None when there is no file.
        language: BCP 47, of lines that a person added where nobody was heard.
    """
    found_row = Row(found or (), _itself)
    heard_row, written_row = Row(heard, lambda one: one.entry), Row(written, _itself)
    gone = [one for one in written if found is not None and not _stands(found_row, one)]
    edits = [entry for entry in found or () if not (_is_of(entry, heard_row) or _is_written(entry, written_row))]
    edited_row, gone_row = Row(edits, _itself), Row(gone, _itself)
    kept = [
        one
        for one in heard
        if _stands(found_row, one.entry) or not (edited_row.meeting(one.entry) or gone_row.covered(one.entry))
    ]
    parts = [(one.entry, one.line) for one in kept]
    parts += [(entry, _line(entry, heard_row, language)) for entry in edits if entry.said]
    parts.sort(key=lambda part: part[0].start_ms)
    lines: list[Line] = []
    entries: list[Entry] = []
    for number, (entry, line) in enumerate(parts, 1):
        speaker = line.speaker or (lines[-1].speaker if lines else 1)
        lines.append(replace(line, number=number, speaker=speaker))
        entries.append(replace(entry, speaker=speaker))
    return MergedTranscript(tuple(lines), tuple(entries), _notes(edits, gone, entries))


def _itself(entry: Entry) -> Entry:
    return entry


def _stands(found: Row[Entry], written: Entry) -> bool:
    """Whether a cue is in the file as it was written."""
    there = found.at(written)
    return there is not None and there.is_as(written)


def _is_written(entry: Entry, written: Row[Entry]) -> bool:
    there = written.at(entry)
    return there is not None and entry.is_as(there)


def _is_of(entry: Entry, heard: Row[Heard]) -> bool:
    there = heard.at(entry)
    return there is not None and entry.is_as(there.entry)


def _line(entry: Entry, heard: Row[Heard], language: str) -> Line:
    """The line of a person's cue; its speaker is 0 when neither the cue nor what was heard there tells it."""
    there = max(heard.meeting(entry), key=lambda one: entry.overlap_ms(one.entry), default=None)
    line = Line(
        number=0,
        start_s=entry.start_ms / 1000,
        end_s=entry.end_ms / 1000,
        speaker=entry.speaker or (there.line.speaker if there else 0),
        text=entry.said,
        language=there.line.language if there else language,
    )
    if there is not None and replace(entry, speaker=None).is_as(there.entry):
        return replace(there.line, speaker=line.speaker)
    return line


def _notes(edits: Sequence[Entry], gone: Sequence[Entry], entries: Sequence[Entry]) -> tuple[str, ...]:
    numbers = {entry.start_ms: number for number, entry in enumerate(entries, 1)}
    gone_row, edited_row = Row(gone, _itself), Row(edits, _itself)
    told: tuple[list[int], list[int], list[int]] = [], [], []
    for entry in edits:
        if entry.said:
            added_edited_joined = min(len(gone_row.covered(entry)), 2)
            told[added_edited_joined].append(numbers[entry.start_ms])
    silent = sum(not entry.said for entry in edits) + sum(not edited_row.covered(one) for one in gone)
    added, changed, joined = told
    return summary("transcript.srt", changed, joined, added, silent)


def summary(
    file: str, changed: Sequence[int], joined: Sequence[int], added: Sequence[int], silent: int
) -> tuple[str, ...]:
    """One sentence on a person's edits; nothing when there are none.

    Args:
        changed: numbers of lines whose text, times or speaker are a person's; the same of joined and added lines.
        silent: how many lines a person deleted or emptied.
    """
    told = [
        f"{_counted(numbers)} {what}"
        for numbers, what in ((changed, "edited"), (joined, "joined from several"), (added, "added"))
        if numbers
    ]
    if silent:
        told.append(f"{silent} left silent")
    return (f"{file}, as a person left it: {'; '.join(told)}",) if told else ()


def _counted(numbers: Sequence[int]) -> str:
    named = ", ".join(map(str, numbers[:_NAMED]))
    rest = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return f"{'line' if len(numbers) == 1 else 'lines'} {named}{rest}"
