"""Pieces are shared out so that each is made once, by parts that are worth their beginning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.pipeline.share import MOST_PARTS, Division, Partly, Share, part_name, pieces_of


@given(count=st.integers(0, 2000), least=st.integers(1, 20))
def test_each_piece_is_in_one_part_and_no_part_is_too_small(count: int, least: int) -> None:
    division = Division(least=least)
    mine = division.of(count)

    if not division.parts:
        assert list(mine) == list(range(count))
        assert count < 2 * least
        division.end()
        return
    assert [piece for part in division.parts for piece in part] == list(range(count))
    assert len(division.parts) <= MOST_PARTS
    assert min(map(len, division.parts)) >= least
    assert max(map(len, division.parts)) - min(map(len, division.parts)) <= 1
    assert list(mine) == []
    with pytest.raises(Partly):
        division.end()


@given(first=st.integers(0, 999), length=st.integers(1, 99))
def test_a_part_is_known_by_its_name(first: int, length: int) -> None:
    pieces = range(first, first + length)

    assert pieces_of(part_name("windows", pieces)) == pieces


def test_a_part_makes_its_pieces_and_ends() -> None:
    share = Share(pieces_of("lines-4-6"))

    assert list(share.of(10)) == [3, 4, 5]
    with pytest.raises(Partly):
        share.end()


def test_pieces_that_are_no_more_are_made_by_nobody() -> None:
    assert list(Share(range(3, 6)).of(4)) == [3]
    assert list(Share(range(3, 6)).of(2)) == []


def test_who_makes_everything_goes_on() -> None:
    for share in (Share(), Share(range(5))):
        assert list(share.of(5)) == [0, 1, 2, 3, 4]
        share.end()
