"""Music of any file, played over and over."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.errors import MediaNotFound, MediaUnreadable
from lipwright.media.scene_music import MusicSound, looped, read_music
from lipwright.media.spool import AudioSpool
from support.clips import ClipPlan, SoundPlan, draw_clip, tone, write_clip
from support.wav import write_wav

RATE = 48_000


def silence(length_s: float, rate_hz: int = RATE) -> NDArray[np.float32]:
    return np.zeros(round(length_s * rate_hz), np.float32)


def played(music: MusicSound, count: int) -> NDArray[np.float32]:
    return np.concatenate(list(looped(music, count)))


@pytest.mark.parametrize(("rate_hz", "channels"), [(8_000, 1), (22_050, 2), (44_100, 6), (96_000, 2)])
def test_any_rate_and_any_channels_are_read(tmp_path: Path, rate_hz: int, channels: int) -> None:
    write_wav(tmp_path / "music.wav", tone(440, 2.0, rate_hz=rate_hz), rate_hz, channels)
    music = read_music(tmp_path / "music.wav", 60)
    with music.sound:
        assert music.sound.channels == 2
        assert music.length / RATE == pytest.approx(2.0, abs=0.01)
        spectrum = np.abs(np.fft.rfft(music.sound.read(0, RATE)[:, 0]))
        assert int(spectrum.argmax()) == 440


def test_music_of_a_video_is_its_sound(tmp_path: Path) -> None:
    plan = ClipPlan(50, Fraction(25), sounds=[SoundPlan(tone(300, 2.0))])
    with read_music(draw_clip(tmp_path / "clip.mp4", plan), 60).sound as sound:
        assert sound.duration_s == pytest.approx(2.0, abs=0.05)


def test_silence_around_music_is_left_out_and_silence_in_it_stays(tmp_path: Path) -> None:
    pieces = [silence(3), tone(440, 1.0), silence(2), tone(440, 1.0), silence(4)]
    write_wav(tmp_path / "music.wav", np.concatenate(pieces), RATE)
    music = read_music(tmp_path / "music.wav", 60)
    with music.sound:
        assert music.length / RATE == pytest.approx(4.0, abs=0.01)
        assert np.abs(music.sound.read(0, 480)).max() > 0.3


def test_no_more_of_a_long_file_is_read_than_is_needed(tmp_path: Path) -> None:
    write_wav(tmp_path / "music.wav", tone(440, 30.0), RATE)
    with read_music(tmp_path / "music.wav", 5).sound as sound:
        assert 5 <= sound.duration_s < 7


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (silence(5), "silent"),
        (tone(440, 5.0, level=0.0002), "silent"),
        (tone(440, 0.5), "only 0.50 s of sound"),
    ],
)
def test_file_that_is_no_music_is_named(tmp_path: Path, samples: NDArray[np.float32], message: str) -> None:
    write_wav(tmp_path / "music.wav", samples, RATE)
    with pytest.raises(MediaUnreadable, match=rf"music\.wav`: .*{message}"):
        read_music(tmp_path / "music.wav", 60)


def test_file_without_sound_and_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match=r"mute\.mp4`: there is no sound in it"):
        read_music(write_clip(tmp_path / "mute.mp4"), 60)
    with pytest.raises(MediaNotFound, match=r"none\.wav"):
        read_music(tmp_path / "none.wav", 60)
    (tmp_path / "text.mp3").write_text("no music")
    with pytest.raises(MediaUnreadable, match=r"text\.mp3"):
        read_music(tmp_path / "text.mp3", 60)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e30])
def test_numbers_that_are_no_sound_are_refused(tmp_path: Path, bad: float) -> None:
    samples = tone(440, 2.0)
    samples[RATE] = bad
    head = b"RIFF" + (36 + samples.nbytes).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    kind = b"".join(number.to_bytes(size, "little") for number, size in ((3, 2), (1, 2), (RATE, 4), (4 * RATE, 4)))
    rest = (4).to_bytes(2, "little") + (32).to_bytes(2, "little") + b"data" + samples.nbytes.to_bytes(4, "little")
    (tmp_path / "bad.wav").write_bytes(head + kind + rest + samples.tobytes())
    with pytest.raises(MediaUnreadable, match=r"bad\.wav`: its sound is damaged"):
        read_music(tmp_path / "bad.wav", 60)


def test_music_goes_on_at_its_loudness_over_the_seam() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (5 * RATE, 2)).astype(np.float32)
    with AudioSpool(RATE, 2) as sound:
        sound.append(noise)
        heard = played(MusicSound(sound, len(noise), -20.0), 20 * RATE)
    powers = np.square(heard).reshape(-1, RATE // 4, 2).mean(axis=(1, 2))
    assert (powers.max() - powers.min()) / powers.mean() < 0.1


def test_music_that_is_long_enough_is_played_as_it_is() -> None:
    ramp = np.linspace(-1, 1, 2 * 10 * RATE, dtype=np.float32).reshape(-1, 2)
    with AudioSpool(RATE, 2) as sound:
        sound.append(ramp)
        np.testing.assert_array_equal(played(MusicSound(sound, len(ramp), -20.0), len(ramp)), ramp)


@settings(deadline=None, max_examples=40)
@given(length=st.integers(RATE, 4 * RATE), count=st.integers(1, 14 * RATE))
def test_loop_is_as_long_as_asked_for_and_never_jumps(length: int, count: int) -> None:
    places = np.arange(length)
    slow = np.sin(places * (2 * np.pi / length))  # ends as it begins
    with AudioSpool(RATE, 2) as sound:
        sound.append(np.stack([slow, slow], axis=1).astype(np.float32))
        heard = played(MusicSound(sound, length, -20.0), count)
    assert heard.shape == (count, 2)
    assert np.abs(np.diff(heard, axis=0)).max(initial=0) < 1e-3
