"""Which frames of a clip become exemplars."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.render.rewrite.choice import (
    MOST_EXEMPLARS,
    RUN_FRAMES,
    MouthHistory,
    bank_is_poor,
    exemplar_frames,
    exemplar_limit,
)


def history(gap: np.ndarray, numbers: np.ndarray | None = None) -> MouthHistory:
    count = len(gap)
    return MouthHistory(
        numbers=np.arange(count) if numbers is None else numbers,
        gap=gap,
        width=np.full(count, 0.55),
        yaw_degrees=np.zeros(count),
        pitch_degrees=np.zeros(count),
        sharpness=np.ones(count),
    )


def test_a_short_clip_is_taken_whole() -> None:
    numbers = np.array([3, 4, 5, 9, 10])
    np.testing.assert_array_equal(exemplar_frames(history(np.zeros(5), numbers), 750), numbers)


def test_the_rare_wide_mouth_is_taken() -> None:
    gap = np.tile([0.0, 0.03, 0.05, 0.03], 1000)
    gap[2000:2004] = 0.2
    chosen = exemplar_frames(history(gap), 150)
    assert len(chosen) <= 150
    assert set(range(2000, 2004)) <= set(chosen.tolist())
    assert (gap[chosen] == 0).sum() >= 10


def test_frames_come_in_runs() -> None:
    rng = np.random.default_rng(0)
    chosen = exemplar_frames(history(rng.random(3000) * 0.15), 300)
    assert (np.diff(chosen) == 1).mean() > 1 - 1.5 / RUN_FRAMES


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000), st.integers(15, 200), st.integers(1, 600))
def test_never_more_than_the_limit_and_always_in_order(seed: int, limit: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    numbers = np.cumsum(rng.integers(1, 3, count))
    chosen = exemplar_frames(history(rng.random(count) * 0.2, numbers), limit)
    assert len(chosen) <= max(limit, 0)
    assert (np.diff(chosen) > 0).all()
    assert np.isin(chosen, numbers).all()
    assert len(chosen) >= min(count, limit) - RUN_FRAMES + 1 or count > limit


def test_a_mouth_that_does_not_move_makes_a_poor_bank() -> None:
    assert bank_is_poor(history(np.full(100, 0.06)))
    assert bank_is_poor(history(np.linspace(0, 0.1, 5)))
    assert not bank_is_poor(history(np.linspace(0, 0.1, 100)))


def test_large_faces_leave_room_for_fewer_exemplars() -> None:
    assert exemplar_limit(100) == MOST_EXEMPLARS
    assert exemplar_limit(400) < exemplar_limit(250) < MOST_EXEMPLARS
    assert exemplar_limit(5000) > 0
