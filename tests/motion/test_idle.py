"""Idle motion grows out of the photo, stays small and smooth, and depends on nothing but time, talk and seed."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.contracts.motion import IdleTrack
from lipwright.contracts.speech import Phoneme
from lipwright.motion.idle import IdleStyle, idle_frames, idle_track
from support.talk import TALKS, talk_of

FPS = Fraction(25)
CHANNELS = ("rotation", "shift", "blink", "brow", "breath")
SEEDS = st.integers(0, 2**32)

SENTENCE = (("h", 0.06), ("ɛ", 0.12), ("l", 0.06), ("oʊ", 0.3), ("ð", 0.05), ("ɛ", 0.1), ("ɹ", 0.2), 0.6)
MINUTE = talk_of(*(SENTENCE * 40))
STRESS = [0.9 if phone.symbol == "oʊ" else 0.5 for phone in MINUTE]


def assert_same(one: IdleTrack, other: IdleTrack, frames: slice = slice(None), step: int = 1) -> None:
    for name in CHANNELS:
        left, right = getattr(one, name), getattr(other, name)[::step][frames]
        np.testing.assert_allclose(left, right[: len(left)], atol=2e-6, err_msg=name)


def starts_of(blink: np.ndarray) -> np.ndarray:
    """Frames in which the lids begin to move."""
    return np.flatnonzero((blink[1:] > 0) & (blink[:-1] == 0)) + 1


@given(SEEDS, TALKS)
def test_first_frame_is_the_photo_and_motion_starts_at_rest(seed: int, phonemes: list[Phoneme]) -> None:
    track = idle_track(1.0, Fraction(1000), seed, phonemes=phonemes, emphasis=[0.9] * len(phonemes))
    for name in CHANNELS:
        values = getattr(track, name)
        assert (values[0] == 0).all(), name
        assert np.abs(values[1] - values[0]).max() < 1e-6, name


@settings(max_examples=30)
@given(SEEDS, TALKS)
def test_motion_stays_small(seed: int, phonemes: list[Phoneme]) -> None:
    track = idle_track(60.0, FPS, seed, phonemes=phonemes, emphasis=[1.0] * len(phonemes))
    assert np.degrees(np.abs(track.rotation)).max() < 3.0
    assert np.abs(track.shift).max() < 0.025
    assert 0 <= track.brow.min() <= track.brow.max() <= 0.03
    assert 0 <= track.blink.min() <= track.blink.max() <= 1
    assert 0 <= track.breath.min() <= track.breath.max() <= 1
    assert all(len(getattr(track, name)) == len(track) == 1500 for name in CHANNELS)


@settings(max_examples=30)
@given(SEEDS, TALKS)
def test_head_brows_and_breath_have_no_steps(seed: int, phonemes: list[Phoneme]) -> None:
    track = idle_track(20.0, Fraction(200), seed, phonemes=phonemes, emphasis=[1.0] * len(phonemes))
    assert np.degrees(np.abs(np.diff(track.rotation, axis=0))).max() * 200 < 25
    assert np.degrees(np.abs(np.diff(track.rotation, n=2, axis=0))).max() * 200**2 < 400
    assert np.abs(np.diff(track.shift, axis=0)).max() * 200 < 0.15
    assert np.abs(np.diff(track.brow)).max() * 200 < 0.5
    assert np.abs(np.diff(track.breath)).max() * 200 < 3
    assert np.abs(np.diff(track.blink)).max() * 200 < 13


@settings(max_examples=30)
@given(SEEDS, TALKS)
def test_frame_rates_sample_the_same_motion(seed: int, phonemes: list[Phoneme]) -> None:
    slow = idle_track(12.0, Fraction(25), seed, phonemes=phonemes)
    fast = idle_track(12.0, Fraction(50), seed, phonemes=phonemes)
    assert_same(slow, fast, step=2)


@settings(max_examples=30)
@given(SEEDS, TALKS, st.floats(0.1, 30.0))
def test_longer_track_begins_with_the_shorter_one(seed: int, phonemes: list[Phoneme], more_s: float) -> None:
    assert_same(idle_track(7.0, FPS, seed, phonemes=phonemes), idle_track(7.0 + more_s, FPS, seed, phonemes=phonemes))


@settings(max_examples=20)
@given(SEEDS, st.integers(0, 700), st.integers(1, 200))
def test_window_is_a_part_of_the_whole_track(seed: int, first: int, frames: int) -> None:
    whole = idle_track(40.0, FPS, seed, phonemes=MINUTE, emphasis=STRESS)
    known = [phone for phone in MINUTE if phone.start_s < (first + frames) / 25 + 2.0]
    part = idle_frames(first, frames, FPS, seed, phonemes=known, emphasis=STRESS[: len(known)])
    assert_same(part, whole, slice(first, first + frames))


def test_seed_decides() -> None:
    assert_same(idle_track(10.0, FPS, 7), idle_track(10.0, FPS, 7))
    assert np.abs(idle_track(10.0, FPS, 7).rotation - idle_track(10.0, FPS, 8).rotation).max() > 0.002


@settings(max_examples=30)
@given(SEEDS)
def test_blinks_come_every_few_seconds_and_never_two_at_once(seed: int) -> None:
    track = idle_track(300.0, Fraction(50), seed, phonemes=MINUTE)
    starts_s = starts_of(track.blink) / 50
    between_s = np.diff(starts_s)
    assert 45 <= len(starts_s) <= 130
    doubles = between_s < 0.5
    assert (between_s >= 0.32).all()
    assert ((between_s > 1.2) | doubles).all()
    assert between_s.max() < 7.5
    assert doubles.mean() < 0.3
    assert starts_s[0] > 0.5


def test_blink_closes_faster_than_it_opens() -> None:
    track = idle_track(60.0, Fraction(1000), 1)
    start = starts_of(track.blink)[0]
    lids = track.blink[start - 1 : start + 360]
    full = np.flatnonzero(lids >= 0.999)
    assert 30 <= full[-1] - full[0] <= 50  # ms
    assert full[0] < 0.7 * (np.flatnonzero(lids > 0)[-1] - full[-1])


def test_blinks_like_the_ends_of_phrases() -> None:
    ends_s = np.array([phone.end_s for phone in MINUTE if phone.symbol == "ɹ"])
    near = total = 0
    for seed in range(12):
        starts_s = starts_of(idle_track(58.0, Fraction(50), seed, phonemes=MINUTE).blink) / 50
        late_s = (starts_s[:, None] - ends_s[None] + 0.02) % 1000
        near += int((late_s.min(axis=1) < 0.2).sum())
        total += len(starts_s)
    assert near / total > 0.4


def test_breath_is_calm_and_waits_for_pauses() -> None:
    alone = idle_track(300.0, FPS, 3).breath
    breaths = np.count_nonzero((alone[1:] >= 0.5) & (alone[:-1] < 0.5)) / 5
    assert 12 <= breaths <= 17
    talking = idle_track(58.0, FPS, 3, phonemes=MINUTE).breath
    times = np.flatnonzero((talking[1:] > 0) & (talking[:-1] == 0)) / 25
    speaking = [any(p.start_s + 0.1 < t < p.end_s - 0.1 for p in MINUTE) for t in times]
    assert np.mean(speaking) < 0.3


def test_head_is_calmer_in_silence_than_in_speech() -> None:
    def spread(phonemes: list[Phoneme]) -> float:
        return float(np.mean([idle_track(50.0, FPS, s, phonemes=phonemes).rotation[50:].std() for s in range(8)]))

    assert spread(talk_of(("a", 0.1))) < 0.75 * spread(MINUTE)


def test_stressed_words_get_nods_and_raised_brows() -> None:
    flat = idle_track(50.0, FPS, 5, phonemes=MINUTE)
    stressed = idle_track(50.0, FPS, 5, phonemes=MINUTE, emphasis=STRESS)
    nods = np.degrees(stressed.rotation[:, 1] - flat.rotation[:, 1])
    assert nods.max() < 0.01
    assert nods.min() < -0.8
    assert flat.brow.max() == 0
    assert stressed.brow.max() > 0.02


def test_style_stills_what_is_not_wanted() -> None:
    style = IdleStyle(head=0.0, blinks=False, brows=0.0)
    track = idle_track(50.0, FPS, 5, phonemes=MINUTE, emphasis=STRESS, style=style)
    assert not track.rotation.any()
    assert not track.shift.any()
    assert not track.blink.any()
    assert not track.brow.any()


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="1 values of emphasis for 0 phonemes"):
        idle_track(1.0, FPS, 0, emphasis=[0.5])
    with pytest.raises(ValueError, match="non-negative"):
        idle_track(1.0, FPS, -1)
