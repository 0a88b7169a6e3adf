from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.errors import MediaUnreadable
from lipwright.media import envelope
from lipwright.media.envelope import SILENCE_DB, energy_envelope
from support.clips import ClipPlan, SoundPlan, draw_clip, in_chunks, tone


def clip(path: Path, samples: NDArray[np.float32], start_s: Fraction = Fraction(0)) -> Path:
    sounds = [SoundPlan(samples, 16_000, codec="pcm_f32le", start_s=start_s)]
    return draw_clip(path, ClipPlan(sounds=sounds))


@pytest.mark.parametrize("fps", [Fraction(24000, 1001), Fraction(25), Fraction(60)])
def test_each_frame_has_the_level_that_is_heard_with_it(tmp_path: Path, fps: Fraction) -> None:
    loud = tone(1000, 2.0, 0.5, 16_000)
    begin, end = (round(frame / fps * 16_000) for frame in (10, 20))
    samples = np.zeros_like(loud)
    samples[begin:end] = loud[begin:end]
    energy = energy_envelope(clip(tmp_path / "a.mkv", samples), fps, 40)
    assert (energy.dtype, energy.shape) == (np.float32, (40,))
    level = 20 * np.log10(0.5 / np.sqrt(2))
    np.testing.assert_allclose(energy[11:19], level, atol=0.1)
    np.testing.assert_allclose(energy[[10, 19]], level, atol=1)
    assert energy[:9].max() < level - 40
    assert energy[21:].max() < level - 40


def test_hum_and_hiss_do_not_count(tmp_path: Path) -> None:
    for frequency_hz, lost_db in ((50, 50), (300, 0), (3000, 0), (6000, 60)):
        energy = energy_envelope(clip(tmp_path / "a.mkv", tone(frequency_hz, 1.0, 0.5, 16_000)), Fraction(25), 25)
        level = 20 * np.log10(0.5 / np.sqrt(2)) - energy[5:20].mean()
        assert abs(level) < 0.2 if not lost_db else level > lost_db


def test_late_sound_is_late_and_behind_its_end_is_silence(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mkv", tone(1000, 0.4, 0.5, 16_000), Fraction(1))
    energy = energy_envelope(path, Fraction(25), 50)
    assert np.flatnonzero(energy > -20).tolist() == list(range(25, 35))
    assert energy[-1] == SILENCE_DB


def test_sound_longer_than_the_picture_is_cut(tmp_path: Path) -> None:
    energy = energy_envelope(clip(tmp_path / "a.mkv", tone(1000, 2.0, 0.5, 16_000)), Fraction(25), 7)
    assert energy.shape == (7,)
    assert energy.min() > -20


def test_clip_without_sound_says_so(tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match="no sound"):
        energy_envelope(draw_clip(tmp_path / "a.mkv", ClipPlan(frames=4)), Fraction(25), 4)


@settings(max_examples=20, deadline=None)
@given(length=st.integers(0, 80_000), chunk=st.integers(500, 40_000))
def test_filtering_piece_by_piece_is_filtering_at_once(length: int, chunk: int) -> None:
    samples = np.random.default_rng(length).standard_normal(length).astype(np.float32)
    pieces = list(envelope._in_band(in_chunks(samples, chunk)))
    filtered = np.concatenate(pieces) if pieces else np.empty(0)
    assert len(filtered) == length
    if length:
        half = envelope._TAPS // 2
        size = length + envelope._TAPS - 1
        spectrum = np.fft.rfft(samples.astype(np.float64), size) * np.fft.rfft(envelope._band_pass(), size)
        np.testing.assert_allclose(filtered, np.fft.irfft(spectrum, size)[half : half + length], atol=1e-9)
