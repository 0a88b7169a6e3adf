"""Frames of two rates meet where they are shown at the same time."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lipwright.render.lipsync.resample import FrameMap, longest_source_frames, mouth_at, sound_between
from support.stretches import stretch

RATES = st.sampled_from([Fraction(n, d) for n, d in ((24000, 1001), (25, 1), (30000, 1001), (30, 1), (50, 1), (60, 1))])


@given(source=RATES, engine=RATES, count=st.integers(1, 500))
def test_frames_are_nearest_in_time(source: Fraction, engine: Fraction, count: int) -> None:
    frames = FrameMap(source, engine, count)
    given_frames = [frames.source_of(index) for index in range(frames.engine_frames)]
    taken = [frames.engine_of(number) for number in range(count)]
    assert given_frames == sorted(given_frames)
    assert taken == sorted(taken)
    assert given_frames[0] == taken[0] == 0
    assert (frames.engine_frames - 1) / engine < count / source <= frames.engine_frames / engine
    for index, number in enumerate(given_frames[:-1]):
        assert abs(index / engine - number / source) <= 1 / (2 * source) or number == count - 1
    for number, index in enumerate(taken):
        assert abs(index / engine - number / source) <= 1 / min(source, engine)
    if engine >= source:
        assert [given_frames[index] for index in taken] == list(range(count))


@given(source=RATES, engine=RATES, longest_s=st.floats(0.01, 20), chunk=st.integers(1, 30))
def test_longest_window_fits_the_engine(source: Fraction, engine: Fraction, longest_s: float, chunk: int) -> None:
    count = longest_source_frames(source, engine, longest_s, chunk)
    filled_up = -(-FrameMap(source, engine, count).engine_frames // chunk) * chunk
    assert filled_up <= max(chunk, longest_s * engine) or count == 1


def test_mouth_keeps_its_times() -> None:
    fps, engine_fps = Fraction(50), Fraction(25)
    track = stretch(100, fps).mouth
    frames = FrameMap(fps, engine_fps, 40)
    resampled = mouth_at(track, 30, frames, 24)
    assert len(resampled) == 24
    np.testing.assert_allclose(resampled.gap[:20], track.gap[30:70:2], atol=1e-6)
    np.testing.assert_array_equal(resampled.controls[20:], np.tile(resampled.controls[19], (4, 1)))


def test_mouth_at_the_same_rate_is_the_same() -> None:
    track = stretch(20, Fraction(25)).mouth
    same = mouth_at(track, 5, FrameMap(Fraction(25), Fraction(25), 10), 12)
    np.testing.assert_array_equal(same.gap, [*track.gap[5:15], track.gap[14], track.gap[14]])


def test_sound_ends_in_silence() -> None:
    sound = np.ones(16_000, np.float32)
    assert len(sound_between(sound, Fraction(1, 3), Fraction(2, 3))) == 5334
    late = sound_between(sound, Fraction(3, 4), Fraction(3, 2))
    assert (len(late), late.sum()) == (12_000, 4000)
    assert not sound_between(sound, Fraction(2), Fraction(3)).any()
