"""Lips close in every bilabial, rest in silence, and move without steps in between."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.contracts.motion import MOUTH_CONTROLS, MouthTrack
from lipwright.contracts.speech import Phoneme
from lipwright.motion.clock import frame_count
from lipwright.motion.mouth import MouthStyle, mouth_frames, mouth_track
from support.talk import BILABIALS, TALKS, talk_of

FPS = Fraction(25)
FINE = Fraction(400)
FASTEST_IOD_PER_S = 6.0
RATES = st.one_of(
    st.integers(10, 120).map(Fraction), st.sampled_from([Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25, 2)])
)


def column(track: MouthTrack, control: str) -> np.ndarray:
    return track.controls[:, MOUTH_CONTROLS.index(control)]


def ends_at(phonemes: list[Phoneme]) -> float:
    return phonemes[-1].end_s if phonemes else 0.0


def during(track: MouthTrack, start_s: float, end_s: float) -> slice:
    return slice(round(start_s * track.fps), round(end_s * track.fps) + 1)


@given(TALKS, RATES, st.floats(0.0, 0.1))
def test_every_bilabial_is_shut_in_a_frame_beside_it(phonemes: list[Phoneme], fps: Fraction, offset_s: float) -> None:
    phonemes = [Phoneme(p.symbol, p.start_s + offset_s, p.end_s + offset_s) for p in phonemes]
    track = mouth_track(phonemes, max(ends_at(phonemes), 0.01), fps)
    shut = (track.gap == 0) & (track.closed == 1)
    times = np.arange(len(track)) / float(fps)
    for phone in phonemes:
        if phone.symbol in BILABIALS:
            middle_s = (phone.start_s + phone.end_s) / 2
            assert shut[np.argmin(np.abs(times - middle_s))]


@given(TALKS, RATES)
def test_numbers_are_finite_and_in_range(phonemes: list[Phoneme], fps: Fraction) -> None:
    track = mouth_track(phonemes, ends_at(phonemes) + 0.3, fps)
    assert len(track.controls) == len(track.closed) == len(track) == frame_count(ends_at(phonemes) + 0.3, fps)
    assert np.isfinite(track.controls).all()
    assert (track.gap >= 0).all()
    assert track.gap.max() < 0.16
    assert ((track.closed >= 0) & (track.closed <= 1)).all()
    assert np.abs(track.controls).max() < 0.16


@given(TALKS)
def test_motion_has_no_steps(phonemes: list[Phoneme]) -> None:
    track = mouth_track(phonemes, ends_at(phonemes) + 0.5, FINE)
    assert np.abs(np.diff(track.gap)).max(initial=0) * float(FINE) < FASTEST_IOD_PER_S
    assert np.abs(np.diff(track.controls, axis=0)).max(initial=0) * float(FINE) < FASTEST_IOD_PER_S


@given(TALKS, st.floats(0.0, 3.0))
def test_silence_is_exactly_shut(phonemes: list[Phoneme], lead_s: float) -> None:
    phonemes = [Phoneme(p.symbol, p.start_s + lead_s, p.end_s + lead_s) for p in phonemes]
    track = mouth_track(phonemes, ends_at(phonemes) + 1.0, Fraction(100))
    times = np.arange(len(track)) / 100
    silent = np.ones(len(track), bool)
    for phone in phonemes:
        silent &= (times < phone.start_s - 0.091) | (times > phone.end_s + 0.171)
    assert (track.gap[silent] == 0).all()
    assert (track.controls[silent] == 0).all()
    assert (track.closed[silent] == 1).all()


@given(TALKS)
def test_first_frame_is_the_photo(phonemes: list[Phoneme]) -> None:
    track = mouth_track(phonemes, ends_at(phonemes) + 0.5, FPS)
    assert track.gap[0] == 0
    assert (track.controls[0] == 0).all()


@given(TALKS, RATES)
def test_lip_heights_are_the_gap_apart(phonemes: list[Phoneme], fps: Fraction) -> None:
    track = mouth_track(phonemes, ends_at(phonemes) + 0.3, fps)
    apart = column(track, "lower_lip") - column(track, "upper_lip")
    np.testing.assert_allclose(apart, 1.072 * track.gap, atol=1e-6)


@given(TALKS)
def test_same_talk_gives_the_same_track(phonemes: list[Phoneme]) -> None:
    one, other = (mouth_track(phonemes, ends_at(phonemes) + 0.3, FPS) for _ in range(2))
    np.testing.assert_array_equal(one.controls, other.controls)
    np.testing.assert_array_equal(one.closed, other.closed)


@given(TALKS, st.floats(0.3, 5.0))
def test_longer_talk_begins_like_the_shorter_one(phonemes: list[Phoneme], more_s: float) -> None:
    short = mouth_track(phonemes, ends_at(phonemes) + 0.3, FPS)
    long = mouth_track(phonemes, ends_at(phonemes) + 0.3 + more_s, FPS)
    np.testing.assert_array_equal(short.controls, long.controls[: len(short)])
    np.testing.assert_array_equal(short.closed, long.closed[: len(short)])


@given(TALKS, TALKS)
def test_what_is_said_later_changes_nothing_a_second_before(first: list[Phoneme], then: list[Phoneme]) -> None:
    gap_s = ends_at(first) + 1.0
    later = [Phoneme(p.symbol, p.start_s + gap_s, p.end_s + gap_s) for p in then]
    alone = mouth_track(first, ends_at(first) + 0.5, FPS)
    followed = mouth_track([*first, *later], gap_s + ends_at(then) + 0.5, FPS)
    np.testing.assert_array_equal(alone.controls, followed.controls[: len(alone)])


@settings(max_examples=50)
@given(TALKS, RATES, st.integers(1, 40))
def test_windows_join_to_the_whole_track(phonemes: list[Phoneme], fps: Fraction, frames: int) -> None:
    whole = mouth_track(phonemes, ends_at(phonemes) + 1.0, fps)
    parts = []
    for first in range(0, len(whole), frames):
        low_s, high_s = float(first / fps) - 1.3, float((first + frames) / fps) + 1.3
        near = [p for p in phonemes if p.end_s > low_s and p.start_s < high_s]
        parts.append(mouth_frames(near, first, frames, fps))
    np.testing.assert_allclose(np.concatenate([p.controls for p in parts])[: len(whole)], whole.controls, atol=1e-6)
    np.testing.assert_allclose(np.concatenate([p.closed for p in parts])[: len(whole)], whole.closed, atol=1e-5)


@given(TALKS)
def test_frame_rates_sample_the_same_motion_away_from_closures(phonemes: list[Phoneme]) -> None:
    phonemes = [p for p in phonemes if p.symbol not in BILABIALS]
    slow = mouth_track(phonemes, ends_at(phonemes) + 0.5, Fraction(25))
    fast = mouth_track(phonemes, ends_at(phonemes) + 0.5, Fraction(50))
    np.testing.assert_allclose(slow.controls, fast.controls[::2], atol=1e-6)


@pytest.mark.parametrize("vowel", ["i", "æ", "ɑ", "ə"])
def test_phrase_opens_30_to_90_ms_before_its_sound_and_closes_within_250_ms(vowel: str) -> None:
    track = mouth_track(talk_of(1.0, (vowel, 0.3)), 2.0, FINE)
    open_s = np.flatnonzero(track.gap > 0.01) / float(FINE)
    assert 0.90 <= open_s[0] <= 0.99
    assert 1.3 <= open_s[-1] <= 1.45
    assert track.gap[round(1.48 * FINE) :].max() == 0


@pytest.mark.parametrize("pause_s", [0.27, 0.4, 0.8])
def test_pause_of_a_quarter_second_rests(pause_s: float) -> None:
    track = mouth_track(talk_of(0.2, ("ɛ", 0.2), pause_s, ("ɛ", 0.2)), 1.8, FINE)
    pause = during(track, 0.4, 0.4 + pause_s)
    assert track.gap[pause].min() == 0
    assert track.closed[pause].max() == 1


def test_short_pause_stays_open() -> None:
    track = mouth_track(talk_of(0.2, ("ɛ", 0.2), 0.15, ("ɛ", 0.2)), 1.2, FINE)
    assert track.gap[during(track, 0.3, 0.65)].min() > 0.02


def test_style_keeps_the_mouth_open_in_longer_pauses() -> None:
    talk = talk_of(0.2, ("ɛ", 0.2), 0.6, ("ɛ", 0.2))
    kept = mouth_track(talk, 2.0, FPS, style=MouthStyle(rest_after_s=1.0))
    assert kept.gap[during(kept, 0.4, 1.0)].min() > 0.02
    assert kept.gap[-1] == 0


def test_style_that_could_not_close_and_open_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.26 s"):
        MouthStyle(rest_after_s=0.1)


def test_word_ending_in_a_bilabial_does_not_open_again() -> None:
    track = mouth_track(talk_of(0.2, ("oʊ", 0.2), ("m", 0.08)), 1.0, FINE)
    assert track.gap[during(track, 0.41, 0.9)].max() == 0


def test_word_beginning_with_a_bilabial_does_not_open_before_it() -> None:
    track = mouth_track(talk_of(0.5, ("p", 0.06), ("a", 0.2)), 1.0, FINE)
    assert track.gap[during(track, 0.0, 0.56)].max() == 0


def test_lips_stay_together_from_one_bilabial_to_the_next() -> None:
    track = mouth_track(talk_of(0.2, ("a", 0.15), ("m", 0.06), 0.12, ("b", 0.06), ("a", 0.15)), 1.0, FINE)
    assert track.gap[during(track, 0.36, 0.58)].max() == 0


def test_short_vowel_between_two_bilabials_opens_the_mouth() -> None:
    track = mouth_track(talk_of(0.2, ("b", 0.06), ("aɪ", 0.07), ("m", 0.06), ("aɪ", 0.15)), 1.0, FINE)
    assert track.gap[during(track, 0.26, 0.33)].max() > 0.015


def test_vowels_of_ordinary_speech_part_the_lips_by_a_tenth_of_the_eye_distance() -> None:
    track = mouth_track(talk_of(0.2, ("h", 0.06), ("æ", 0.16), ("t", 0.06)), 1.0, FPS)
    assert 0.09 < track.gap.max() < 0.13


def test_rounded_vowels_narrow_and_protrude_and_spread_ones_widen() -> None:
    def middle(symbol: str, control: str) -> float:
        track = mouth_track(talk_of(0.3, (symbol, 0.3)), 1.0, FINE)
        return float(column(track, control)[round(0.45 * FINE)])

    for vowel in ("u", "o", "w", "y", "ø"):
        assert middle(vowel, "width") < -0.06
        assert middle(vowel, "protrusion") < 0
    for vowel in ("i", "ɛ"):
        assert middle(vowel, "width") > 0.02
    assert middle("ɑ", "jaw") > middle("i", "jaw") > 0


def test_lower_lip_tucks_under_the_teeth_in_f_and_v() -> None:
    track = mouth_track(talk_of(0.3, ("a", 0.15), ("f", 0.08), ("a", 0.15)), 1.0, FINE)
    middle = round(0.49 * FINE)
    assert 0.005 < track.gap[middle] < 0.04
    assert column(track, "lower_lip")[middle] < 0.01
    assert column(track, "upper_lip")[middle] < -0.015
    assert track.closed[middle] < 0.5


def test_emphasis_and_articulation_open_the_mouth_wider() -> None:
    talk = talk_of(0.3, ("h", 0.05), ("a", 0.2), ("t", 0.05))
    usual = mouth_track(talk, 1.0, FPS).gap.max()
    stressed = mouth_track(talk, 1.0, FPS, emphasis=[0.5, 1.0, 0.5]).gap.max()
    weak = mouth_track(talk, 1.0, FPS, emphasis=[0.5, 0.0, 0.5]).gap.max()
    mumbled = mouth_track(talk, 1.0, FPS, style=MouthStyle(articulation=0.5)).gap.max()
    assert usual * 1.1 < stressed < usual * 1.25
    assert usual * 0.75 < weak < usual * 0.9
    assert mumbled == pytest.approx(usual * 0.5)


def test_emphasis_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 values of emphasis for 1 phonemes"):
        mouth_track(talk_of(("a", 0.1)), 1.0, FPS, emphasis=[0.5, 0.5])


def test_nothing_said_is_a_closed_mouth() -> None:
    track = mouth_track([], 1.0, FPS)
    assert len(track) == 25
    assert (track.closed == 1).all()
    assert (track.controls == 0).all()


def test_long_speech_takes_little_work() -> None:
    phrase = [("m", 0.06), ("a", 0.1), ("t", 0.06), ("u", 0.1), 0.3]
    track = mouth_track(talk_of(*(phrase * 1000)), 620.0, Fraction(30))
    assert len(track) == 18_600
    assert track.gap.max() > 0.05
