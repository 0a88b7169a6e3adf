"""A sound is taken apart part by part, each once, into stems that are in step and add up to it."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.progress import SilentProgress
from lipwright.errors import Cancelled, ProviderUnavailable, SeparationFailed
from lipwright.media.audio import resample
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages import separate as stage
from lipwright.pipeline.stages.kept_sound import keep_sound, kept_sound
from lipwright.pipeline.stages.separate import separate
from lipwright.speech.separate.base import Stems
from lipwright.speech.separate.deepfilter import DeepFilter
from lipwright.speech.separate.fake import FakeSeparator
from lipwright.speech.separate.none import NoSeparation
from lipwright.speech.tts.hibari import Hibari
from lipwright.store.stages import StageStore
from support.killing import run_until_finished

RATE_HZ = 48_000
Sound = NDArray[np.float32]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StageStore]:
    with StageStore(tmp_path / "store") as opened:
        yield opened


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "PART_S", 2)


def noise(seconds: float, channels: int = 1) -> Sound:
    made = 0.1 * np.random.default_rng(1).standard_normal((round(seconds * RATE_HZ), channels))
    return made.astype(np.float32)


def spooled(samples: Sound) -> AudioSpool:
    spool = AudioSpool(RATE_HZ, samples.shape[1])
    spool.append(samples)
    return spool


def whole(spool: AudioSpool) -> Sound:
    return spool.read(0, len(spool)).reshape(-1, spool.channels)


class Told(SilentProgress):
    """Counts what it is told, and cancels after some questions."""

    def __init__(self, patience: int | None = None) -> None:
        self.total: int | None = None
        self.done = 0
        self._patience = patience

    def stage(self, name: str, total: int | None) -> None:
        assert name == "separate"
        self.total = total

    def advance(self, n: int = 1) -> None:
        assert n >= 0
        self.done += n

    def check_cancelled(self) -> None:
        if self._patience is not None:
            self._patience -= 1
            if self._patience < 0:
                raise Cancelled("stopped")


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("seconds", [0.0, 0.001, 2.0, 5.3])
def test_stems_have_the_shape_of_the_sound_and_add_up_to_it(store: StageStore, channels: int, seconds: float) -> None:
    samples = noise(seconds, channels)
    told = Told()
    with spooled(samples) as sound, separate(sound, FakeSeparator(), store, told) as separated:
        assert (separated.voice.channels, separated.bed.channels) == (channels, channels)
        np.testing.assert_allclose(whole(separated.voice), 0.5 * samples, atol=1e-6)
        np.testing.assert_allclose(whole(separated.voice) + whole(separated.bed), samples, atol=1e-7)
    assert told.done == pytest.approx(seconds, abs=0.6)


def test_what_was_done_before_a_run_broke_off_is_not_done_again(store: StageStore) -> None:
    broken = FakeSeparator(failures=[None, None, None, Cancelled("stopped")])
    with spooled(noise(6)) as sound:
        with pytest.raises(Cancelled):
            separate(sound, broken, store, SilentProgress())
        assert len(broken.heard) == 3
        rest = FakeSeparator()
        with separate(sound, rest, store, SilentProgress()) as first:
            assert len(rest.heard) == 4, "two parts, each heard twice"
            idle = FakeSeparator(failures=[ProviderUnavailable("nobody may call")])
            with separate(sound, idle, store, SilentProgress()) as second:
                np.testing.assert_array_equal(whole(first.voice), whole(second.voice))
                np.testing.assert_array_equal(whole(first.bed), whole(second.bed))
                assert (first.leak_db, first.notes) == (second.leak_db, second.notes)
            other = FakeSeparator(share=0.25)
            with separate(sound, other, store, SilentProgress()) as third:
                np.testing.assert_allclose(whole(third.voice), 0.25 * whole(sound), atol=1e-6)


def test_cancelled_run_stops_within_a_part_and_keeps_what_is_finished(store: StageStore) -> None:
    with spooled(noise(6)) as sound:
        with pytest.raises(Cancelled):
            separate(sound, FakeSeparator(), store, Told(patience=8))
        rest = FakeSeparator()
        separate(sound, rest, store, SilentProgress()).close()
        assert len(rest.heard) == 4


def test_edit_of_the_sound_makes_only_its_part_again(store: StageStore) -> None:
    samples = noise(6)
    with spooled(samples) as sound:
        separate(sound, FakeSeparator(), store, SilentProgress()).close()
    samples[round(2.5 * RATE_HZ)] += 0.1
    engine = FakeSeparator()
    with spooled(samples) as sound:
        separate(sound, engine, store, SilentProgress()).close()
    assert len(engine.heard) == 2


def test_engine_that_fails_is_named_with_its_part(store: StageStore) -> None:
    failing = FakeSeparator(failures=[None, None, ProviderUnavailable("its weights are gone")])
    with spooled(noise(5)) as sound, pytest.raises(SeparationFailed, match=r"`fake`, part 2 .*weights") as caught:
        separate(sound, failing, store, SilentProgress())
    assert caught.value.part == 2
    assert caught.value.exit_code == ProviderUnavailable.exit_code


def test_leak_is_what_the_engine_finds_in_the_bed(store: StageStore) -> None:
    """The fake finds half of any sound: of the bed, half of what it left."""
    with spooled(noise(3)) as sound, separate(sound, FakeSeparator(share=0.5), store, SilentProgress()) as separated:
        assert separated.leak_db == pytest.approx(20 * np.log10(0.5), abs=0.01)
        assert separated.has_bed
        assert separated.notes == ("the old voice may be heard in the bed, 6 dB softer than it was",)


class Leaking(DeepFilter):
    """Leaves a part of the voice in the bed, the first time that it is asked."""

    finds_more = False

    def __init__(self, left: float, hearings: int = 2) -> None:
        super().__init__(threads=1)
        self._left = [left] + [0.0] * (hearings - 1)
        self._name = f"leaks {left}"

    @property
    def version(self) -> str:
        return self._name

    def separate(self, chunks: Iterable[Sound], channels: int) -> Iterator[Stems]:
        left = np.float32(self._left.pop(0))
        for stems in super().separate(chunks, channels):
            yield Stems(stems.voice * (1 - left), stems.bed + stems.voice * left)


def test_leak_that_is_measured_is_about_the_true_one(store: StageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "PART_S", 60)
    said = Hibari().speak("We should have measured the pressure twice before opening the valve.", "heart")
    speech = np.concatenate(list(resample([said.samples], said.sample_rate_hz, RATE_HZ)))[:, None]
    with spooled(speech + 0.1 * noise(len(speech) / RATE_HZ)) as sound:
        for left in (0.1, 0.2, 0.4):
            with separate(sound, Leaking(left), store, SilentProgress()) as separated:
                assert separated.leak_db == pytest.approx(20 * np.log10(left / (1 - left)), abs=4)
        with separate(sound, DeepFilter(), store, SilentProgress()) as separated:
            assert separated.leak_db is not None
            assert separated.leak_db < -25


def test_voice_that_was_left_in_the_bed_is_taken_out(store: StageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "PART_S", 60)
    monkeypatch.setattr(Leaking, "finds_more", True)
    said = Hibari().speak("We should have measured the pressure twice before opening the valve.", "heart")
    speech = np.concatenate(list(resample([said.samples], said.sample_rate_hz, RATE_HZ)))[:, None]
    engine, mixed = Leaking(0.3, hearings=3), speech + 0.1 * noise(len(speech) / RATE_HZ)[: len(speech)]
    with spooled(mixed) as sound, separate(sound, engine, store, SilentProgress()) as separated:
        assert separated.leak_db is not None
        assert separated.leak_db < -20
        np.testing.assert_allclose(whole(separated.voice) + whole(separated.bed), mixed, atol=1e-6)


def test_sound_that_is_only_voice_has_no_bed(store: StageStore) -> None:
    with spooled(noise(3)) as sound, separate(sound, NoSeparation(), store, SilentProgress()) as separated:
        assert (separated.leak_db, separated.has_bed) == (None, False)
        assert separated.notes == ("no bed: the sound is only voice",)
        assert not whole(separated.bed).any()


@pytest.mark.parametrize("channels", [1, 2])
def test_silence_has_neither_voice_nor_bed(store: StageStore, channels: int) -> None:
    silence = np.zeros((3 * RATE_HZ, channels), np.float32)
    with spooled(silence) as sound, separate(sound, DeepFilter(), store, SilentProgress()) as separated:
        assert (separated.leak_db, separated.has_bed, separated.notes) == (None, False, ())
        assert not whole(separated.voice).any()


def test_samples_that_are_no_numbers_are_silent_and_are_told(store: StageStore) -> None:
    samples = noise(3, channels=2)
    samples[1000] = np.nan
    samples[2000, 0] = -np.inf
    samples[3 * RATE_HZ - 1, 1] = 1e30
    with spooled(samples) as sound, separate(sound, DeepFilter(), store, SilentProgress()) as separated:
        assert np.isfinite(whole(separated.voice)).all()
        assert np.isfinite(whole(separated.bed)).all()
        assert "4 samples of the sound are no numbers, or far too loud: they are silent" in separated.notes


def test_parts_join_as_if_the_sound_were_never_cut(store: StageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "PART_S", 12)
    time_s = np.arange(15 * RATE_HZ) / RATE_HZ
    syllables = np.sin(2 * np.pi * 140 * time_s) * (np.sin(2 * np.pi * 4 * time_s) > 0)
    voiced = sum(np.sin(2 * np.pi * 140 * part * time_s) / part for part in range(2, 20)) * np.abs(syllables)
    samples = (0.1 * voiced[:, None] + 0.2 * noise(15)).astype(np.float32)
    with spooled(samples) as sound, separate(sound, DeepFilter(), store, SilentProgress()) as separated:
        joined = whole(separated.voice)
    unbroken = np.concatenate([part.voice for part in DeepFilter().separate([samples], 1)])
    wrong = joined - unbroken
    assert np.abs(wrong[: 12 * RATE_HZ]).max() < 1e-4
    assert float(wrong.std()) < 0.01 * float(unbroken.std())


def test_rate_other_than_48_khz_is_refused(store: StageStore) -> None:
    with AudioSpool(16_000) as sound, pytest.raises(ValueError, match="48000"):
        separate(sound, FakeSeparator(), store, SilentProgress())


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("peak", [0.0, 1e-6, 0.5, 1.0, 7.0])
def test_sound_is_kept_without_loss_that_could_be_heard(tmp_path: Path, channels: int, peak: float) -> None:
    samples = noise(0.5, channels)
    samples *= np.float32(peak / np.abs(samples).max())
    keep_sound(tmp_path, samples, RATE_HZ)
    np.testing.assert_allclose(kept_sound(tmp_path), samples, rtol=0, atol=max(peak * 2, 1.0) * 2**-23)


KILLED = """
import hashlib, sys
from pathlib import Path
import numpy as np
from lipwright.contracts.progress import SilentProgress
from lipwright.media.audio import resample
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages import separate as stage
from lipwright.speech.separate.base import Stems
from lipwright.speech.separate.deepfilter import DeepFilter
from lipwright.speech.tts.hibari import Hibari
from lipwright.store.stages import StageStore

stage.PART_S = 2
rng = np.random.default_rng(1)
with StageStore(Path(sys.argv[1])) as store, AudioSpool() as sound:
    sound.append((0.1 * rng.standard_normal(48_000 * 6) * (1 + np.sin(np.arange(48_000 * 6) / 3000))).astype("f4"))
    with stage.separate(sound, DeepFilter(threads=1), store, SilentProgress()) as separated:
        both = separated.voice.read(0, len(sound)).tobytes() + separated.bed.read(0, len(sound)).tobytes()
        print(hashlib.sha256(both).hexdigest(), separated.leak_db)
"""


def test_killed_run_continues_and_ends_with_the_same_samples(tmp_path: Path) -> None:
    def command(folder: str) -> list[str]:
        return [sys.executable, "-c", KILLED, str(tmp_path / folder)]

    unbroken = subprocess.run(command("unbroken"), capture_output=True, check=True, text=True).stdout
    broken = run_until_finished(command("broken"), seed=3, kills=2, longest_s=2.0)
    assert broken.output == unbroken
