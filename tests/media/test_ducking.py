import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.media.ducking import POINTS_PER_S, DuckingRules, ducking_curve

RULES = DuckingRules()
QUIET = -120.0
spans = st.lists(st.tuples(st.integers(1, 400), st.booleans()), min_size=1, max_size=12)
beds = st.lists(st.floats(-70, 0) | st.just(-np.inf), min_size=1, max_size=8)


def voice(parts: list[tuple[int, bool]]) -> NDArray[np.float32]:
    return np.concatenate([np.full(length, -20.0 if speaks else QUIET, np.float32) for length, speaks in parts])


def curve(parts: list[tuple[int, bool]], bed: list[float], voice_lufs: float = -20.0) -> NDArray[np.float32]:
    levels = voice(parts)
    loudness = np.array(bed, np.float32)[np.arange(len(levels)) * len(bed) // len(levels)]
    return ducking_curve(levels, -20.0, voice_lufs, loudness)


@settings(max_examples=60, deadline=None)
@given(parts=spans, bed=beds, voice_lufs=st.floats(-40, -8))
def test_bed_is_never_raised_never_lost_and_never_jumps(
    parts: list[tuple[int, bool]], bed: list[float], voice_lufs: float
) -> None:
    gains = curve(parts, bed, voice_lufs)
    assert len(gains) == sum(length for length, _ in parts)
    assert gains.max() <= 0
    assert gains.min() >= -RULES.deepest_db
    steps = np.diff(gains.astype(np.float64))
    assert steps.min(initial=0) >= -RULES.fall_db_per_s / POINTS_PER_S - 1e-4
    assert steps.max(initial=0) <= RULES.rise_db_per_s / POINTS_PER_S + 1e-4


@settings(max_examples=60, deadline=None)
@given(parts=spans, bed=st.floats(-60, -20))
def test_voice_stands_out_by_the_margin_from_its_first_moment(parts: list[tuple[int, bool]], bed: float) -> None:
    gains = curve(parts, [bed])
    speaking = voice(parts) > -100
    wanted = min(max(bed - (-20 - RULES.margin_lu), 0), RULES.deepest_db)
    np.testing.assert_array_less(gains[speaking], -wanted + 1e-3)


def test_bed_that_lies_low_is_left_alone() -> None:
    assert not curve([(200, False), (300, True), (200, False)], [-32.5]).any()


def test_bed_without_a_voice_over_it_is_left_alone() -> None:
    assert not curve([(500, False)], [-10.0]).any()


def test_bed_falls_before_the_word_stays_down_in_a_pause_and_comes_back() -> None:
    gains = curve([(300, False), (100, True), (50, False), (100, True), (300, False)], [-22.0])
    assert gains[270] == 0
    assert gains[300:550].max() == gains.min() == -10
    assert gains[551] > -10
    assert gains[-200:].min() == 0


def test_long_pause_lets_the_bed_come_back() -> None:
    gains = curve([(100, True), (200, False), (100, True)], [-22.0])
    assert gains[180] == 0
