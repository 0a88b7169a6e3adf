"""The sound of all scenes: where it is heard, how loud, and how music behaves under it."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.story import Music
from lipwright.errors import Cancelled, MediaNotFound, MediaUnreadable
from lipwright.media.loudness import measure
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.score import Bed, SceneSound, score
from support.clips import tone
from support.wav import write_wav

RATE = 48_000
FPS = Fraction(30)


def spool(samples: NDArray[np.float32]) -> AudioSpool:
    sound = AudioSpool()
    sound.append(samples)
    return sound


@pytest.fixture
def speech() -> Iterator[Callable[..., AudioSpool]]:
    """Makes noise where somebody speaks, silence else. Without times: all but the first .2 s and the last .4 s."""
    with ExitStack() as opened:

        def make(
            length_s: float, level_db: float = -20.0, spoken: Sequence[tuple[float, float]] | None = None
        ) -> AudioSpool:
            noise = np.random.default_rng(0).normal(0, 10 ** (level_db / 20), round(length_s * RATE))
            voiced = np.zeros(len(noise), bool)
            for start_s, end_s in spoken or [(0.2, length_s - 0.4)]:
                voiced[round(start_s * RATE) : round(end_s * RATE)] = True
            return opened.enter_context(spool((np.clip(noise, -0.9, 0.9) * voiced).astype(np.float32)))

        yield make


def heard(
    scenes: Sequence[SceneSound], frames: int, music: Music | None = None, path: Path | None = None
) -> NDArray[np.float32]:
    bed = None if music is None or path is None else Bed(path, music)
    with score(scenes, frames, FPS, bed=bed, progress=SilentProgress()) as sound:
        return sound.read(0, len(sound))


@pytest.fixture
def hum(tmp_path: Path) -> Path:
    """A minute of two tones."""
    write_wav(tmp_path / "hum.wav", tone(440, 60, 0.2) + tone(1000, 60, 0.2), RATE, 2)
    return tmp_path / "hum.wav"


def test_voices_of_all_scenes_are_equally_loud_and_at_their_frames(speech: Callable[..., AudioSpool]) -> None:
    lengths_s, levels_db = (5.0, 3.0, 4.0), (-40, -15, -26)
    scenes, start = [], 0
    for length_s, level in zip(lengths_s, levels_db, strict=True):
        scenes.append(SceneSound(speech(length_s, level), start, round(length_s * 30)))
        start += round(length_s * 30)
    sound = heard(scenes, start)
    assert len(sound) == 12 * RATE
    for begin_s, end_s in ((0, 5), (5, 8), (8, 12)):
        stretch = sound[begin_s * RATE : end_s * RATE]
        assert measure([stretch]).integrated_lufs == pytest.approx(-16, abs=0.2)
        (places,) = np.nonzero(stretch)
        assert places[0] == pytest.approx(0.2 * RATE, abs=2)
    assert measure([sound]).integrated_lufs == pytest.approx(-16, abs=0.2)
    assert measure([sound]).true_peak_dbtp <= -1.5


@settings(max_examples=12, deadline=None)
@given(
    fps=st.sampled_from([Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)]),
    lengths=st.lists(st.integers(80, 200), min_size=1, max_size=4),
    overlap_s=st.floats(0, 2),
)
def test_voices_are_never_cut_and_lie_over_each_other_in_dissolves(
    fps: Fraction, lengths: list[int], overlap_s: float
) -> None:
    overlap = min(int(overlap_s * fps), 70)
    pulse = np.full(10, 0.5, np.float32)
    scenes, expected, start = [], [], 0
    for frames in lengths:
        samples = np.zeros(int(frames * RATE / fps), np.float32)
        samples[:10] = samples[-10:] = pulse
        begin = round(start * RATE / fps)
        expected += [begin, begin + len(samples) - 10]
        scenes.append(SceneSound(spool(samples), start, frames))
        start += frames - overlap
    with ExitStack() as opened, score(scenes, start + overlap, fps, progress=SilentProgress()) as sound:
        for scene in scenes:
            if scene.sound is not None:
                opened.callback(scene.sound.close)
        assert len(sound) == round((start + overlap) * RATE / fps)
        for at in expected:
            assert np.abs(sound.read(at, 10)).min() > 0.05
        assert np.count_nonzero(np.abs(sound.read(0, len(sound))) > 0.05) <= 10 * len(expected)


def test_scene_waits_for_its_lead_and_a_silent_one_is_silent(speech: Callable[..., AudioSpool]) -> None:
    sound = heard([SceneSound(speech(2.0), 0, 75, lead_frames=15), SceneSound(None, 75, 30)], 105)
    (places,) = np.nonzero(sound)
    assert places[0] == pytest.approx(0.7 * RATE, abs=2)
    assert places[-1] < 2.2 * RATE
    assert len(sound) == 3.5 * RATE


def test_sound_that_is_longer_than_its_scene_is_a_mistake(speech: Callable[..., AudioSpool]) -> None:
    with pytest.raises(ValueError, match="longer than a scene of 59 frames"):
        heard([SceneSound(speech(2.0), 0, 59)], 59)


def test_music_is_as_loud_against_the_voice_as_asked_for(hum: Path, speech: Callable[..., AudioSpool]) -> None:
    scenes = [SceneSound(speech(20.0, spoken=[(6, 14)]), 0, 600)]
    sound = heard(scenes, 600, Music(file="hum", gain_db=-14, duck_db=10), hum)
    assert sound.shape == (20 * RATE, 2)
    alone = measure([sound[2 * RATE : 5 * RATE]], channels=2).integrated_lufs
    assert alone == pytest.approx(-30, abs=0.3)
    without = heard(scenes, 600)[:, None] / np.sqrt(2)
    under = sound - without * (measured(sound) / measured(np.repeat(without, 2, axis=1)))
    assert measure([under[7 * RATE : 13 * RATE]], channels=2).integrated_lufs == pytest.approx(-40, abs=0.5)
    assert measure([sound], channels=2).integrated_lufs == pytest.approx(-16, abs=0.3)


def measured(sound: NDArray[np.float32]) -> float:
    """Amplitude in the loud stretch."""
    return float(np.sqrt(np.square(sound[8 * RATE : 12 * RATE]).mean()))


def bed_of(scenes: Sequence[SceneSound], frames: int, music: Music, path: Path) -> NDArray[np.float32]:
    """The music alone, in decibels for each tenth of a second: what two different levels of it leave over."""
    loud = heard(scenes, frames, music, path)[:, 0]
    softer = music.model_copy(update={"gain_db": music.gain_db - 6})
    difference = loud - heard(scenes, frames, softer, path)[:, 0]
    return 20 * np.log10(np.sqrt(np.square(difference.reshape(-1, RATE // 10)).mean(axis=1)) + 1e-9)


def test_music_stays_down_in_short_pauses_and_comes_back_in_long_ones(
    hum: Path, speech: Callable[..., AudioSpool]
) -> None:
    spoken = [(3, 5), (5.8, 7), (8.2, 10), (15, 17)]
    scenes = [SceneSound(speech(20.0, spoken=spoken), 0, 600)]
    bed_db = bed_of(scenes, 600, Music(file="hum", gain_db=-20, duck_db=12), hum)
    open_db = np.median(bed_db[15:25])
    assert np.all(bed_db[30:100] < open_db - 11)
    assert np.all(np.abs(bed_db[115:144] - open_db) < 1)
    assert np.all(bed_db[150:170] < open_db - 11)
    assert np.abs(np.diff(bed_db[12:178])).max() < 4, "no jump"
    assert bed_db[0] < open_db - 10
    assert bed_db[-1] < open_db - 10


def test_music_rises_by_degrees_after_the_last_word(hum: Path, speech: Callable[..., AudioSpool]) -> None:
    bed_db = bed_of([SceneSound(speech(12.0, spoken=[(2, 5)]), 0, 360)], 360, Music(file="hum", duck_db=10), hum)
    rise = bed_db[52:60] - bed_db[51:59]
    assert np.all(rise > 0.5)
    assert np.all(rise < 1.5)


def test_duck_of_nothing_leaves_the_music_as_it_is(hum: Path, speech: Callable[..., AudioSpool]) -> None:
    bed_db = bed_of([SceneSound(speech(10.0), 0, 300)], 300, Music(file="hum", duck_db=0), hum)
    assert np.ptp(bed_db[12:78]) < 0.5


def test_video_without_a_voice_has_music_of_full_loudness(hum: Path) -> None:
    sound = heard([SceneSound(None, 0, 300)], 300, Music(file="hum"), hum)
    assert measure([sound], channels=2).integrated_lufs == pytest.approx(-16, abs=0.2)


def test_few_words_in_much_music_keep_their_loudness(hum: Path, speech: Callable[..., AudioSpool]) -> None:
    scenes = [SceneSound(speech(60.0, spoken=[(20, 22)]), 0, 1800)]
    sound = heard(scenes, 1800, Music(file="hum"), hum)
    assert measure([sound[20 * RATE : 22 * RATE]], channels=2).integrated_lufs == pytest.approx(-16, abs=0.7)


def test_loud_music_does_not_make_the_video_louder_than_others(hum: Path, speech: Callable[..., AudioSpool]) -> None:
    scenes = [SceneSound(speech(10.0), 0, 300)]
    sound = heard(scenes, 300, Music(file="hum", gain_db=0, duck_db=0), hum)
    loudness = measure([sound], channels=2)
    assert loudness.integrated_lufs == pytest.approx(-16, abs=0.2)
    assert loudness.true_peak_dbtp <= -1.5


@pytest.mark.parametrize("frames", [2, 7, 30, 45])
def test_shortest_videos_have_music_too(hum: Path, frames: int) -> None:
    sound = heard([SceneSound(None, 0, frames)], frames, Music(file="hum"), hum)
    assert sound.shape == (frames * RATE // 30, 2)
    assert np.abs(sound).max() > 0.01


def test_music_that_cannot_be_played_is_named(tmp_path: Path, speech: Callable[..., AudioSpool]) -> None:
    scenes = [SceneSound(speech(3.0), 0, 90)]
    write_wav(tmp_path / "mute.wav", np.zeros(RATE * 3, np.float32), RATE)
    with pytest.raises(MediaUnreadable, match=r"mute\.wav`: this music is silent"):
        heard(scenes, 90, Music(file="mute"), tmp_path / "mute.wav")
    with pytest.raises(MediaNotFound):
        heard(scenes, 90, Music(file="none"), tmp_path / "none.wav")


def test_caller_may_close_each_sound_as_the_next_is_asked_for() -> None:
    closed = []

    def one_by_one() -> Iterator[SceneSound]:
        for number in range(3):
            with spool(tone(300, 5.0)) as sound:
                yield SceneSound(sound, 150 * number, 150)
            closed.append(number)

    with score(one_by_one(), 450, FPS, progress=SilentProgress()) as sound:
        assert closed == [0, 1, 2]
        assert measure(sound.chunks()).integrated_lufs == pytest.approx(-16, abs=0.2)


def test_cancelling_leaves_no_file_open(hum: Path) -> None:
    class Stopped(SilentProgress):
        asked = 0

        def check_cancelled(self) -> None:
            self.asked += 1
            if self.asked == 3:
                raise Cancelled("nobody wants it")

    bed = Bed(hum, Music(file="hum"))
    with pytest.raises(Cancelled):
        score([SceneSound(None, 0, 900)], 900, FPS, bed=bed, progress=Stopped())
    gc.collect()  # an open file would warn
