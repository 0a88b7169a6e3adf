"""A person's cues and the machine's translations side by side in time. Pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lipwright.contracts.dub import Line, TargetLine
from lipwright.pipeline.project.entry import Entry, entry_of
from lipwright.pipeline.project.merge_transcript import summary
from lipwright.pipeline.project.merge_translation import Edit, Plan, Translated
from lipwright.pipeline.project.row import Row

SOURCE_CHANGED = "its source changed after its translation was edited; the edited one is spoken"
SOURCE_GONE = "its source line is gone; delete it in translation.srt, too, to leave it silent"
EDITED, JOINED, ADDED, SILENT = "edited", "joined", "added", "silent"


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the dub, and where it comes from."""

    target: TargetLine
    entry: Entry | None
    """Its cue in the file; None where a person deleted it."""
    made: Translated | None
    """By the machine; None for a person's."""
    edit: str | None
    """What a person did; None for the machine's."""


def merge_targets(lines: Sequence[Line], plan: Plan, translated: Mapping[int, Translated]) -> tuple[Part, ...]:
    """Put a plan into effect.

    Args:
        lines: those of the plan.
        translated: what the machine made of the needed lines, by their numbers.
    Returns: parts that are numbered from 1 in order of time and do not overlap.
    """
    edits = Row(plan.edits, lambda edit: edit.entry)
    parts = [_edited(edit) for edit in plan.edits]
    for line in lines:
        made = plan.kept.get(line.number) or translated.get(line.number)
        deleted = plan.silent.get(line.number)
        if made is None and deleted is None:
            continue
        for slot in _free(entry_of(line), edits):
            parts.append(_translated(line, slot, made) if made is not None else _silent(line, slot, deleted))
    parts.sort(key=lambda part: part.target.start_s)
    return tuple(replace(part, target=replace(part.target, number=number)) for number, part in enumerate(parts, 1))


def edits_note(parts: Sequence[Part]) -> tuple[str, ...]:
    """One sentence on what a person changed; nothing where nobody did."""

    def numbers(edit: str) -> list[int]:
        return [part.target.number for part in parts if part.edit == edit]

    return summary("translation.srt", numbers(EDITED), numbers(JOINED), numbers(ADDED), len(numbers(SILENT)))


def _free(slot: Entry, edits: Row[Edit]) -> Iterator[Entry]:
    """The longest stretch of a slot into which no person's cue reaches, if there is any."""
    begin_ms, stretches = slot.start_ms, []
    for edit in edits.meeting(slot):
        stretches.append((begin_ms, edit.entry.start_ms))
        begin_ms = edit.entry.end_ms
    stretches.append((begin_ms, slot.end_ms))
    start_ms, end_ms = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    if end_ms > start_ms:
        yield replace(slot, start_ms=start_ms, end_ms=end_ms)


def _edited(edit: Edit) -> Part:
    said = edit.entry.said
    notes = []
    if edit.replaced and not edit.lines and said:
        notes.append(SOURCE_GONE)
    elif edit.replaced and [one.source for one in edit.replaced] != [line.text for line in edit.lines]:
        notes.append(SOURCE_CHANGED)
    if not said:
        kind = SILENT
    elif len(edit.lines) > 1:
        kind = JOINED
    else:
        kind = EDITED if edit.lines or edit.replaced else ADDED
    start_s, end_s = edit.entry.start_ms / 1000, edit.entry.end_ms / 1000
    if len(edit.lines) == 1 and edit.entry.has_times_of(entry_of(edit.lines[0])):
        start_s, end_s = edit.lines[0].start_s, edit.lines[0].end_s
    target = TargetLine(
        number=0,
        start_s=start_s,
        end_s=end_s,
        speaker=edit.entry.speaker or 1,
        source=" ".join(line.text for line in edit.lines),
        text=said,
        notes=tuple(notes),
    )
    return Part(target, edit.entry, None, kind)


def _translated(line: Line, slot: Entry, made: Translated) -> Part:
    target = replace(_target(line, slot), text=made.text, alternatives=made.alternatives, notes=made.notes)
    return Part(target, replace(slot, text=made.text), made, None)


def _silent(line: Line, slot: Entry, deleted: Translated | None) -> Part:
    changed = deleted is not None and deleted.source != line.text
    return Part(replace(_target(line, slot), notes=(SOURCE_CHANGED,) if changed else ()), None, None, SILENT)


def _target(line: Line, slot: Entry) -> TargetLine:
    """A line of the dub that says nothing."""
    start_s, end_s = line.start_s, line.end_s
    if not slot.has_times_of(entry_of(line)):
        start_s, end_s = slot.start_ms / 1000, slot.end_ms / 1000
    return TargetLine(number=0, start_s=start_s, end_s=end_s, speaker=line.speaker, source=line.text, text="")
