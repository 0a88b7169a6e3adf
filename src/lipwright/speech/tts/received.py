"""Sound that a server sent as speech: decoded, and refused when it is silent, cut short, or no sound at all."""

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.speech.finish import sounding_range

SAMPLE_RATE_HZ: Final = 24_000
"""Of everything that engines behind a server return."""
_LONGEST_S: Final = 600.0
_SILENT: Final = 1e-3
"""-60 dBFS: no voice is as quiet."""
_MOST_LETTERS_PER_S: Final = 40.0
"""Nobody speaks as fast: English at twice its pace has about 30."""
_STREAMED: Final = 0x7FFF_0000
"""WAV files that are made while they are sent say that they are as long as can be."""


class NoSpeech(ValueError):
    """The sound is not what was asked for; the message goes on from `the server`."""


def decode(content: bytes) -> NDArray[np.float32]:
    """Read a WAV, MP3, FLAC or Ogg file.

    Returns: mono at 24 kHz, (n,).
    Raises: NoSpeech: it is none of these, damaged, or cut short where that can be told.
    """
    import av
    from av.audio.resampler import AudioResampler

    from lipwright.media.audio import resample

    kind = _kind(content)
    if kind == "wav":
        _check_wav(content)
    chunks: list[NDArray[np.float32]] = []
    rate_hz, samples = 0, 0
    try:
        with av.open(io.BytesIO(content), "r", format=kind) as container:
            (stream,) = container.streams.audio[:1]
            rate_hz = stream.rate
            plain = AudioResampler(format="fltp", rate=rate_hz)
            for frame in container.decode(stream):
                chunks += [np.asarray(same.to_ndarray(), np.float32).mean(axis=0) for same in plain.resample(frame)]
                samples += frame.samples
                if samples > _LONGEST_S * rate_hz:
                    raise NoSpeech(f"sends more than {_LONGEST_S:g} s of sound for a sentence")
    except (av.error.FFmpegError, ValueError, IndexError) as exc:
        if isinstance(exc, NoSpeech):
            raise
        raise NoSpeech(f"sends sound that cannot be decoded ({exc})") from exc
    return np.concatenate([np.zeros(0, np.float32), *resample(chunks, rate_hz, SAMPLE_RATE_HZ)])


def check_speech(samples: NDArray[np.float32], text: str, speed: float) -> None:
    """See whether a sound can be somebody who says a text.

    Args:
        samples: mono at 24 kHz, (n,).
        speed: that was asked for.
    Raises: NoSpeech: it is silent, or far too short.
    """
    sounding = sounding_range(samples, SAMPLE_RATE_HZ) if np.abs(samples).max(initial=0.0) >= _SILENT else None
    if sounding is None:
        raise NoSpeech("sends silence instead of speech")
    letters = sum(letter.isalnum() for letter in text)
    length_s = sounding[1] - sounding[0]
    if length_s * _MOST_LETTERS_PER_S * max(speed, 1.0) < letters:
        raise NoSpeech(f"sends speech that is cut short ({length_s:.1f} s for {letters} letters)")


def _kind(content: bytes) -> str:
    """FFmpeg's name of a file's format, by its first bytes: nothing else is tried, so that no playlist is opened."""
    if content[:4] == b"RIFF":
        return "wav"
    if content[:4] == b"fLaC":
        return "flac"
    if content[:4] == b"OggS":
        return "ogg"
    if content[:3] == b"ID3" or (len(content) > 1 and content[0] == 0xFF and content[1] >> 5 == 7):
        return "mp3"
    raise NoSpeech("sends no sound that is known here (WAV, MP3, FLAC, Ogg)")


def _check_wav(content: bytes) -> None:
    """Raise NoSpeech for a file that is shorter than it says."""
    place = 12
    while place + 8 <= len(content):
        length = int.from_bytes(content[place + 4 : place + 8], "little")
        if content[place : place + 4] == b"data":
            if length < _STREAMED and place + 8 + length > len(content):
                raise NoSpeech("sends sound that is cut short")
            return
        place += 8 + length + length % 2
    raise NoSpeech("sends sound that is cut short")
