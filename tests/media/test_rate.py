from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.media.rate import FASTEST, SLOWEST, constant_rate, frame_numbers

FILM = Fraction(24000, 1001)
TELEVISION = Fraction(30000, 1001)
RATES = [FILM, Fraction(24), Fraction(25), TELEVISION, Fraction(30), Fraction(50), Fraction(60000, 1001), Fraction(60)]
RATES += [Fraction(1), Fraction(10), Fraction(15), Fraction(120), Fraction(240)]
BASES = [Fraction(1, 1000), Fraction(1, 600), Fraction(1, 90_000), Fraction(1, 15_360), Fraction(1, 1_000_000)]
MILLISECONDS = Fraction(1, 1000)


def stamps_at(
    slots: np.ndarray | range, fps: Fraction, base_s: Fraction, first_s: Fraction = Fraction(0)
) -> np.ndarray:
    return np.array([round((first_s + int(slot) / fps) / base_s) for slot in slots], np.int64)


@pytest.mark.parametrize("base_s", BASES)
@pytest.mark.parametrize("fps", RATES)
def test_constant_rate_is_found_in_any_clock(fps: Fraction, base_s: Fraction) -> None:
    assert constant_rate(stamps_at(range(400), fps, base_s), base_s, (None, None)) == fps


@pytest.mark.parametrize("fps", RATES)
def test_declared_rate_settles_what_a_short_clip_leaves_open(fps: Fraction) -> None:
    assert constant_rate(stamps_at(range(5), fps, MILLISECONDS), MILLISECONDS, (fps, None)) == fps


def test_declared_rate_that_contradicts_the_times_is_not_believed() -> None:
    stamps = stamps_at(range(100), Fraction(25), MILLISECONDS)
    for wrong in (Fraction(90_000), Fraction(50), Fraction(30), Fraction(0)):
        assert constant_rate(stamps, MILLISECONDS, (wrong, wrong)) == 25


@given(seed=st.integers(0, 1000), fps=st.sampled_from([FILM, Fraction(25), TELEVISION, Fraction(30), Fraction(60)]))
def test_dropped_pictures_do_not_change_the_rate(seed: int, fps: Fraction) -> None:
    kept = np.flatnonzero(np.random.default_rng(seed).random(400) < 0.75)
    assert constant_rate(stamps_at(kept, fps, MILLISECONDS), MILLISECONDS, (fps * 3 / 4, fps * 3 / 4)) == fps


@given(seed=st.integers(0, 1000))
def test_uneven_clock_of_a_camera_means_a_standard_rate(seed: int) -> None:
    times = np.arange(300) / 29.985 + np.random.default_rng(seed).uniform(-0.002, 0.002, 300)
    assert constant_rate(np.rint(times * 90_000).astype(np.int64), Fraction(1, 90_000), (None, None)) in (
        30,
        TELEVISION,
    )


def test_rare_short_steps_do_not_raise_the_rate() -> None:
    slots = np.array([*range(0, 400, 2), 401, 402, 404])
    assert constant_rate(stamps_at(slots, Fraction(50), MILLISECONDS), MILLISECONDS, (None, None)) == 25


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=50, unique=True), st.sampled_from(BASES))
def test_any_times_give_a_legal_rate(stamps: list[int], base_s: Fraction) -> None:
    rate = constant_rate(np.array(sorted(stamps), np.int64), base_s, (Fraction(90_000), None))
    assert SLOWEST <= rate <= FASTEST
    assert rate.numerator < 2**31


@given(
    fps=st.sampled_from(RATES),
    base_s=st.sampled_from([MILLISECONDS, *BASES[2:]]),
    first_s=st.fractions(0, 3, max_denominator=1000),
)
def test_each_regular_picture_has_a_frame_of_its_own(fps: Fraction, base_s: Fraction, first_s: Fraction) -> None:
    stamps = stamps_at(range(300), fps, base_s, first_s)
    numbers = frame_numbers(stamps, base_s, Fraction(0), fps)
    assert (np.diff(numbers) == 1).all()
    assert abs(numbers[0] - first_s * fps) <= 0.5 + base_s * fps


@given(seed=st.integers(0, 1000), fps=st.sampled_from([FILM, Fraction(25), Fraction(60)]))
def test_irregular_pictures_are_seen_within_a_frame_of_their_time(seed: int, fps: Fraction) -> None:
    times = np.cumsum(np.random.default_rng(seed).uniform(0.005, 0.2, 200))
    stamps = np.rint(times * 90_000).astype(np.int64)
    numbers = frame_numbers(stamps, Fraction(1, 90_000), Fraction(0), fps)
    assert (np.diff(numbers) >= 0).all()
    assert np.abs(numbers / float(fps) - times).max() <= 1 / fps


def test_an_hour_does_not_drift() -> None:
    stamps = stamps_at(range(0, 3600 * 24, 997), FILM, Fraction(1, 90_000))
    numbers = frame_numbers(stamps, Fraction(1, 90_000), Fraction(0), FILM)
    assert (numbers == np.arange(0, 3600 * 24, 997)).all()
