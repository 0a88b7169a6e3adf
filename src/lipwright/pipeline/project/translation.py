"""`translation.srt`: what is translated goes in, and what a person made of it comes back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter

from lipwright.contracts.dub import Line, TargetLine
from lipwright.media.output import write_text
from lipwright.media.read_subtitles import parse_subtitles
from lipwright.pipeline.project import paths
from lipwright.pipeline.project.entry import Entry, entries_of, entry_of, file_text
from lipwright.pipeline.project.file import CueFile, read_file, says
from lipwright.pipeline.project.memory import Memory
from lipwright.pipeline.project.merge_targets import Part, edits_note, merge_targets
from lipwright.pipeline.project.merge_translation import Plan, Translated, plan_translation
from lipwright.pipeline.project.row import Row

Translate = Callable[[tuple[Line, ...]], Sequence[TargetLine]]


def merged_translation(
    folder: Path, lines: Sequence[Line], translate: Translate, duration_s: float, manner: str, language: str
) -> tuple[tuple[TargetLine, ...], tuple[str, ...]]:
    """Read the file, have translated what needs it, and write what is new in it.

    A file that is saved while lines are translated is read again.

    Args:
        language: BCP 47, of the translation.
    Returns: the lines that count, and what a person changed.
    """
    path = paths.inside(folder, paths.TRANSLATION)
    memory = Memory(paths.inside(folder, paths.TRANSLATED), TypeAdapter(tuple[Translated, ...]))
    translated: dict[int, Translated] = {}
    while True:
        file = read_file(path, duration_s, language)
        found = None if file is None else [entry for _, entry in file.entries]
        there = Row(found or (), lambda entry: entry)
        written = memory.load(partial(_stands, there))
        plan = plan_translation(lines, written, found, manner)
        if plan.needed - translated.keys():
            translated |= _translated(plan, translate, manner)
        if _content(path) == (file.content if file else None):
            break
    parts = merge_targets(lines, plan, {number: translated[number] for number in plan.needed})
    _write(path, memory, written, file, parts, plan, marked=any(line.speaker != 1 for line in lines))
    return tuple(part.target for part in parts), (*(file.notes if file else ()), *edits_note(parts))


def _stands(found: Row[Entry], one: Translated) -> bool:
    there = found.at(one.entry)
    return there is not None and there.is_as(one.entry)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _translated(plan: Plan, translate: Translate, manner: str) -> dict[int, Translated]:
    lines = {line.number: line for line in plan.asked}
    return {
        target.number: Translated(
            source=lines[target.number].text,
            start_ms=entry_of(lines[target.number]).start_ms,
            end_ms=entry_of(lines[target.number]).end_ms,
            entry=entry_of(target),
            language=lines[target.number].language,
            text=target.text,
            alternatives=target.alternatives,
            notes=target.notes,
            manner=manner,
        )
        for target in translate(plan.asked)
        if target.number in plan.needed
    }


def _write(
    path: Path,
    memory: Memory[Translated],
    written: Sequence[Translated],
    file: CueFile | None,
    parts: Sequence[Part],
    plan: Plan,
    *,
    marked: bool,
) -> None:
    shown = [(part.target.number, part.entry) for part in parts if part.entry is not None]
    text = file_text(shown, marked=marked)
    read = dict(entries_of(parse_subtitles("written", text).cues)) if text else {}
    rows = [
        replace(part.made, entry=replace(read[part.target.number], speaker=part.target.speaker))
        for part in parts
        if part.made is not None
    ]
    rows = sorted([*rows, *plan.remembered], key=lambda one: (one.start_ms, one.end_ms))
    stays = not text or (file is not None and says(file, text))
    memory.replace(written, rows, None if stays else lambda: write_text(path, text))
