"""Sound as people have it: any rate, channels, codec and start; several tracks; damaged."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.errors import MediaNotFound, MediaUnreadable, UsageError
from lipwright.media.audio import read_audio, sound_channels
from lipwright.media.sound_track import on_timeline
from support.clips import ClipPlan, SoundPlan, draw_clip, tone
from support.pattern import click_times_s, clicks
from support.sound_files import damaged, write_sound

HZ = 48_000
SURROUND = {"5.1": 6, "7.1": 8}


def heard(path: Path, channels: int = 1, **options: object) -> NDArray[np.float32]:
    return np.concatenate([*read_audio(path, HZ, channels, **options)])  # type: ignore[arg-type]


def level_db(samples: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12))


KINDS = [
    ("a.wav", SoundPlan(rate_hz=8_000, codec="pcm_s16le")),
    ("a.wav", SoundPlan(rate_hz=8_000, codec="pcm_mulaw")),
    ("a.wav", SoundPlan(rate_hz=96_000, codec="pcm_s24le", layout="stereo")),
    ("a.wav", SoundPlan(rate_hz=192_000, codec="pcm_s32le")),
    ("a.wav", SoundPlan(codec="pcm_s16le", layout="5.1")),
    ("a.flac", SoundPlan(codec="flac", layout="7.1")),
    ("a.m4a", SoundPlan(codec="aac", layout="5.1")),
    ("a.m4a", SoundPlan(rate_hz=44_100, codec="aac")),
    ("a.m4a", SoundPlan(rate_hz=44_100, codec="alac", layout="stereo")),
    ("a.mp3", SoundPlan(rate_hz=44_100, codec="libmp3lame", layout="stereo")),
    ("a.mp3", SoundPlan(rate_hz=22_050, codec="libmp3lame")),
    ("a.ogg", SoundPlan(codec="libopus", layout="stereo")),
    ("a.webm", SoundPlan(codec="libopus")),
    ("a.mkv", SoundPlan(codec="ac3", layout="5.1")),
    ("a.aiff", SoundPlan(rate_hz=32_000, codec="pcm_s16be")),
]


@pytest.mark.parametrize(
    ("name", "plan"), KINDS, ids=[f"{plan.codec}-{plan.layout}-{plan.rate_hz}" for _, plan in KINDS]
)
def test_any_kind_of_sound_has_its_length_level_and_timing(tmp_path: Path, name: str, plan: SoundPlan) -> None:
    channels = SURROUND.get(plan.layout, 1 if plan.layout == "mono" else 2)
    hum = tone(440, 2.0, 0.25, plan.rate_hz)
    hum[: plan.rate_hz] = 0.4 * clicks([Fraction(1, 4), Fraction(3, 4)], Fraction(1), plan.rate_hz)
    samples = np.repeat(hum[:, None], channels, axis=1)
    if channels > 2:
        samples[:, 3] = 0  # the low-frequency channel is not heard in fewer
    path = write_sound(tmp_path / name, plan, [(0, samples)])
    kept = sound_channels(path)
    assert kept == min(channels, 2)
    for asked in (1, kept):
        sound = heard(path, asked)
        assert sound.shape[1:] == (() if asked == 1 else (2,))
        assert abs(len(sound) / HZ - 2) < 0.05  # codecs fill their last block
        each = sound.reshape(len(sound), -1)
        for side in each.T:
            np.testing.assert_allclose(click_times_s(side[:HZ]), [0.25, 0.75], atol=0.001)
            steady = side[int(1.2 * HZ) : int(1.8 * HZ)]
            assert abs(level_db(steady) - 20 * np.log10(0.25 / np.sqrt(2))) < 0.5  # LAME scales by .95


@pytest.mark.parametrize("layout", SURROUND)
def test_surround_at_full_scale_does_not_clip_when_mixed_down(tmp_path: Path, layout: str) -> None:
    loud = np.repeat(tone(440, 0.5, 0.99)[:, None], SURROUND[layout], axis=1)
    path = write_sound(tmp_path / "a.wav", SoundPlan(codec="pcm_f32le", layout=layout), [(0, loud)])
    assert np.abs(heard(path, 2)).max() <= 1.0
    assert np.abs(heard(path, 1)).max() <= 1.0


def test_mono_is_as_loud_in_stereo(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", SoundPlan(codec="pcm_f32le"), [(0, tone(440, 0.5)[:, None])])
    both = heard(path, 2)
    np.testing.assert_array_equal(both[:, 0], both[:, 1])
    np.testing.assert_allclose(both[:, 0], tone(440, 0.5), atol=1e-6)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match=r"talk\.wav"):
        next(read_audio(tmp_path / "talk.wav", HZ))


def test_silence_is_silent_and_as_long(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.m4a", SoundPlan(), [(0, np.zeros((HZ, 1), np.float32))])
    assert np.abs(heard(path)).max() < 1e-4
    assert len(heard(path)) == HZ


def three_tracks(path: Path) -> Path:
    languages = ("eng", "deu", None)
    sounds = [
        SoundPlan(tone(300 * (number + 1), 2.0), codec="aac", language=language, default=number == 1)
        for number, language in enumerate(languages)
    ]
    return draw_clip(path, ClipPlan(sounds=sounds))


def test_track_is_chosen_by_its_number_else_as_a_player_does(tmp_path: Path) -> None:
    path = three_tracks(tmp_path / "a.mkv")

    def pitch(track: int | None) -> float:
        return float(np.argmax(np.abs(np.fft.rfft(heard(path, track=track)[:HZ]))))

    assert [pitch(track) for track in (1, 2, 3, None)] == pytest.approx([300, 600, 900, 600], abs=2)


@pytest.mark.parametrize("track", [0, 4, -1])
def test_track_that_is_not_there_lists_those_that_are(tmp_path: Path, track: int) -> None:
    with pytest.raises(
        UsageError, match=rf"no sound track {track}.*1 \(eng, mono, 48000 Hz\), 2 \(deu, .*3 \(language unk"
    ):
        heard(three_tracks(tmp_path / "a.mkv"), track=track)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
@pytest.mark.parametrize(("picture_s", "sound_s"), [("0", "0.5"), ("0.52", "0"), ("0.4", "1.2")])
def test_sound_that_begins_earlier_or_later_keeps_its_place(
    tmp_path: Path, name: str, picture_s: str, sound_s: str
) -> None:
    late = Fraction(sound_s)
    plan = ClipPlan(
        frames=75, flashes=[50, 60], start_s=Fraction(picture_s), sounds=[SoundPlan(codec="aac", start_s=late)]
    )
    path = draw_clip(tmp_path / name, plan)
    begin_s = min(late, plan.start_s)
    expected = [float(plan.start_s + Fraction(number, 25) - begin_s) for number in (50, 60)]
    np.testing.assert_allclose(click_times_s(heard(path)), expected, atol=0.0015)


def spoken(path: Path) -> Path:
    """Ten seconds of noise with a click in each second."""
    noise = 0.05 * np.random.default_rng(0).standard_normal(10 * HZ).astype(np.float32)
    every = clicks([Fraction(2 * second + 1, 2) for second in range(10)], Fraction(10))
    return write_sound(path, SoundPlan(codec="flac"), [(0, np.clip(noise + every, -1, 1)[:, None])])


def test_damaged_sound_is_refused_with_the_time(tmp_path: Path) -> None:
    path = damaged(spoken(tmp_path / "a.mkv"), 0.5, 3000)
    with pytest.raises(MediaUnreadable, match=r"a\.mkv`: (its sound is damaged at [45]\.\d s|damaged)"):
        heard(path)


def test_damaged_sound_becomes_silence_and_the_rest_stays_in_place(tmp_path: Path) -> None:
    path = damaged(spoken(tmp_path / "a.mkv"), 0.5, 3000)
    times: list[Fraction] = []
    sound = heard(path, on_damage=times.append)
    assert times
    assert all(4 < time_s < 6 for time_s in times)
    assert len(sound) == 10 * HZ
    found = click_times_s(sound)
    assert len(found) >= 9
    for time_s in found:
        assert abs((time_s - 0.5) - round(time_s - 0.5)) < 0.003


def test_damaged_flac_is_silent_there_and_no_burst_of_noise(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.flac", SoundPlan(codec="flac"), [(0, tone(220, 4.0, 0.2)[:, None])])
    whole = heard(path)
    damaged(path, 0.5, 4000)
    with pytest.raises(MediaUnreadable, match=r"a\.flac`: its sound is damaged at [12]\.\d s"):
        heard(path)
    times: list[Fraction] = []

    sound = heard(path, on_damage=times.append)

    assert len(times) == 1
    assert len(sound) == len(whole)
    assert np.abs(sound).max() < 0.25
    apart = np.flatnonzero(np.abs(sound - whole) > 1e-3)
    assert 0 < np.ptp(apart) < 1.5 * HZ, "only what is damaged is silent"
    assert abs(apart[0] / HZ - float(times[0])) < 0.02


def test_cut_file_is_refused_or_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    plan = ClipPlan(frames=100, sounds=[SoundPlan(tone(400, 4.0))], container_options={"movflags": "+faststart"})
    path = draw_clip(tmp_path / "a.mp4", plan)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(MediaUnreadable, match="cut short"):
        heard(path)
    times: list[Fraction] = []
    assert 0.5 < len(heard(path, on_damage=times.append)) / HZ < 3.5


def test_text_and_pictures_are_no_sound(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("not a sound at all " * 100)
    with pytest.raises(MediaUnreadable, match=r"a\.wav"):
        heard(tmp_path / "a.wav")
    (tmp_path / "b.wav").write_bytes(b"")
    with pytest.raises(MediaUnreadable, match="empty"):
        heard(tmp_path / "b.wav")


def test_clock_that_runs_slow_does_not_pull_sound_away_from_its_times(tmp_path: Path) -> None:
    """Each piece of a tenth of a second is stamped as if it lasted a hundredth less."""
    pieces = [(number * 4320, np.full((4800, 1), 0.01 * (number % 9), np.float32)) for number in range(50)]
    path = write_sound(tmp_path / "a.mkv", SoundPlan(codec="pcm_f32le"), pieces)
    sound = heard(path)
    assert abs(len(sound) - 50 * 4320) < 0.06 * HZ
    for number in range(5, 50):
        middle = sound[number * 4320 + 2000]
        assert np.isclose(middle, 0.01 * (number % 9), atol=1e-5) or np.isclose(
            middle, 0.01 * ((number - 1) % 9), atol=1e-5
        )


@pytest.mark.parametrize("jump_s", [-3, 30 * 3600])
def test_senseless_time_stamps_are_passed_over(jump_s: int) -> None:
    second = tone(440, 1.0)

    def pieces() -> Iterator[av.AudioFrame]:
        for start in (0, HZ, (2 + jump_s) * HZ, (3 + jump_s) * HZ):
            frame = av.AudioFrame.from_ndarray(second.reshape(1, -1), "flt", "mono")
            frame.sample_rate, frame.pts, frame.time_base = HZ, start, Fraction(1, HZ)
            yield frame

    laid = np.concatenate(list(on_timeline(pieces(), HZ, 1, Fraction(0), None, None)))
    np.testing.assert_array_equal(laid, np.tile(second, 4))


def test_rate_and_channels_may_change_on_the_way(tmp_path: Path) -> None:
    first = write_sound(
        tmp_path / "a.aac", SoundPlan(rate_hz=44_100, codec="aac"), [(0, tone(400, 1.0, 0.25, 44_100)[:, None])]
    )
    both = np.repeat(tone(400, 1.0, 0.25)[:, None], 2, axis=1)
    second = write_sound(tmp_path / "b.aac", SoundPlan(codec="aac", layout="stereo"), [(0, both)])
    path = tmp_path / "c.aac"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    sound = heard(path)
    assert abs(len(sound) / HZ - 2) < 0.2  # FFmpeg stamps the second part by the rate of the first
    for start in (0.3, 1.4):
        assert abs(level_db(sound[int(start * HZ) :][: HZ // 3]) - 20 * np.log10(0.25 / np.sqrt(2))) < 1
