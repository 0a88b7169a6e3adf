from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.sync import Length
from lipwright.errors import UsageError
from lipwright.media.length import frame_plan

RATES = st.sampled_from([Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60), Fraction(1)])
COUNTS = st.integers(1, 3000)
SOUNDS = st.fractions(0, 200, max_denominator=48_000)


@given(count=COUNTS, fps=RATES, sound_s=SOUNDS, length=st.sampled_from([*Length]))
def test_result_is_as_long_as_the_mode_says(count: int, fps: Fraction, sound_s: Fraction, length: Length) -> None:
    picture_s = count / fps
    promised = {
        Length.BOUNCE: max(picture_s, sound_s),
        Length.LOOP: max(picture_s, sound_s),
        Length.FREEZE: max(picture_s, sound_s),
        Length.CUT: min(picture_s, sound_s),
        Length.SOUND: sound_s,
        Length.PAD: picture_s,
    }[length]
    if length is Length.PAD and sound_s * fps > count + 1:
        return
    plan = frame_plan(count, fps, sound_s, length)
    assert plan.dtype == np.int32
    assert plan.min() >= 0
    assert plan.max() < count
    assert abs(len(plan) / fps - promised) <= 1 / fps


@given(count=COUNTS, fps=RATES, sound_s=SOUNDS, length=st.sampled_from([Length.BOUNCE, Length.SOUND]))
def test_bounced_picture_never_jumps(count: int, fps: Fraction, sound_s: Fraction, length: Length) -> None:
    steps = np.abs(np.diff(frame_plan(count, fps, sound_s, length)))
    assert (steps == (1 if count > 1 else 0)).all()


@given(count=COUNTS, fps=RATES, sound_s=SOUNDS, length=st.sampled_from([*Length]))
def test_picture_begins_as_it_was(count: int, fps: Fraction, sound_s: Fraction, length: Length) -> None:
    if length is Length.PAD and sound_s * fps > count + 1:
        return
    plan = frame_plan(count, fps, sound_s, length)
    shared = min(len(plan), count)
    assert np.array_equal(plan[:shared], np.arange(shared))


def test_modes_differ_behind_the_last_frame() -> None:
    def shown(length: Length) -> list[int]:
        return list(frame_plan(4, Fraction(2), 5, length))

    assert shown(Length.BOUNCE) == [0, 1, 2, 3, 2, 1, 0, 1, 2, 3]
    assert shown(Length.LOOP) == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
    assert shown(Length.FREEZE) == [0, 1, 2, 3, 3, 3, 3, 3, 3, 3]
    assert shown(Length.CUT) == [0, 1, 2, 3]


def test_floating_point_adds_no_frame() -> None:
    assert len(frame_plan(10, Fraction(25), 3.2, Length.SOUND)) == 80


def test_sound_too_long_to_pad_is_refused_with_the_other_modes() -> None:
    with pytest.raises(UsageError, match=r"11\.0 s and the picture only 10\.0 s.*bounce.*loop.*freeze.*cut"):
        frame_plan(250, Fraction(25), 11.0, Length.PAD)


def test_sound_a_frame_too_long_is_padded() -> None:
    assert len(frame_plan(250, Fraction(25), 10.04, Length.PAD)) == 250
