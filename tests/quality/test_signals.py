"""How alike two series are, and how late one is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.quality.signals import correlation, find_lag

RATE_HZ = 25.0


def speechlike(times_s: np.ndarray, seed: int) -> np.ndarray:
    """A smooth course without rhythm, known at any time."""
    rng = np.random.default_rng(seed)
    waves = zip(rng.uniform(0.3, 4.0, 12), rng.uniform(0, 2 * np.pi, 12), strict=True)
    return np.sum([np.sin(2 * np.pi * hertz * times_s + phase) for hertz, phase in waves], axis=0)


@given(st.floats(-0.3, 0.3), st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_known_delay_is_found_between_two_samples(delay_s: float, seed: int) -> None:
    times_s = np.arange(250) / RATE_HZ
    found = find_lag(speechlike(times_s, seed), 3 * speechlike(times_s - delay_s, seed) + 7, RATE_HZ, 0.4)
    assert found is not None
    assert found.seconds == pytest.approx(delay_s, abs=0.004)
    assert found.correlation > 0.95


def test_rhythm_takes_the_nearest_of_equal_lags() -> None:
    wave = np.sin(2 * np.pi * np.arange(200) / 8)
    found = find_lag(wave, np.roll(wave, 1), RATE_HZ, 0.4)
    assert found is not None
    assert found.seconds == pytest.approx(1 / RATE_HZ, abs=0.003)


def test_what_never_changes_has_neither_lag_nor_correlation() -> None:
    wave = speechlike(np.arange(100) / RATE_HZ, 0)
    assert find_lag(wave, np.ones(100), RATE_HZ, 0.4) is None
    assert correlation(wave, np.ones(100)) is None
    assert correlation([1.0, 2.0], [1.0, 2.0]) is None
    assert find_lag([], [], RATE_HZ, 0.4) is None


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=50), st.floats(0.1, 10), st.floats(-100, 100))
def test_correlation_knows_no_scale(values: list[float], scale: float, shift: float) -> None:
    found = correlation(values, np.asarray(values) * scale + shift)
    assert found is None or found == pytest.approx(1.0, abs=1e-3)


def test_unknown_values_are_left_out() -> None:
    assert correlation([1, 2, np.nan, 4, 5], [1, 2, 100, 4, np.nan]) == pytest.approx(1.0)
