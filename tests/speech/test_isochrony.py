"""Lines come into their slots: never over each other, never out of the video, never faster than people bear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.dub import Fit, SpokenLine
from lipwright.errors import LinesDoNotFit
from lipwright.speech.isochrony import Placement, Room, Rules, Slot, check_lines, find_rooms, fit_line

RULES = Rules()
NEXT = 1e-9

times = st.floats(0, 30, allow_nan=False).map(lambda time_s: round(time_s, 3))


@st.composite
def videos(draw: st.DrawFn) -> tuple[list[Slot], float]:
    """Slots as editors and engines leave them: some overlap, some lie behind the end of the video."""
    starts = sorted(draw(st.lists(times, min_size=1, max_size=12)))
    lengths = st.floats(0.01, 6.0).map(lambda length_s: round(length_s, 3))
    slots = [
        Slot(number, start_s, start_s + draw(lengths), draw(st.integers(1, 3)))
        for number, start_s in enumerate(starts, 1)
    ]
    return slots, draw(st.floats(0.5, 40.0))


lengths = st.lists(st.floats(0.05, 12.0), min_size=1, max_size=4)


def overlap(a: Slot, b: Slot) -> bool:
    return max(a.start_s, b.start_s) < min(a.end_s, b.end_s)


@given(videos(), st.data())
def test_no_line_leaves_the_video_or_runs_into_another_one(
    video: tuple[list[Slot], float], data: st.DataObject
) -> None:
    slots, duration_s = video
    rooms = find_rooms(slots, duration_s, RULES)
    placed = [fit_line(room, data.draw(lengths), RULES) for room in rooms]
    for i, (slot, here) in enumerate(zip(slots, placed, strict=True)):
        assert here.start_s == min(slot.start_s, duration_s)
        assert here.start_s <= here.end_s <= duration_s + NEXT
        for later, there in zip(slots[i + 1 :], placed[i + 1 :], strict=True):
            assert here.start_s <= there.start_s
            if later.speaker == slot.speaker or not overlap(slot, later):
                assert here.end_s <= max(there.start_s, here.start_s) + NEXT
            else:
                shared_s = min(slot.end_s, later.end_s) - later.start_s
                assert min(here.end_s, there.end_s) - there.start_s <= shared_s + NEXT


@given(videos(), st.data())
def test_line_that_borrows_leaves_silence_before_the_next_one(
    video: tuple[list[Slot], float], data: st.DataObject
) -> None:
    slots, duration_s = video
    for slot, room in zip(slots, find_rooms(slots, duration_s, RULES), strict=True):
        here = fit_line(room, data.draw(lengths), RULES)
        assert here.borrowed_s == pytest.approx(max(0.0, here.end_s - room.slot_end_s))
        if here.borrowed_s > 0:
            others = [other for other in slots if other is not slot]
            assert not any(other.start_s < here.end_s and other.end_s > room.slot_end_s for other in others)
            behind_s = [other.start_s for other in others if other.start_s >= room.slot_end_s]
            assert here.end_s <= min(behind_s, default=duration_s + RULES.silence_s) - RULES.silence_s + NEXT


rooms = st.tuples(st.floats(0, 100), st.floats(0, 8), st.floats(0, 5)).map(
    lambda room: Room(room[0], room[0] + room[1], room[0] + room[1] + room[2])
)


@given(rooms, lengths)
def test_every_spoken_line_keeps_a_pace_that_people_bear(room: Room, lengths_s: list[float]) -> None:
    here = fit_line(room, lengths_s, RULES)
    if here.fit is Fit.FAILED:
        assert here.end_s == here.start_s
        assert min(lengths_s) > (room.end_s - room.start_s) * RULES.fastest
        return
    assert RULES.slowest <= here.speed <= RULES.fastest
    assert here.natural_s == lengths_s[here.choice]
    assert here.natural_s / (here.end_s - here.start_s) == pytest.approx(here.speed, rel=1e-6, abs=1e-9)
    assert here.end_s <= room.end_s


@given(rooms, lengths)
def test_line_is_made_faster_only_where_no_silence_is_left_to_borrow(room: Room, lengths_s: list[float]) -> None:
    here = fit_line(room, lengths_s, RULES)
    if here.speed > 1.0:
        assert here.end_s == pytest.approx(room.end_s)
    if here.speed < 1.0:
        assert here.end_s <= room.slot_end_s + NEXT
        assert here.borrowed_s == 0.0


@given(rooms, lengths)
def test_first_translation_that_fits_is_spoken(room: Room, lengths_s: list[float]) -> None:
    asked: list[float] = []
    here = fit_line(room, (asked.append(length_s) or length_s for length_s in lengths_s), RULES)
    if here.fit is not Fit.FAILED:
        assert len(asked) == here.choice + 1
        assert all(length_s > (room.end_s - room.start_s) * RULES.fastest for length_s in asked[:-1])
    assert (here.fit is Fit.SHORTER) == (here.choice > 0)


ROOM = Room(10.0, 12.0, 12.85)


@pytest.mark.parametrize(
    ("natural_s", "expected"),
    [
        (1.90, Placement(0, 10.0, 11.90, 1.90, 1.0, 0.0, Fit.FITS)),
        (2.00, Placement(0, 10.0, 12.00, 2.00, 1.0, 0.0, Fit.FITS)),
        (2.50, Placement(0, 10.0, 12.50, 2.50, 1.0, 0.50, Fit.BORROWED)),
        (2.84, Placement(0, 10.0, 12.84, 2.84, 1.0, 0.84, Fit.BORROWED)),
        (3.135, Placement(0, 10.0, 12.85, 3.135, 1.1, 0.85, Fit.FASTER)),
        (3.4199, Placement(0, 10.0, 12.85, 3.4199, 3.4199 / 2.85, 0.85, Fit.FASTER)),
        (3.43, Placement(0, 10.0, 10.0, 3.43, 1.0, 0.0, Fit.FAILED)),
        (1.70, Placement(0, 10.0, 11.87, 1.70, 1 / 1.1, 0.0, Fit.STRETCHED)),
        (1.00, Placement(0, 10.0, 11.00, 1.00, 1.0, 0.0, Fit.FITS)),  # 0.1 s more would change nothing
    ],
)
def test_each_length_has_its_way_into_a_slot(natural_s: float, expected: Placement) -> None:
    here = fit_line(ROOM, [natural_s], RULES)
    assert (here.choice, here.fit) == (expected.choice, expected.fit)
    assert (here.start_s, here.end_s, here.natural_s, here.speed, here.borrowed_s) == pytest.approx(
        (expected.start_s, expected.end_s, expected.natural_s, expected.speed, expected.borrowed_s)
    )


def test_slow_line_fills_its_slot_and_no_more() -> None:
    assert fit_line(Room(0.0, 2.0, 5.0), [1.82], Rules(early_s=0.1)).end_s == 2.0


def test_line_that_says_nothing_is_silent() -> None:
    assert fit_line(ROOM, [], RULES) == Placement(0, 10.0, 10.0, 0.0, 1.0, 0.0, Fit.SILENT)


def test_line_borrows_no_time_in_which_somebody_else_still_speaks() -> None:
    long, aside, last = find_rooms([Slot(1, 0.0, 10.0, 1), Slot(2, 3.0, 4.0, 2), Slot(3, 15.0, 16.0, 1)], 20.0, RULES)
    assert aside == Room(3.0, 4.0, 4.0)
    assert long == Room(0.0, 10.0, 14.85)
    assert last == Room(15.0, 16.0, 20.0)


def spoken(number: int, fit: Fit) -> SpokenLine:
    return SpokenLine(number, 1, "", "", 0.0, 1.0, 0.0, 0.0, 2.0, 1.0, 0.0, fit, "voice", "fake", 0)


def test_too_many_failed_lines_are_named_and_a_fifth_is_not_too_many() -> None:
    fits, silent = [spoken(number, Fit.FITS) for number in (1, 2, 3, 4)], spoken(8, Fit.SILENT)
    check_lines([*fits, spoken(5, Fit.FAILED), silent], RULES)
    with pytest.raises(LinesDoNotFit, match=r"lines 5 and 7: .* 2 of 6 lines fail\. Shorten them in translation\.srt"):
        check_lines([*fits, spoken(5, Fit.FAILED), spoken(7, Fit.FAILED), silent, silent], RULES)
    with pytest.raises(LinesDoNotFit, match=r"^line 1: .*--allow"):
        check_lines([spoken(1, Fit.FAILED)], RULES)
    check_lines([silent], RULES)
    check_lines([], RULES)
