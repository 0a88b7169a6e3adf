import math
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.media.audio import read_audio
from lipwright.media.loudness import measure
from lipwright.media.mixdown import SourceLevels, levels_of, mix_down
from lipwright.media.spool import AudioSpool
from support.clips import tone

RATE_HZ = 48_000


def spool(samples: NDArray[np.float32]) -> AudioSpool:
    result = AudioSpool(RATE_HZ, 1 if samples.ndim == 1 else samples.shape[1])
    result.append(samples)
    return result


def speech(*words: tuple[float, float], length_s: float, level: float = 0.2) -> NDArray[np.float32]:
    """Noise that swells as syllables do, in the given spans."""
    samples = np.zeros(round(length_s * RATE_HZ), np.float32)
    random = np.random.default_rng(3)
    for start_s, end_s in words:
        count = round((end_s - start_s) * RATE_HZ)
        swell = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * np.arange(count) / RATE_HZ)
        samples[round(start_s * RATE_HZ) :][:count] = level * swell * random.standard_normal(count).clip(-3, 3) / 3
    return samples


def music(length_s: float, level: float = 0.1) -> NDArray[np.float32]:
    return np.stack([tone(330, length_s, level), tone(495, length_s, level)], axis=1)


def level_db(samples: NDArray[np.float32], start_s: float, end_s: float) -> float:
    part = samples[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
    return float(10 * np.log10(np.square(part.astype(np.float64)).mean()))


def mixed(
    voice: NDArray[np.float32], bed: NDArray[np.float32] | None, levels: SourceLevels, bed_gain_db: float = 0.0
) -> NDArray[np.float32]:
    with ExitStack() as stack:
        spoken = stack.enter_context(spool(voice))
        under = None if bed is None else stack.enter_context(spool(bed))
        sound = stack.enter_context(mix_down(spoken, under, levels, bed_gain_db=bed_gain_db).sound)
        return sound.read(0, len(sound))


def test_levels_are_those_of_the_whole_and_of_the_voice_where_it_speaks() -> None:
    voice = speech((1, 4), length_s=12)
    stereo = np.repeat(voice[:, None], 2, axis=1)
    with spool(stereo + music(12)) as whole, spool(stereo) as alone:
        levels = levels_of(whole, alone)
    assert levels.channels == 2
    assert levels.voice_lufs == pytest.approx(
        measure([stereo[RATE_HZ : 4 * RATE_HZ]], channels=2).integrated_lufs, abs=0.6
    )
    assert levels.integrated_lufs == pytest.approx(measure([stereo + music(12)], channels=2).integrated_lufs, abs=0.01)
    assert (levels.left, levels.right) == (1.0, 1.0)


def test_voice_of_one_channel_counts_as_it_is_heard_in_two() -> None:
    voice = speech((0, 4), length_s=4)
    stereo = np.repeat(voice[:, None], 2, axis=1)
    with spool(stereo) as whole, spool(stereo) as both, spool(voice) as one:
        assert levels_of(whole, one).voice_lufs == pytest.approx(levels_of(whole, both).voice_lufs, abs=0.02)


@settings(max_examples=12, deadline=None)
@given(
    source_lufs=st.floats(-30, -12),
    below=st.floats(0, 6),
    voice_level=st.floats(0.05, 0.9),
    bed_level=st.floats(0.001, 0.2) | st.just(0.0),
    channels=st.sampled_from([1, 2]),
)
def test_mix_is_as_loud_as_the_source_and_its_peaks_stay_below_the_ceiling(
    source_lufs: float, below: float, voice_level: float, bed_level: float, channels: int
) -> None:
    levels = SourceLevels(channels, source_lufs, source_lufs - below)
    sound = mixed(speech((0.5, 2.5), (3, 5.5), length_s=6, level=voice_level), music(6, bed_level), levels)
    heard = measure([sound], channels=channels)
    assert heard.true_peak_dbtp <= -1
    assert heard.integrated_lufs == pytest.approx(source_lufs, abs=0.5)


def test_video_without_a_measurable_sound_gives_minus_16() -> None:
    levels = SourceLevels(1, -math.inf, -math.inf)
    sound = mixed(speech((0, 3), length_s=3), None, levels)
    assert measure([sound]).integrated_lufs == pytest.approx(-16, abs=0.1)


@pytest.mark.parametrize("bed", [None, np.zeros((4 * RATE_HZ, 2), np.float32)])
def test_dub_without_a_bed_is_the_voice_alone(bed: NDArray[np.float32] | None) -> None:
    voice = speech((1, 3), length_s=4)
    sound = mixed(voice, bed, SourceLevels(2, -20.0, -20.0))
    gain = sound[2 * RATE_HZ, 0] / voice[2 * RATE_HZ]
    np.testing.assert_allclose(sound[:, 0], voice * gain, atol=1e-5)
    np.testing.assert_array_equal(sound[:, 0], sound[:, 1])


def test_silent_dub_leaves_the_bed_and_raises_it_little() -> None:
    bed = music(4, 0.005)
    sound = mixed(np.zeros(4 * RATE_HZ, np.float32), bed, SourceLevels(2, -16.0, -16.0))
    assert level_db(sound, 1, 3) - level_db(bed, 1, 3) == pytest.approx(6, abs=0.05)


def test_nothing_at_all_stays_silent() -> None:
    assert not mixed(np.zeros(RATE_HZ, np.float32), None, SourceLevels(1, -math.inf, -math.inf)).any()


def test_bed_is_after_the_words_as_it_was_before_them() -> None:
    voice = np.zeros(12 * RATE_HZ, np.float32)
    whole = measure([music(12)], channels=2).integrated_lufs
    quiet = mixed(speech((4, 8), length_s=12, level=1e-4), music(12), SourceLevels(2, whole, whole + 6))
    alone = mixed(voice, music(12), SourceLevels(2, whole, whole + 6))
    assert level_db(alone, 1, 2) == pytest.approx(level_db(alone, 5, 7), abs=0.01)
    assert level_db(quiet, 1, 2) == pytest.approx(level_db(quiet, 10.5, 11.5), abs=0.05)


def test_margin_between_voice_and_bed_is_kept_under_the_words() -> None:
    voice, bed = speech((4, 8), length_s=12), music(12)
    with spool(voice) as spoken, spool(bed) as under:
        level = measure([bed], channels=2).integrated_lufs
        result = mix_down(spoken, under, SourceLevels(2, level + 2, level + 4))
        result.sound.close()
    assert result.deepest_duck_db == pytest.approx(8, abs=0.3)


def test_bed_is_louder_when_asked() -> None:
    voice, bed = speech((4, 5), length_s=12), music(12, 0.01)
    levels = SourceLevels(2, -20.0, -20.0)
    plain, louder = mixed(voice, bed, levels), mixed(voice, bed, levels, bed_gain_db=3)
    ratio = (level_db(louder, 0, 2) - level_db(louder, 4, 5)) - (level_db(plain, 0, 2) - level_db(plain, 4, 5))
    assert ratio == pytest.approx(3, abs=0.2)


def test_steady_noise_of_a_room_does_not_pump() -> None:
    random = np.random.default_rng(1)
    noise = (0.001 * random.standard_normal(12 * RATE_HZ)).astype(np.float32)
    voice = speech((2, 3), (4, 5), (6, 7), length_s=12)
    sound = mixed(voice, noise, SourceLevels(1, -20.0, -20.0))
    rooms = [level_db(sound, start_s, start_s + 0.3) for start_s in (0.5, 3.1, 3.6, 5.1, 5.6, 7.1, 10)]
    assert max(rooms) - min(rooms) < 0.5


def test_voice_stays_on_its_side() -> None:
    voice = speech((0, 4), length_s=4)
    sides = voice[:, None] * np.array([0.5, 1.0], np.float32)
    with spool(sides) as whole, spool(sides) as alone:
        levels = levels_of(whole, alone)
    sound = mixed(voice, None, levels)
    assert level_db(sound[:, 1], 0, 4) - level_db(sound[:, 0], 0, 4) == pytest.approx(6.02, abs=0.1)
    assert measure([sound], channels=2).integrated_lufs == pytest.approx(levels.integrated_lufs, abs=0.1)


def test_voice_on_one_side_alone_is_heard_on_both() -> None:
    sides = speech((0, 4), length_s=4)[:, None] * np.array([1.0, 0.0], np.float32)
    with spool(sides) as whole, spool(sides) as alone:
        levels = levels_of(whole, alone)
    assert (levels.left, 20 * math.log10(levels.right)) == (1.0, pytest.approx(-12))


def test_mix_is_as_long_as_the_longer_one_and_the_same_again() -> None:
    voice, bed = speech((0, 1), length_s=2.34), music(3.21)
    levels = SourceLevels(2, -20.0, -21.0)
    first = mixed(voice, bed, levels)
    assert len(first) == len(bed)
    np.testing.assert_array_equal(first, mixed(voice, bed, levels))


def test_real_speech_keeps_its_loudness(shared_media: Path) -> None:
    voice = np.concatenate(list(read_audio(shared_media / "speech-en-9s.wav", RATE_HZ)))
    with spool(voice) as whole, spool(voice) as alone:
        levels = levels_of(whole, alone)
    sound = mixed(voice * np.float32(0.3), None, levels)
    np.testing.assert_allclose(sound, voice, atol=5e-3)
