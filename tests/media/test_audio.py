from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.errors import MediaUnreadable
from lipwright.media.audio import read_audio, resample
from support.clips import in_chunks, tone, write_clip


def write_wav(path: Path, samples: NDArray[np.float32], rate_hz: int = 48_000) -> Path:
    """float32, (n, channels)."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[samples.shape[1]]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_f32le", rate=rate_hz, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), "flt", layout)
        frame.sample_rate = rate_hz
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@settings(max_examples=40, deadline=None)
@given(
    length=st.integers(0, 30_000),
    chunk=st.integers(1, 9_000),
    from_hz=st.sampled_from([8_000, 16_000, 22_050, 24_000, 44_100, 48_000]),
    to_hz=st.sampled_from([16_000, 24_000, 44_100, 48_000]),
)
def test_resampled_sound_has_exactly_its_length(length: int, chunk: int, from_hz: int, to_hz: int) -> None:
    source = np.zeros(length, np.float32)
    assert sum(len(out) for out in resample(in_chunks(source, chunk), from_hz, to_hz)) == round(
        Fraction(length * to_hz, from_hz)
    )


@pytest.mark.parametrize(("from_hz", "to_hz"), [(24_000, 48_000), (44_100, 48_000), (48_000, 16_000)])
def test_resampled_sine_is_the_same_sine_in_place(from_hz: int, to_hz: int) -> None:
    heard = np.concatenate(list(resample(in_chunks(tone(1000, 1.0, rate_hz=from_hz)), from_hz, to_hz)))
    error = (heard - tone(1000, 1.0, rate_hz=to_hz))[2000:-2000]
    assert 20 * np.log10(np.sqrt(np.mean(error**2)) / 0.354) < -95


def test_what_the_lower_rate_cannot_hold_is_removed() -> None:
    heard = np.concatenate(list(resample(in_chunks(tone(9_000, 1.0)), 48_000, 16_000)))
    assert np.abs(heard[1000:-1000]).max() < 0.5 * 10 ** (-60 / 20)


def test_resampling_keeps_stereo(tmp_path: Path) -> None:
    source = np.stack([tone(400, 0.5), np.zeros(24_000, np.float32)], axis=1)
    heard = np.concatenate(list(resample([source], 48_000, 24_000)))
    assert heard.shape == (12_000, 2)
    assert np.abs(heard[:, 1]).max() == 0


def test_stereo_is_mixed_down_without_getting_louder(tmp_path: Path) -> None:
    both = np.repeat(tone(400, 0.5, 0.9)[:, None], 2, axis=1)
    heard = np.concatenate(list(read_audio(write_wav(tmp_path / "a.wav", both), 48_000)))
    np.testing.assert_allclose(heard, both[:, 0], atol=1e-5)


def test_surround_sound_becomes_stereo(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", np.repeat(tone(400, 0.5, 0.9)[:, None], 6, axis=1))
    heard = np.concatenate(list(read_audio(path, 48_000, channels=2)))
    assert heard.shape == (24_000, 2)
    assert np.abs(heard).max() <= 1.0


def test_late_sound_is_preceded_by_silence(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        sound = container.add_stream("pcm_f32le", rate=48_000, layout="mono")
        picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        for time_ms in range(0, 2000, 40):
            picture.pts, picture.time_base = time_ms, Fraction(1, 1000)
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        for start in (24_000, 72_000):  # half a second late, and a hole of half a second in between
            frame = av.AudioFrame.from_ndarray(np.full((1, 24_000), 0.5, np.float32), "flt", "mono")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
            container.mux(sound.encode(frame))
    heard = np.concatenate(list(read_audio(tmp_path / "a.mkv", 48_000)))
    np.testing.assert_array_equal(heard, np.repeat([0, 0.5, 0, 0.5], 24_000).astype(np.float32))


def test_clip_without_sound_says_so(tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match="there is no sound in it"):
        next(read_audio(write_clip(tmp_path / "a.mp4"), 48_000))


def test_real_sound_is_as_long_as_its_file_says(shared_media: Path) -> None:
    for name, duration_s in (("jfk.flac", 11.0), ("speech-en-9s.wav", 9.6), ("multilingual.mp3", 59.9)):
        assert sum(len(chunk) for chunk in read_audio(shared_media / name, 16_000)) == round(duration_s * 16_000)
