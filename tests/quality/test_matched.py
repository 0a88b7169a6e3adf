"""Two series of one mouth, compared where both do the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.quality.matched import LEAST_FRAMES, matched_ratio
from lipwright.quality.mouth import Floats

FRAMES = 300
EVERYWHERE = np.ones(FRAMES, np.bool_)
PLACES = np.arange(FRAMES)
LEAST = 1e-3


def mouth(seed: int, lively: float) -> tuple[Floats, Floats]:
    """Values that follow how fast a mouth moves, as energies do, and the logarithm of its speed."""
    draws = np.random.default_rng(seed)
    speed = np.log(0.05 + lively * np.abs(draws.normal(0, 1, FRAMES)))
    return np.exp(1.6 * speed + draws.normal(0, 0.5, FRAMES)), speed[:, None]


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 50))
def test_series_against_itself_has_a_ratio_of_one(seed: int) -> None:
    values, did = mouth(seed, 1.0)
    chosen = np.random.default_rng(seed).random(FRAMES) < 0.4
    found = matched_ratio(values, did, values, did, chosen, PLACES, LEAST)
    assert found is not None
    assert (found.alike, found.uncertain, found.plain) == (1.0, 0.0, 1.0)


@settings(deadline=None, max_examples=30)
@given(factor=st.floats(0.3, 3.0), lively=st.floats(0.4, 2.5), seed=st.integers(0, 100))
def test_livelier_speech_is_told_from_a_livelier_picture(factor: float, lively: float, seed: int) -> None:
    origin, before = mouth(seed, 1.0)
    shown, did = mouth(seed + 1000, lively)
    found = matched_ratio(factor * shown, did, origin, before, EVERYWHERE, PLACES, LEAST)
    assert found is not None
    assert found.uncertain < 0.1 * factor
    assert abs(found.alike - factor) < 5 * found.uncertain


def test_stated_error_is_the_error() -> None:
    misses = []
    for seed in range(40):
        origin, before = mouth(seed, 1.0)
        shown, did = mouth(seed + 1000, 1.5)
        found = matched_ratio(shown, did, origin, before, EVERYWHERE, PLACES, LEAST)
        assert found is not None
        misses.append((found.alike - 1) / found.uncertain)
    assert 0.6 < float(np.sqrt(np.mean(np.square(misses)))) < 1.6


def test_frames_that_show_the_same_picture_again_make_nothing_surer() -> None:
    origin, before = mouth(1, 1.0)
    shown, did = mouth(2, 1.0)
    once = matched_ratio(shown, did, origin, before, EVERYWHERE, PLACES, LEAST)
    four_times = [np.tile(values, 4) for values in (shown, origin, EVERYWHERE, PLACES)]
    did_again, before_again = (np.tile(causes, (4, 1)) for causes in (did, before))
    again = matched_ratio(four_times[0], did_again, four_times[1], before_again, *four_times[2:], LEAST)
    assert once is not None
    assert again is not None
    assert again.uncertain == pytest.approx(once.uncertain, rel=0.1)


def test_too_few_frames_tell_nothing() -> None:
    values, did = mouth(3, 1.0)
    few = PLACES < LEAST_FRAMES - 1
    assert matched_ratio(values, did, values, did, few, PLACES, LEAST) is None
    unseen = np.where(few, values, np.nan)
    assert matched_ratio(unseen, did, values, did, EVERYWHERE, PLACES, LEAST) is None
