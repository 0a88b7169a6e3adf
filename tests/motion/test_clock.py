"""Frames are counted with exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.motion.clock import frame_count, frame_times, smooth_ramp

RATES = st.sampled_from([Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(50), Fraction(60)])


@given(st.integers(1, 200_000), RATES)
def test_duration_of_whole_frames_gives_back_their_number(frames: int, fps: Fraction) -> None:
    assert frame_count(float(frames / fps), fps) == frames


def test_frame_that_has_begun_counts() -> None:
    assert frame_count(1.001, Fraction(25)) == 26
    assert frame_count(0.0, Fraction(25)) == 1


def test_last_frame_of_an_hour_is_on_time() -> None:
    fps = Fraction(30000, 1001)
    frames = frame_count(3600.0, fps)
    assert frame_times(frames - 1, 1, fps)[0] == pytest.approx(float((frames - 1) / fps), abs=1e-9)


def test_ramp_is_exact_at_its_ends_and_smooth_between() -> None:
    x = np.linspace(-1, 2, 3001)
    y = smooth_ramp(x, 0.0, 1.0)
    assert y[0] == 0
    assert y[-1] == 1
    assert smooth_ramp(0.5, 0.0, 1.0) == pytest.approx(0.5)
    assert (np.diff(y) >= 0).all()
    assert np.abs(np.diff(y, n=2)).max() < 1e-5
