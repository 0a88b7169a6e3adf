"""Sound that a server sent: read when it is speech, refused when it is something else."""

import io

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.speech.tts.received import SAMPLE_RATE_HZ, NoSpeech, check_speech, decode
from support.vendor_openai import STREAMED, wav

LENGTH_S = 1.0


def tone(rate_hz: int = SAMPLE_RATE_HZ, length_s: float = LENGTH_S) -> NDArray[np.float32]:
    time_s = np.arange(round(length_s * rate_hz)) / rate_hz
    return (0.3 * np.sin(2 * np.pi * 440 * time_s)).astype(np.float32)


def encoded(container: str, codec: str, rate_hz: int = 44_100, channels: str = "mono") -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate_hz, layout=channels)
        samples = tone(rate_hz)
        planes = np.tile(samples, (2 if channels == "stereo" else 1, 1))
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=channels)
        frame.sample_rate = rate_hz
        resampler = av.AudioResampler(
            format=stream.codec_context.format, layout=channels, rate=rate_hz, frame_size=stream.frame_size or 1024
        )
        for ready in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(ready))
        output.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        wav(tone()),
        wav(tone(), length=STREAMED),
        wav(tone(8_000), 8_000),
        encoded("wav", "pcm_s16le", channels="stereo"),
        encoded("wav", "pcm_f32le"),
        encoded("mp3", "libmp3lame"),
        encoded("flac", "flac"),
        encoded("ogg", "libopus", 48_000),
    ],
    ids=["wav", "streamed wav", "8 kHz", "stereo", "float", "mp3", "flac", "opus"],
)
def test_sound_of_every_usual_format_is_read(content: bytes) -> None:
    samples = decode(content)
    assert samples.dtype == np.float32
    assert len(samples) / SAMPLE_RATE_HZ == pytest.approx(LENGTH_S, abs=0.06)
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)
    spectrum = np.abs(np.fft.rfft(middle))
    assert np.argmax(spectrum) * SAMPLE_RATE_HZ / len(middle) == pytest.approx(440, abs=3)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"#EXTM3U\nhttp://127.0.0.1/x.wav",
        b"RIFF",
        b"RIFF\x00\x00\x00\x00WAVE",
        wav(tone())[:-2000],
        wav(tone())[:60],
        b"ID3" + bytes(200),
        b"fLaC" + bytes(200),
        b"OggS" + bytes(200),
    ],
)
def test_what_is_no_whole_sound_is_refused(content: bytes) -> None:
    with pytest.raises(NoSpeech, match="sends "):
        check_speech(decode(content), "Hello.", 1.0)


@given(cut=st.integers(0, 4000), junk=st.binary(max_size=40), place=st.integers(0, 3000))
@settings(max_examples=60, deadline=None)
def test_damaged_file_is_read_or_refused(cut: int, junk: bytes, place: int) -> None:
    whole = encoded_mp3()
    damaged = whole[:place] + junk + whole[place + len(junk) : len(whole) - cut]
    try:
        samples = decode(damaged)
    except NoSpeech:
        return
    assert np.isfinite(samples).all()


def encoded_mp3(kept: list[bytes] = []) -> bytes:  # noqa: B006 encoded once
    if not kept:
        kept.append(encoded("mp3", "libmp3lame"))
    return kept[0]


def test_sound_without_end_is_refused() -> None:
    with pytest.raises(NoSpeech, match="more than 600 s"):
        decode(wav(np.zeros(8_000 * 601, np.float32), 8_000))


@pytest.mark.parametrize(
    ("samples", "text", "speed", "refused"),
    [
        (np.zeros(SAMPLE_RATE_HZ, np.float32), "Hi.", 1.0, "silence"),
        (np.zeros(0, np.float32), "Hi.", 1.0, "silence"),
        (tone() * np.float32(1e-3), "Hi.", 1.0, "silence"),
        (tone(), "a" * 41, 1.0, "cut short"),
        (tone(), "a" * 41, 2.0, None),
        (tone(), "a" * 39, 1.0, None),
        (tone(length_s=0.1), "Hi!", 1.0, None),
    ],
)
def test_silence_and_half_a_sentence_are_no_speech(
    samples: NDArray[np.float32], text: str, speed: float, refused: str | None
) -> None:
    if refused is None:
        check_speech(samples, text, speed)
        return
    with pytest.raises(NoSpeech, match=refused):
        check_speech(samples, text, speed)
