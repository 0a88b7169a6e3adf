"""Frames get a new mouth where the new sound speaks or the old mouth moves, and nowhere else."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.contracts.motion import MOUTH_CONTROLS, MouthTrack
from lipwright.motion.spans import FrameSpan, Interval, energy_spans, spans_to_render

RATES = (Fraction(10), Fraction(24000, 1001), Fraction(25), Fraction(60))
RATE_HZ = 16_000


def track(gap: NDArray[np.floating], fps: Fraction) -> MouthTrack:
    values = gap.astype(np.float32)
    return MouthTrack(fps, np.repeat(values[:, None], len(MOUTH_CONTROLS), axis=1), values, 1 - np.sign(values))


def frames_of(spans: tuple[FrameSpan, ...], count: int) -> NDArray[np.bool_]:
    chosen = np.zeros(count, bool)
    for span in spans:
        chosen[span.first : span.last + 1] = True
    return chosen


@given(
    fps=st.sampled_from(RATES),
    new=st.lists(st.tuples(st.integers(1, 200), st.booleans()), min_size=1, max_size=8),
    data=st.data(),
)
def test_spans_hold_all_that_is_busy_with_margins_and_are_far_apart(
    fps: Fraction, new: list[tuple[int, bool]], data: st.DataObject
) -> None:
    gap = np.concatenate([np.full(length, 0.1 * speaks) for length, speaks in new])
    old = np.zeros(len(gap))
    if data.draw(st.booleans()):
        old[data.draw(st.integers(0, len(gap) - 1)) :][:5] = 0.1
    spans = spans_to_render(track(gap, fps), old)
    chosen = frames_of(spans, len(gap))
    margin = math.ceil(0.4 * fps)
    for frame in np.flatnonzero((gap > 0) | (old > 0)):
        assert chosen[max(frame - margin, 0) : frame + margin + 1].all()
    for one, other in pairwise(spans):
        assert other.first - one.last - 1 >= 2 * fps
    for span in spans:
        assert 0 <= span.first <= span.last < len(gap)
        near = slice(max(span.first - 1, 0), span.first + margin + math.ceil(0.2 * fps) + 2)
        assert span.first == 0 or ((gap > 0) | (old > 0))[near].any()


@given(length=st.integers(1, 300), fps=st.sampled_from(RATES))
def test_shut_and_still_mouths_in_silence_need_nothing(length: int, fps: Fraction) -> None:
    still = np.random.default_rng(length).uniform(0, 0.003, length)
    assert spans_to_render(track(np.zeros(length), fps), still) == ()


@given(length=st.integers(1, 300), fps=st.sampled_from(RATES))
def test_unknown_old_mouth_needs_everything(length: int, fps: Fraction) -> None:
    assert spans_to_render(track(np.zeros(length), fps), None) == (FrameSpan(0, length - 1),)


def test_frames_without_a_face_are_no_movement() -> None:
    old = np.full(500, np.nan)
    old[100:400] = 0.002
    assert spans_to_render(track(np.zeros(500), Fraction(25)), old) == ()


def test_old_mouth_that_only_narrows_its_gap_moves() -> None:
    old = np.full(500, 0.002)
    old[250:] = 0.014
    (span,) = spans_to_render(track(np.zeros(500), Fraction(25)), old)
    assert span.first <= 240
    assert span.last >= 260
    assert len(span) < 60


def test_mouth_that_stands_open_is_shut_in_silence() -> None:
    assert spans_to_render(track(np.zeros(90), Fraction(30)), np.full(90, 0.05)) == (FrameSpan(0, 89),)


def test_loud_sound_is_rendered_even_where_no_mouth_was_heard_in_it() -> None:
    (span,) = spans_to_render(track(np.zeros(500), Fraction(25)), np.zeros(500), sound_spans=[Interval(8.0, 9.0)])
    assert span == FrameSpan(190, 234)


def test_old_gap_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="give one for each"):
        spans_to_render(track(np.zeros(10), Fraction(25)), np.zeros(9))


def noise(seconds: float, level_dbfs: float) -> NDArray[np.float32]:
    samples = np.random.default_rng(1).standard_normal(round(seconds * RATE_HZ))
    return (samples * 10 ** (level_dbfs / 20)).astype(np.float32)


@given(sizes=st.lists(st.integers(50, 5000), min_size=1, max_size=5))
def test_loud_parts_are_found_whatever_the_chunks(sizes: list[int]) -> None:
    sound = np.concatenate([noise(1.0, -60), noise(1.0, -20), noise(2.0, -60), noise(0.5, -20), noise(1.0, -60)])
    chunks = []
    place = 0
    while place < len(sound):
        chunks.append(sound[place : place + sizes[len(chunks) % len(sizes)]])
        place += len(chunks[-1])
    spans = energy_spans(chunks, RATE_HZ)
    assert [(round(span.start_s, 2), round(span.end_s, 2)) for span in spans] == [(1.0, 2.0), (4.0, 4.5)]


@pytest.mark.parametrize("sound", [np.zeros(RATE_HZ, np.float32), noise(3, -30), noise(3, -70), noise(0.001, -20)])
def test_silence_and_steady_noise_are_nowhere_loud(sound: NDArray[np.float32]) -> None:
    assert energy_spans([sound], RATE_HZ) == ()


def test_no_sound_is_nowhere_loud() -> None:
    assert energy_spans([], RATE_HZ) == ()
