"""Speech gets longer and shorter with every sound in its place and at its pitch."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.errors import ProviderUnavailable
from lipwright.media.stretch import stretch

SPEEDS = (0.8, 1 / 1.1, 0.97, 1.03, 1.1, 1.2)


def clicks(rate: int, places_s: tuple[float, ...], duration_s: float) -> NDArray[np.float32]:
    sound = np.zeros(round(duration_s * rate), np.float32)
    for place_s in places_s:
        sound[round(place_s * rate) - 24 : round(place_s * rate) + 24] = 0.8 * np.hanning(48)
    return sound


@pytest.mark.parametrize("rate", [24_000, 48_000])
@pytest.mark.parametrize("speed", SPEEDS)
def test_every_click_is_heard_at_its_place(rate: int, speed: float) -> None:
    places_s = (0.05, 0.5, 1.2, 1.95)
    sound = clicks(rate, places_s, 2.0)
    count = round(len(sound) / speed)
    stretched = stretch(sound, rate, count)
    assert stretched.shape == (count,)
    assert stretched.dtype == np.float32
    for place_s in places_s:
        around = round(0.1 * rate)
        start = max(round(place_s / speed * rate) - around, 0)
        heard_s = (start + np.argmax(np.abs(stretched[start : start + 2 * around]))) / rate
        assert heard_s == pytest.approx(place_s / speed, abs=0.005)


def pitch_hz(sound: NDArray[np.float32], rate: int) -> float:
    """Of the loudest partial, by the peak of a spectrum, refined by a parabola."""
    spectrum = np.log(np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) + 1e-9)
    peak = int(np.argmax(spectrum))
    left, middle, right = spectrum[peak - 1 : peak + 2]
    return float((peak + 0.5 * (left - right) / (left - 2 * middle + right)) * rate / len(sound))


@pytest.mark.parametrize("speed", SPEEDS)
def test_pitch_and_level_stay(speed: float) -> None:
    rate = 24_000
    time_s = np.arange(2 * rate) / rate
    sound = (0.3 * np.sin(2 * np.pi * 220 * time_s)).astype(np.float32)
    stretched = stretch(sound, rate, round(len(sound) / speed))
    middle = stretched[rate // 4 : -rate // 4]
    assert pitch_hz(middle, rate) == pytest.approx(220, abs=0.3)
    assert float(np.sqrt(np.mean(middle**2))) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 3_000), st.integers(0, 3_000))
def test_any_length_becomes_any_other(before: int, after: int) -> None:
    sound = np.full(before, 0.1, np.float32)
    assert stretch(sound, 24_000, after).shape == (after,)
    assert np.array_equal(sound, np.full(before, 0.1, np.float32))


def test_speech_of_the_right_length_is_not_touched() -> None:
    sound = clicks(24_000, (0.5,), 1.0)
    assert np.array_equal(stretch(sound, 24_000, len(sound)), sound)


def test_ffmpeg_without_rubber_band_is_refused_with_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poor = tmp_path / "ffmpeg"
    poor.write_text("#!/bin/sh\necho \"No such filter: 'rubberband'\" >&2\nexit 8\n")
    poor.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(poor))
    with pytest.raises(ProviderUnavailable, match=r"No such filter.*install imageio-ffmpeg"):
        stretch(np.zeros(2_000, np.float32), 24_000, 1_800)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "missing"))
    with pytest.raises(ProviderUnavailable, match="unset IMAGEIO_FFMPEG_EXE"):
        stretch(np.zeros(2_000, np.float32), 24_000, 1_800)
