"""Signals and expected values: EBU Tech 3341, version 3 (minimum requirements), and ITU-R BS.1770-4, annex 1."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.media.audio import read_audio
from lipwright.media.limiter import limited, peaks_above, true_peaks
from lipwright.media.loudness import LoudnessTarget, measure, normalise
from lipwright.media.spool import AudioSpool
from support.clips import in_chunks, tone


def steps(*parts: tuple[float, float]) -> NDArray[np.float32]:
    """Stereo 1 kHz tones: level in dBFS of each channel, seconds."""
    mono = np.concatenate([tone(1000, duration_s, 10 ** (level / 20)) for level, duration_s in parts])
    return np.repeat(mono[:, None], 2, axis=1)


@pytest.mark.parametrize(
    ("signal", "expected_lufs"),
    [
        (steps((-23, 20)), -23.0),
        (steps((-33, 20)), -33.0),
        (steps((-36, 10), (-23, 60), (-36, 10)), -23.0),
        (steps((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)), -23.0),
        (steps((-26, 20), (-20, 20.1), (-26, 20)), -23.0),
    ],
    ids=["case 1", "case 2", "case 3", "case 4", "case 5"],
)
def test_integrated_loudness_meets_tech_3341(signal: NDArray[np.float32], expected_lufs: float) -> None:
    assert measure(in_chunks(signal, 48_000), channels=2).integrated_lufs == pytest.approx(expected_lufs, abs=0.1)


def test_mono_997_hz_at_minus_20_dbfs_is_minus_23_lufs() -> None:
    loudness = measure(in_chunks(tone(997, 10, 0.1)))
    assert loudness.integrated_lufs == pytest.approx(-23.0, abs=0.05)
    assert loudness.true_peak_dbtp == pytest.approx(-20.0, abs=0.1)


@pytest.mark.parametrize(("phase_degrees", "divisor"), [(0, 4), (45, 4), (60, 6), (67.5, 8)])
def test_peaks_between_samples_are_found(phase_degrees: float, divisor: int) -> None:
    """Cases 15 to 18: tones at a fraction of the sample rate, -6 dBTP whatever the phase."""
    angles = 2 * np.pi * np.arange(48_000) / divisor + np.radians(phase_degrees)
    signal = (0.5 * np.sin(angles) * np.hanning(48_000)).astype(np.float32)
    assert measure(in_chunks(signal)).true_peak_dbtp == pytest.approx(-6.0, abs=0.4)
    assert 20 * math.log10(true_peaks(signal[:, None]).max()) == pytest.approx(-6.0, abs=0.4)


def test_silence_is_minus_infinity_and_stays_silent() -> None:
    with AudioSpool() as spool:
        spool.append(np.zeros(48_000, np.float32))
        assert measure(spool.chunks()).integrated_lufs == -math.inf
        with normalise(spool) as result:
            assert len(result) == 48_000
            assert not result.read(0, 48_000).any()


def test_empty_sound_stays_empty() -> None:
    with AudioSpool() as spool, normalise(spool) as result:
        assert len(result) == 0


@pytest.mark.parametrize("duration_s", [0.1, 0.5, 3.0])
def test_even_short_sound_reaches_the_target(duration_s: float) -> None:
    with AudioSpool() as spool:
        spool.append(tone(500, duration_s, 0.02))
        with normalise(spool) as result:
            assert measure(result.chunks()).integrated_lufs == pytest.approx(-16.0, abs=0.3)


def test_linear_gain_changes_nothing_but_the_level() -> None:
    source = tone(500, 2.0, 0.02)
    with AudioSpool() as spool:
        spool.append(source)
        with normalise(spool) as result:
            back = result.read(0, len(result))
    np.testing.assert_allclose(back / back.max(), source / source.max(), atol=1e-5)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**16), spike=st.floats(0.2, 4.0))
def test_spiky_sound_is_loud_enough_and_under_the_ceiling(seed: int, spike: float) -> None:
    rng = np.random.default_rng(seed)
    source = (rng.normal(size=4 * 48_000) * 0.02).astype(np.float32)
    source[rng.integers(0, len(source), 40)] += np.float32(spike)
    with AudioSpool() as spool:
        spool.append(source)
        with normalise(spool) as result:
            assert len(result) == len(source)
            loudness = measure(result.chunks())
    assert loudness.true_peak_dbtp <= -1.5
    assert loudness.integrated_lufs == pytest.approx(-16.0, abs=0.2)


def test_limiter_neither_delays_nor_shows_its_blocks() -> None:
    source = tone(200, 2.5, 0.3)
    source[48_000 - 30 : 48_000 + 30] *= 3  # a burst across the seam of two blocks
    with AudioSpool() as spool:
        spool.append(source)
        result = np.concatenate(list(limited(spool, 1.0, 0.5)))
    gain = result[np.abs(source) > 0.05] / source[np.abs(source) > 0.05]
    assert len(result) == len(source)
    assert true_peaks(result[:, None]).max() <= 0.505
    assert gain.max() <= 1.0 + 1e-6
    assert np.abs(np.diff(gain)).max() < 0.05
    np.testing.assert_array_equal(result[:40_000], source[:40_000])
    np.testing.assert_array_equal(result[56_000:], source[56_000:])


def test_noise_is_not_pulled_up() -> None:
    with AudioSpool() as spool:
        spool.append(tone(500, 2.0, 10 ** (-60 / 20)))
        with normalise(spool, LoudnessTarget(max_gain_db=20)) as result:
            assert np.abs(result.read(0, 48_000)).max() == pytest.approx(0.01, rel=0.01)


def test_real_speech_is_brought_to_the_target(shared_media: Path) -> None:
    for name in ("speech-en-9s.wav", "jfk.flac"):
        with AudioSpool() as spool:
            for chunk in read_audio(shared_media / name, 48_000):
                spool.append(chunk)
            with normalise(spool) as result:
                loudness = measure(result.chunks())
        assert loudness.integrated_lufs == pytest.approx(-16.0, abs=0.15)
        assert loudness.true_peak_dbtp <= -1.5


@settings(max_examples=20, deadline=None)
@given(level=st.floats(0.1, 2.0), seed=st.integers(0, 50))
def test_peaks_above_the_ceiling_are_found_without_looking_at_all(level: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    swell = np.interp(np.arange(9000), np.arange(0, 9001, 1000), random.uniform(0, 1, 10))
    samples = (level * swell[:, None] * random.standard_normal((9000, 2)) / 3).astype(np.float32)
    everywhere = true_peaks(samples)
    found = peaks_above(samples, 0.8)
    loud = everywhere > 0.8
    np.testing.assert_array_equal(found[loud], everywhere[loud])
    assert (found[~loud] <= 0.8).all()
