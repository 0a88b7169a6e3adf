"""The path through the bank."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.render.rewrite.bank import Bank
from lipwright.render.rewrite.plan import BACK_COST, JUMP_COST, NEIGHBOUR_COST, MouthPlanner, Wanted, cheapest_path


def step_cost(one: int, other: int, numbers: np.ndarray, likeness: np.ndarray) -> float:
    step = numbers[other] - numbers[one]
    if step == 1:
        return 0.0
    if step == -1:
        return BACK_COST
    return NEIGHBOUR_COST if step in (0, 2) else JUMP_COST + float(likeness[one, other])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), frames=st.integers(1, 5), begins=st.booleans())
def test_no_path_is_cheaper(seed: int, frames: int, begins: bool) -> None:
    rng = np.random.default_rng(seed)
    numbers = np.cumsum(rng.integers(1, 3, 6))
    likeness = rng.random((6, 6)).astype(np.float32)
    candidates = np.array([np.sort(rng.choice(6, 3, replace=False)) for _ in range(frames)], np.int32)
    local = rng.random((frames, 3))
    before = -1 if begins else int(rng.integers(6))
    path = np.empty(frames, np.int32)
    cheapest_path(candidates, local, before, numbers, likeness, path)

    def total(chosen: tuple[int, ...]) -> float:
        cost = sum(float(local[t, list(candidates[t]).index(row)]) for t, row in enumerate(chosen))
        steps = chosen if before < 0 else (before, *chosen)
        return cost + sum(step_cost(a, b, numbers, likeness) for a, b in pairwise(steps))

    least = min(total(tuple(int(row) for row in rows)) for rows in product(*candidates))
    assert np.isclose(total(tuple(int(row) for row in path)), least)


def test_a_mouth_of_the_clip_finds_itself(bank: Bank) -> None:
    planner = MouthPlanner(bank)
    rows = slice(6, 18)
    exemplars = bank.exemplars[rows]
    wanted = Wanted(
        np.array([exemplar.controls for exemplar in exemplars]),
        np.array([exemplar.gap for exemplar in exemplars]),
        bank.turns[rows],
        np.array([exemplar.focus for exemplar in exemplars]),
    )
    path = planner.choose(wanted, None)
    apart = [abs(bank.exemplars[row].gap - one.gap) for row, one in zip(path, exemplars, strict=True)]
    assert max(apart) < 0.03


def test_lips_that_meet_unlike_all_others_are_avoided(bank: Bank) -> None:
    shut = [row for row, exemplar in enumerate(bank.exemplars) if exemplar.gap < 0.012]
    spoilt = shut[len(shut) // 2]
    likeness = bank.likeness.copy()
    likeness[spoilt] += 3
    likeness[:, spoilt] += 3
    rest = Wanted(np.zeros((1, 8)), np.zeros(1), bank.turns[[spoilt]], np.array([bank.exemplars[spoilt].focus]))
    before = MouthPlanner(bank).choose(rest, spoilt)
    assert before[0] in shut
    chosen = MouthPlanner(replace(bank, likeness=likeness)).choose(rest, None)
    assert chosen[0] in shut
    assert chosen[0] != spoilt


def test_lips_fade_over_a_jump_and_nowhere_else(bank: Bank) -> None:
    planner = MouthPlanner(bank)
    path = np.array([3, 4, 5, 20, 21, 21], np.int32)
    assert planner.mix(path, 1) == [(4, 1.0)]
    assert [row for row, _ in planner.mix(path, 2)] == [5, 19]
    assert [row for row, _ in planner.mix(path, 3)] == [20, 6]
    assert planner.mix(path, 5) == [(21, 1.0)]
    for index in range(len(path)):
        assert np.isclose(sum(share for _, share in planner.mix(path, index)), 1)


def test_lips_that_meet_take_nothing_from_lips_that_do_not(bank: Bank) -> None:
    planner = MouthPlanner(bank)
    gaps = np.array([exemplar.gap for exemplar in bank.exemplars])
    shut, ajar = int(gaps.argmin()), int(gaps.argmax())
    path = np.array([shut, ajar], np.int32)
    assert len(planner.mix(path, 0)) == 2
    mixed = planner.mix(path, 0, shut=True)
    assert all(gaps[row] < 0.012 for row, _ in mixed)


def test_windows_that_end_and_begin_shut_meet_near_one_exemplar(bank: Bank) -> None:
    planner = MouthPlanner(bank)
    rest = Wanted(
        np.zeros((6, 8)), np.zeros(6), np.repeat(bank.turns[:1], 6, axis=0), np.full(6, bank.exemplars[0].focus)
    )
    begins, ends = planner.choose(rest, None), planner.choose(rest, None, ends=True)
    last, first = planner.mix(ends, 5, shut=True), planner.mix(begins, 0, shut=True)
    near = {bank.exemplars[planner.rest].number + step for step in (-2, -1, 0, 1, 2)}
    assert any(bank.exemplars[row].number in near for row, _ in last)
    assert any(bank.exemplars[row].number in near for row, _ in first)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(0, 29))
def test_what_is_around_a_frame_sums_to_one(rows: list[int], index: int) -> None:
    path = np.array(rows, np.int32)
    at = min(index, len(rows) - 1)
    found, shares = MouthPlanner.around(path, at)
    assert np.isclose(shares.sum(), 1)
    assert len(set(found.tolist())) == len(found)
    assert path[at] in found
