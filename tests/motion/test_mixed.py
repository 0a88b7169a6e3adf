"""Known words rule where they are known; the sound fills the rest, without a jump."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.motion import MOUTH_CONTROLS, MouthTrack
from lipwright.motion.mixed import mixed_track
from lipwright.motion.timeline import Interval

FPS = Fraction(50)


def flat(value: float, frames: int = 200, fps: Fraction = FPS) -> MouthTrack:
    column = np.full(frames, value, np.float32)
    return MouthTrack(fps, np.repeat(column[:, None], len(MOUTH_CONTROLS), axis=1), column, column)


@given(spans=st.lists(st.tuples(st.floats(-1, 5), st.floats(0, 2)), max_size=6))
def test_known_mouth_is_untouched_outside_of_the_spans(spans: list[tuple[float, float]]) -> None:
    mixed = mixed_track(flat(0.0), flat(1.0), [Interval(start, start + length) for start, length in spans])
    times = np.arange(200) / 50
    inside = np.zeros(200, bool)
    deep = np.zeros(200, bool)
    for start, length in spans:
        inside |= (times > start) & (times < start + length)
        deep |= (times > start + 0.081) & (times < start + length - 0.081)
    assert not mixed.gap[~inside].any()
    assert not mixed.controls[~inside].any()
    np.testing.assert_allclose(mixed.gap[deep], 1.0, atol=1e-6)


def test_mouth_eases_from_one_to_the_other() -> None:
    mixed = mixed_track(flat(0.0), flat(1.0), [Interval(1.0, 2.0)])
    assert 0.0 < np.abs(np.diff(mixed.gap)).max() < 0.6
    assert mixed.gap[75] == 1.0


def test_tracks_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="make them alike"):
        mixed_track(flat(0.0), flat(0.0, 199), [])
    with pytest.raises(ValueError, match="make them alike"):
        mixed_track(flat(0.0), flat(0.0, fps=Fraction(25)), [])
