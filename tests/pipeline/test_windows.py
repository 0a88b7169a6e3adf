"""Windows: where a video is cut so that each part can be made and resumed for itself."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lipwright.pipeline.windows import LEAST_FRAMES, SLACK_S, WINDOW_S, cut_windows

RATES = st.sampled_from([Fraction(1), Fraction(24000, 1001), Fraction(25), Fraction(60), Fraction(240)])


@given(frames=st.integers(1, 4000), fps=RATES, seed=st.integers(0, 99))
def test_windows_are_the_whole_video_in_order_and_none_is_too_short_or_too_long(
    frames: int, fps: Fraction, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    weight = rng.integers(0, 2, frames).astype(np.float32)
    gap = rng.random(frames).astype(np.float32) * 0.1

    windows = cut_windows(weight, gap, fps)

    assert [frame for window in windows for frame in range(*window)] == list(range(frames))
    longest = (1.5 * WINDOW_S + SLACK_S) * float(fps) + 2 + 2 * LEAST_FRAMES
    assert all(window.end - window.first <= longest for window in windows)
    assert all(window.end - window.first >= min(LEAST_FRAMES, frames) for window in windows)


def test_a_cut_lies_where_nothing_is_drawn() -> None:
    weight = np.ones(500, np.float32)
    weight[270:280] = 0

    first, *_ = cut_windows(weight, np.full(500, 0.05, np.float32), Fraction(25))

    assert 271 <= first.end <= 279


def test_where_all_is_drawn_a_cut_lies_where_the_mouth_is_shut() -> None:
    gap = np.full(500, 0.05, np.float32)
    gap[221:226] = 0

    first, *_ = cut_windows(np.ones(500, np.float32), gap, Fraction(25))

    assert 222 <= first.end <= 225


def test_a_cut_lies_between_two_sentences_rather_than_where_the_lips_meet_in_a_word() -> None:
    gap = np.full(500, 0.05, np.float32)
    gap[248:252] = 0
    gap[280:300] = 0

    first, *_ = cut_windows(np.ones(500, np.float32), gap, Fraction(25))

    assert 286 <= first.end <= 294


@given(first=st.integers(0, 1900), length=st.integers(1, 100), seed=st.integers(0, 99))
def test_other_words_in_one_place_move_no_cut_elsewhere(first: int, length: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weight = rng.integers(0, 2, 2000).astype(np.float32)
    gap = rng.random(2000).astype(np.float32) * 0.1
    edited = weight.copy()
    edited[first : first + length] = 1 - edited[first : first + length]

    before, after = cut_windows(weight, gap, Fraction(25)), cut_windows(edited, gap, Fraction(25))

    near = range(first - 2 * SLACK_S * 25 - 2, first + length + 2 * SLACK_S * 25 + 2)
    moved = [a.end for a, b in zip(before, after, strict=True) if a.end != b.end]
    assert all(end in near for end in moved)
    assert len(moved) <= 2
