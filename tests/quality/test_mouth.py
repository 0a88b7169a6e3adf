"""Lips: their gap, their closures, their rest."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.sidecar import Span
from lipwright.contracts.speech import Phoneme
from lipwright.quality.mouth import INNER_LIP_PAIRS, at_rest, closures, inner_gap, on_frames, opened_vowels, openness
from support.faces import placed
from support.talk import TALKS

FPS = Fraction(25)


def times(frames: int) -> np.ndarray:
    return np.arange(frames) / 25


@given(st.floats(-40, 40), st.floats(20, 400), st.floats(0.0, 0.3))
def test_gap_is_the_same_for_any_size_and_lean(roll: float, scale: float, gap: float) -> None:
    mesh = placed(0, 0, roll, scale)
    points = mesh.points.copy()
    down = np.array([-np.sin(np.radians(roll)), np.cos(np.radians(roll))], np.float32)
    eye_distance = np.linalg.norm(points[263, :2] - points[33, :2])
    for upper, lower in INNER_LIP_PAIRS:
        points[lower, :2] = points[upper, :2] + down * gap * eye_distance
    assert inner_gap(points) == pytest.approx(gap, abs=1e-4)


def test_bilabials_that_stay_open_are_named() -> None:
    gap = np.full(50, 0.08)
    gap[5] = 0.005
    phonemes = [Phoneme("m", 0.18, 0.24), Phoneme("a", 0.24, 0.6), Phoneme("p", 0.6, 0.7), Phoneme("b", 9.0, 9.1)]
    found = closures(phonemes, times(50), gap, limit=0.012)
    assert (found.spoken, found.met) == (2, 1)
    assert [phoneme.symbol for phoneme in found.missed] == ["p"]


@given(TALKS)
def test_shut_mouth_misses_no_closure_and_lost_face_misses_all(phonemes: list[Phoneme]) -> None:
    frames = times(200)
    shut = closures(phonemes, frames, np.zeros(200), 0.012)
    lost = closures(phonemes, frames, np.full(200, np.nan), 0.012)
    assert shut.met == shut.spoken == lost.spoken
    assert lost.met == 0


def test_vowels_that_stay_shut_are_named_and_schwas_are_left_out() -> None:
    gap = np.full(50, 0.002)
    gap[9] = 0.05
    phonemes = [Phoneme("a", 0.3, 0.5), Phoneme("ə", 0.6, 0.7), Phoneme("m", 0.7, 0.9), Phoneme("u", 1.0, 1.2)]
    found = opened_vowels(phonemes, times(50), gap, least=0.015)
    assert (found.spoken, found.met) == (2, 1)
    assert [phoneme.symbol for phoneme in found.missed] == ["u"]


def test_leak_in_a_silence_is_seen_and_easing_is_not() -> None:
    gap = np.full(50, 0.002)
    gap[:13] = 0.1  # speech, and the mouth on its way to rest
    silences = [Span(start_s=0.4, end_s=1.6)]
    resting = at_rest(silences, times(50))
    calm = openness(gap, resting, FPS)
    assert calm is not None
    assert calm.largest == pytest.approx(0.002)
    assert not resting[times(50) > 1.6].any()
    gap[25] = 0.03
    leaking = openness(gap, resting, FPS)
    assert leaking is not None
    assert leaking.largest == pytest.approx(0.03)
    assert leaking.fastest == pytest.approx(0.028 * 25)
    assert leaking.frames == calm.frames


def test_mouth_is_at_rest_from_the_first_frame() -> None:
    assert at_rest([Span(start_s=0.0, end_s=1.0)], times(50))[0]


def test_nothing_is_summed_up_where_no_face_was_seen() -> None:
    assert openness(np.full(10, np.nan), np.ones(10, np.bool_), FPS) is None
    assert openness(np.zeros(10), np.zeros(10, np.bool_), FPS) is None


def test_frames_outside_the_sidecar_are_unknown() -> None:
    np.testing.assert_array_equal(on_frames([0.5, 0.6], np.array([-1, 0, 1, 2])), [np.nan, 0.5, 0.6, np.nan])
