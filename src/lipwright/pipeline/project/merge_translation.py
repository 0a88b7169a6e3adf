"""What a person made of the translation, and which lines are still to be translated. Pure functions.

A person's cue always counts, even where its source changed later or was deleted. A cue that a person deleted leaves its
line silent. A machine's translation counts for as long as its line says the same at the same time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lipwright.contracts.dub import Line
from lipwright.pipeline.project.entry import Entry, entry_of
from lipwright.pipeline.project.row import Row

_SENTENCE_ENDS = tuple(".!?…。！？।؟")
_CLOSING = "\"'”’»)]」』"


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation by the machine."""

    source: str
    """What the line said that it was made of."""
    start_ms: int
    end_ms: int
    """The slot of that line."""
    entry: Entry
    """Its cue as a reader of the file finds it; shorter than the slot where a person's cue reaches into that."""
    language: str
    """BCP 47, of the source."""
    text: str
    alternatives: tuple[str, ...]
    notes: tuple[str, ...]
    manner: str
    """What made it, such as an engine with a glossary."""

    def serves(self, line: Line, manner: str) -> bool:
        """Whether it is what would be made of a line now."""
        place = entry_of(line)
        return (self.source, self.language, self.manner, self.start_ms, self.end_ms) == (
            line.text, line.language, manner, place.start_ms, place.end_ms,
        )  # fmt: skip

    @property
    def slot(self) -> Entry:
        """The time of the line."""
        return replace(self.entry, start_ms=self.start_ms, end_ms=self.end_ms)

    def moved_to(self, line: Line) -> "Translated":
        """The same in the slot of a line."""
        place = entry_of(line)
        entry = replace(self.entry, start_ms=place.start_ms, end_ms=place.end_ms)
        return replace(self, start_ms=place.start_ms, end_ms=place.end_ms, entry=entry)


@dataclass(frozen=True, slots=True)
class Edit:
    """A cue that a person wrote."""

    entry: Entry
    """At the time at which it is spoken."""
    lines: tuple[Line, ...]
    """The lines that it stands for; none for one that was added."""
    replaced: tuple[Translated, ...]
    """What the machine had written there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands for each line; each line is in the edits, or in `kept`, `silent` or `needed`."""

    edits: tuple[Edit, ...]
    kept: Mapping[int, Translated]
    """What the machine translated earlier."""
    silent: Mapping[int, Translated]
    """What a person deleted."""
    needed: frozenset[int]
    """What is to be translated."""
    asked: tuple[Line, ...]
    """The sentences that the needed lines are part of, whole."""
    remembered: tuple[Translated, ...]
    """What the machine had written and a person replaced or deleted, of lines that are still there."""


def plan_translation(
    lines: Sequence[Line], written: Sequence[Translated], found: Sequence[Entry] | None, manner: str
) -> Plan:
    """Find what a person wrote, what stays and what is to be translated.

    Args:
        lines: in order of time, not overlapping.
        written: what the machine wrote into the file last, whether it is still there or not.
        found: the cues that are in the file now, not overlapping; None when there is no file.
        manner: what would translate now.
    """
    written_row = Row(written, lambda one: one.entry)
    found_row = Row(found or (), lambda entry: entry)
    gone = [one for one in written if found is not None and not _stands(found_row, one)]
    linked = _linked(written, lines)
    edits = _edits([entry for entry in found or () if not _is_written(entry, written_row)], gone, linked, lines)
    theirs = {line.number for edit in edits for line in edit.lines}
    machine = {line.number: one for one, line in linked if line.number not in theirs}
    lost = {id(one) for one in gone}
    silent = {number: one for number, one in machine.items() if id(one) in lost}
    kept = {
        line.number: machine[line.number]
        for line in lines
        if line.number in machine and line.number not in silent and machine[line.number].serves(line, manner)
    }
    asked, needed = [], set[int]()
    for sentence in _sentences(lines):
        numbers = {line.number for line in sentence} - theirs - silent.keys()
        if numbers - kept.keys():
            needed |= numbers
            asked += sentence
    return Plan(
        edits=edits,
        kept={number: one for number, one in kept.items() if number not in needed},
        silent=silent,
        needed=frozenset(needed),
        asked=tuple(asked),
        remembered=tuple(one.moved_to(line) for one, line in linked if id(one) in lost),
    )


def _stands(found: Row[Entry], one: Translated) -> bool:
    there = found.at(one.entry)
    return there is not None and there.is_as(one.entry)


def _is_written(entry: Entry, written: Row[Translated]) -> bool:
    there = written.at(entry)
    return there is not None and entry.is_as(there.entry)


def _linked(written: Sequence[Translated], lines: Sequence[Line]) -> list[tuple[Translated, Line]]:
    """Find the line of each translation: at its time, or else one that says the same, or else one at about its time."""
    places = Row(lines, entry_of)
    free = {line.number: line for line in lines}
    pairs: list[tuple[Translated, Line]] = []
    waiting: list[Translated] = []
    for one in written:
        line = places.at(one.slot)
        if line is None or line.number not in free:
            waiting.append(one)
        else:
            pairs.append((one, free.pop(line.number)))
    said: dict[str, list[Line]] = {}
    for line in free.values():
        said.setdefault(line.text, []).append(line)
    moved: list[Translated] = []
    for one in waiting:
        same = said.get(one.source, [])
        if same:
            line = min(same, key=lambda line: abs(entry_of(line).start_ms - one.start_ms))
            same.remove(line)
            pairs.append((one, free.pop(line.number)))
        else:
            moved.append(one)
    for one in moved:
        there = [line for line in places.covered(one.slot) if line.number in free]
        if there:
            line = max(there, key=lambda line: entry_of(line).overlap_ms(one.slot))
            pairs.append((one, free.pop(line.number)))
    return pairs


def _edits(
    entries: Sequence[Entry],
    gone: Sequence[Translated],
    linked: Sequence[tuple[Translated, Line]],
    lines: Sequence[Line],
) -> tuple[Edit, ...]:
    gone_row, line_row = Row(gone, lambda one: one.entry), Row(lines, entry_of)
    line_of = {id(one): line for one, line in linked}
    edits = []
    for entry in entries:
        twin = gone_row.at(entry)
        line = line_of.get(id(twin))
        speaker = entry.speaker
        if twin is not None and line is not None and speaker in {None, twin.entry.speaker}:
            speaker = line.speaker
        if twin is not None and line is not None and line_row.at(entry) is None:
            place = entry_of(line)
            if all(other is entry or other.overlap_ms(place) <= 0 for other in entries):
                edits.append(Edit(Entry(place.start_ms, place.end_ms, speaker, entry.text), (line,), (twin,)))
                continue
        stood_for = tuple(line_row.covered(entry))
        if speaker is None:
            speaker = _speaker(entry, stood_for, lines)
        replaced = tuple(gone_row.covered(entry))
        edits.append(Edit(Entry(entry.start_ms, entry.end_ms, speaker, entry.text), stood_for, replaced))
    return tuple(edits)


def _speaker(entry: Entry, stood_for: Sequence[Line], lines: Sequence[Line]) -> int:
    """Who says a cue that does not tell: as the line there, or the one before it."""
    if stood_for:
        return stood_for[0].speaker
    before = [line.speaker for line in lines if entry_of(line).start_ms <= entry.start_ms]
    return before[-1] if before else lines[0].speaker if lines else 1


def _sentences(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines that follow on one another in one sentence of one speaker."""
    sentences: list[list[Line]] = []
    for line in lines:
        before = sentences[-1][-1] if sentences else None
        if (
            before is not None
            and (before.speaker, before.language) == (line.speaker, line.language)
            and not before.text.rstrip(_CLOSING + " ").endswith(_SENTENCE_ENDS)
        ):
            sentences[-1].append(line)
        else:
            sentences.append([line])
    return sentences
