"""Cues of scenes on the timeline of the video."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.media import Cue
from lipwright.media.scene_cues import joined_cues, shifted

milliseconds = st.integers(0, 20_000)
cues = st.lists(milliseconds, max_size=8, unique=True).map(
    lambda times: [
        Cue(f"cue {at}", at / 1000, end / 1000)
        for at, end in zip(sorted(times)[:-1:2], sorted(times)[1::2], strict=False)
    ]
)


def test_cues_move_by_the_start_of_their_scene() -> None:
    assert shifted([Cue("one", 0.5, 1.5), Cue("two", 2.0, 3.0)], 12.0) == [
        Cue("one", 12.5, 13.5),
        Cue("two", 14.0, 15.0),
    ]


def test_cue_gives_way_to_the_first_of_the_next_scene() -> None:
    joined = joined_cues([(0.0, [Cue("one", 1.0, 5.0)]), (4.5, [Cue("two", 0.2, 2.0)])])
    assert joined == [Cue("one", 1.0, 4.7), Cue("two", 4.7, 6.5)]


@given(st.lists(cues, max_size=4))
def test_joined_cues_never_overlap_and_none_is_lost_between_scenes_apart(scenes: list[list[Cue]]) -> None:
    joined = joined_cues([(20.0 * number, own) for number, own in enumerate(scenes)])
    assert [cue.text for cue in joined] == [cue.text for own in scenes for cue in own]
    assert all(before.end_s <= after.start_s for before, after in itertools.pairwise(joined))
    assert all(cue.end_s > cue.start_s for cue in joined)


@given(st.lists(st.tuples(milliseconds, cues), max_size=4))
def test_cues_of_scenes_that_lie_over_each_other_are_in_order(scenes: list[tuple[int, list[Cue]]]) -> None:
    joined = joined_cues([(start / 1000, own) for start, own in scenes])
    assert all(before.end_s <= after.start_s for before, after in itertools.pairwise(joined))
    assert all(cue.end_s > cue.start_s for cue in joined)
