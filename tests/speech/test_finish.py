"""Trimming, level and fades."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.speech.finish import (
    ACTIVE_LEVEL_DBFS,
    LEAD_S,
    PEAK_LIMIT_DBFS,
    TAIL_S,
    active_level_dbfs,
    finish,
    sounding_range,
)

RATE_HZ = 24_000


def burst(before_s: float, after_s: float, amplitude: float) -> np.ndarray:
    """A second of tone between two silences with a whisper of noise."""
    tone = amplitude * np.sin(2 * np.pi * 220 * np.arange(RATE_HZ) / RATE_HZ)
    silences = [np.zeros(round(length * RATE_HZ)) for length in (before_s, after_s)]
    samples = np.concatenate([silences[0], tone, silences[1]])
    noise = np.random.default_rng(0).normal(0, amplitude * 1e-4, len(samples))
    return (samples + noise).astype(np.float32)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 0.9))
def test_margins_and_level_are_always_the_same(before_s: float, after_s: float, amplitude: float) -> None:
    finished = finish(burst(before_s, after_s, amplitude), RATE_HZ)
    assert len(finished.samples) / RATE_HZ == pytest.approx(1 + LEAD_S + TAIL_S, abs=0.011)
    assert finished.removed_s == pytest.approx(before_s - LEAD_S, abs=0.006)
    assert active_level_dbfs(finished.samples, RATE_HZ) == pytest.approx(ACTIVE_LEVEL_DBFS, abs=0.5)


def test_peaks_stay_under_the_limit() -> None:
    samples = burst(0.2, 0.2, 0.01)
    samples[10_000] = 0.5
    finished = finish(samples, RATE_HZ)
    assert 20 * np.log10(np.abs(finished.samples).max()) <= PEAK_LIMIT_DBFS + 0.01


def test_input_is_not_changed() -> None:
    samples = burst(0.1, 0.1, 0.3)
    kept = samples.copy()
    finish(samples, RATE_HZ)
    assert np.array_equal(samples, kept)


def test_silence_has_no_range_and_is_refused() -> None:
    assert sounding_range(np.zeros(1000, np.float32), RATE_HZ) is None
    with pytest.raises(ValueError, match="silent"):
        finish(np.zeros(1000, np.float32), RATE_HZ)
