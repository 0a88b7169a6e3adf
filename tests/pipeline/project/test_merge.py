"""What holds for every transcript, every translation and every edit."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lipwright.contracts.dub import Line, TargetLine
from lipwright.media.read_subtitles import parse_subtitles
from lipwright.pipeline.project.entry import Entry, as_read_back, entries_of, file_text
from lipwright.pipeline.project.merge_targets import merge_targets
from lipwright.pipeline.project.merge_transcript import Heard, merge_transcript
from lipwright.pipeline.project.merge_translation import Translated, plan_translation
from support.dubbing import Translator

WORDS = st.sampled_from(["One", "two.", "three", "four!", "[3] five", "{six}", "<b>seven</b>", "8 --> 9", "十", "عشرة"])
TEXTS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@st.composite
def spans(draw: st.DrawFn, most: int = 6) -> list[tuple[int, int]]:
    """Stretches of milliseconds in order that do not overlap, and may touch."""
    edges = sorted(draw(st.sets(st.integers(0, 400), min_size=0, max_size=2 * most)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [(start * 50, end * 50) for start, end in pairs]


@st.composite
def transcripts(draw: st.DrawFn) -> tuple[Line, ...]:
    return tuple(
        Line(number, start / 1000 + draw(st.floats(0, 0.0004)), end / 1000, draw(st.integers(1, 3)), draw(TEXTS), "en")
        for number, (start, end) in enumerate(draw(spans()), 1)
    )


@st.composite
def edited(draw: st.DrawFn, entries: Sequence[Entry]) -> list[Entry]:
    """What a person may make of some cues: texts, speakers and times changed, cues deleted, joined and added."""
    kept = [entry for entry in entries if draw(st.integers(0, 3))]
    theirs = []
    for start, end in draw(spans(3)):
        if draw(st.booleans()):
            kept = [one for one in kept if one.end_ms <= start or one.start_ms >= end]
            theirs.append(Entry(start, end, draw(st.sampled_from([None, 1, 2])), draw(TEXTS)))
    reworded = [replace(one, text=draw(TEXTS)) if not draw(st.integers(0, 3)) else one for one in kept]
    return sorted([*reworded, *theirs], key=lambda one: one.start_ms)


def heard(lines: Sequence[Line]) -> list[Heard]:
    entries = as_read_back([Entry(round(o.start_s * 1000), round(o.end_s * 1000), o.speaker, o.text) for o in lines])
    return [Heard(line, entry) for line, entry in zip(lines, entries, strict=True)] if lines else []


def as_found(entries: Sequence[Entry], lines: Sequence[Line] = ()) -> list[Entry]:
    if not entries:
        return []
    cues = parse_subtitles(
        "edited", file_text(enumerate(entries, 1), marked=any(one.speaker != 1 for one in lines))
    ).cues
    return [entry for _, entry in entries_of(cues)]


def run_translation(
    lines: Sequence[Line], written: Sequence[Translated], found: Sequence[Entry] | None
) -> tuple[tuple[TargetLine, ...], list[Translated], list[Entry], list[int]]:
    """As `merged_translation` does it, without files."""
    plan = plan_translation(lines, written, found, "x")
    translator = Translator()
    by_number = {line.number: line for line in lines}
    made = {
        target.number: Translated(
            by_number[target.number].text, round(target.start_s * 1000), round(target.end_s * 1000),
            Entry(0, 1, None, ""), "en", target.text, (), (), "x",
        )
        for target in (translator(plan.asked) if plan.asked else ())
        if target.number in plan.needed
    }  # fmt: skip
    parts = merge_targets(lines, plan, made)
    shown = [(part.target.number, part.entry) for part in parts if part.entry is not None]
    read = (
        dict(
            entries_of(
                parse_subtitles("written", file_text(shown, marked=any(line.speaker != 1 for line in lines))).cues
            )
        )
        if shown
        else {}
    )
    rows = [
        replace(part.made, entry=replace(read[part.target.number], speaker=part.target.speaker))
        for part in parts
        if part.made is not None
    ]
    return tuple(part.target for part in parts), [*rows, *plan.remembered], list(read.values()), translator.asked


def check_order(lines: Sequence[Line | TargetLine]) -> None:
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    for before, after in pairwise(lines):
        assert round(before.end_s * 1000) <= round(after.start_s * 1000)
    assert all(line.start_s < line.end_s for line in lines)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, st.sampled_from([None, 1, 2])), min_size=1, max_size=5))
def test_what_is_written_is_read_back(lines: list[tuple[str, int | None]]) -> None:
    written = [Entry(n * 1000, n * 1000 + 500, speaker, text) for n, (text, speaker) in enumerate(lines)]
    read = as_read_back(written)
    assert as_read_back(read) == read
    assert [one.start_ms for one in read] == [one.start_ms for one in written]


@settings(deadline=None)
@given(transcripts())
def test_an_unchanged_transcript_is_what_was_heard(lines: tuple[Line, ...]) -> None:
    first = merge_transcript(heard(lines), [], None, "en")
    assert first.lines == lines
    again = merge_transcript(heard(lines), [one.entry for one in heard(lines)], as_found(first.entries, lines), "en")
    assert (again.lines, again.notes) == (first.lines, ())


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(st.data(), transcripts(), transcripts())
def test_no_edit_of_a_transcript_is_lost_whatever_is_heard_later(
    data: st.DataObject, lines: tuple[Line, ...], later: tuple[Line, ...]
) -> None:
    written = [one.entry for one in heard(lines)]
    found = as_found(data.draw(edited(written)))
    theirs = [entry for entry in found if not any(entry.is_as(one) for one in written)]
    for now in (lines, later):
        merged = merge_transcript(heard(now), written, found, "en")
        check_order(merged.lines)
        said = {(round(one.start_s * 1000), round(one.end_s * 1000), one.text) for one in merged.lines}
        heard_now = [one.entry for one in heard(now)]
        assert said >= {
            (one.start_ms, one.end_ms, one.said)
            for one in theirs
            if one.said and not any(one.is_as(entry) for entry in heard_now)
        }
        again = merge_transcript(heard(now), heard_now, as_found(merged.entries, now), "en")
        assert again.lines == merged.lines


@settings(deadline=None)
@given(transcripts())
def test_an_unchanged_translation_asks_for_nothing(lines: tuple[Line, ...]) -> None:
    targets, rows, found, asked = run_translation(lines, [], None)
    assert sorted(asked) == [line.number for line in lines]
    assert [one.text for one in targets] == [line.text.upper() for line in lines]
    assert run_translation(lines, rows, found)[0] == targets
    assert run_translation(lines, rows, found)[3] == []


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(st.data(), transcripts(), transcripts())
def test_no_edit_of_a_translation_is_lost_whatever_its_source_becomes(
    data: st.DataObject, lines: tuple[Line, ...], later: tuple[Line, ...]
) -> None:
    _, rows, written, _ = run_translation(lines, [], None)
    found = as_found(data.draw(edited(written)))
    theirs = [entry for entry in found if not any(entry.is_as(one.entry) for one in rows)]
    for now in (lines, later):
        targets, rows_now, found_now, _ = run_translation(now, rows, found)
        check_order(targets)
        texts = [one.text for one in targets]
        assert all(one.said in texts for one in theirs)
        if now is lines:
            places = {(round(one.start_s * 1000), round(one.end_s * 1000), one.text) for one in targets}
            assert places >= {(one.start_ms, one.end_ms, one.said) for one in theirs}
        again, _, _, asked = run_translation(now, rows_now, found_now)
        assert asked == []
        assert [(one.number, one.start_s, one.text) for one in again] == [
            (one.number, one.start_s, one.text) for one in targets
        ]


def test_a_line_that_moves_takes_its_edited_translation_along() -> None:
    lines = (Line(1, 1.0, 2.0, 1, "One.", "en"), Line(2, 3.0, 4.0, 1, "Two.", "en"))
    _, rows, found, _ = run_translation(lines, [], None)
    found[1] = replace(found[1], text="Dois.")
    moved = (lines[0], replace(lines[1], start_s=7.0, end_s=8.5))
    targets, rows, found, asked = run_translation(moved, rows, found)
    assert [(one.start_s, one.end_s, one.text) for one in targets] == [(1.0, 2.0, "ONE."), (7.0, 8.5, "Dois.")]
    assert asked == []
    assert run_translation(moved, rows, found)[0] == targets


def test_the_rest_of_a_sentence_is_translated_with_its_changed_part() -> None:
    lines = (
        Line(1, 1.0, 2.0, 1, "If it rains", "en"),
        Line(2, 2.5, 4.0, 1, "we go.", "en"),
        Line(3, 5, 6, 1, "Yes.", "en"),
    )
    _, rows, found, _ = run_translation(lines, [], None)
    changed = (lines[0], replace(lines[1], text="we stay."), lines[2])
    assert run_translation(changed, rows, found)[3] == [1, 2]


@pytest.mark.parametrize("crashed", [False, True])
def test_a_crash_between_two_files_makes_no_line_a_persons(tmp_path: Path, crashed: bool) -> None:
    from pydantic import TypeAdapter

    from lipwright.pipeline.project.memory import Memory

    memory = Memory(tmp_path / "memory.json", TypeAdapter(tuple[str, ...]))
    memory.replace([], ["old one", "old two"], None)
    file = ["old one", "old two"]

    def write() -> None:
        if crashed:
            raise InterruptedError
        file[:] = ["new one", "old two"]
        raise InterruptedError  # the machine's memory is not yet told that the file is written

    with pytest.raises(InterruptedError):
        memory.replace(["old one", "old two"], ["new one", "old two"], write)
    assert list(memory.load(lambda row: row in file)) == file
