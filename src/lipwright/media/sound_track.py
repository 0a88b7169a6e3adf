"""One sound track of a file: which one, what can be decoded of it, and where that lies on the clip's timeline."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from numpy.typing import NDArray

from lipwright.errors import MediaUnreadable, UsageError

_JITTER_S = Fraction(1, 25)
_PRECISION_S = Fraction(1, 500)
"""Time stamps in milliseconds are this exact; behind damage nothing else says how much is missing."""
_JUMP_S = 1
"""Time stamps that go back by more begin to count anew."""
_LONGEST_S = Fraction(24 * 3600)
_SILENCE_SAMPLES = 48_000
_CHECKSUMMED = frozenset({"flac"})
"""Codecs whose packets carry a checksum and lie gapless; FFmpeg plays those that fail it, as loud noise, unless told
not to, and then leaves a hole in the times without a word."""


def choose_track(container: InputContainer, path: Path, track: int | None) -> AudioStream:
    """Find a sound track.

    Args:
        track: its number, from 1; None for the one that is marked as default, or the first one.
    Raises:
        MediaUnreadable: there is no sound, or it is coded in a way that nobody knows.
        UsageError: there is no such track.
    """
    tracks = container.streams.audio
    if not tracks:
        raise MediaUnreadable(f"`{path}`: there is no sound in it. Use a file with sound.")
    if track is not None and not 1 <= track <= len(tracks):
        listed = ", ".join(f"{number} ({_described(stream)})" for number, stream in enumerate(tracks, 1))
        raise UsageError(f"`{path}`: there is no sound track {track}. Choose one of these: {listed}.")
    if track is not None:
        stream = tracks[track - 1]
    else:
        stream = next((one for one in tracks if one.disposition & Disposition.default), tracks[0])
    if stream.codec_context is None or not stream.sample_rate or not stream.channels:
        raise MediaUnreadable(f"`{path}`: its sound cannot be decoded. Export it again as WAV or MP4.")
    return stream


def decoded(
    container: InputContainer,
    stream: AudioStream,
    start_s: Fraction,
    path: Path,
    on_damage: Callable[[Fraction], None] | None,
) -> Iterator[av.AudioFrame | None]:
    """Decode a track.

    Args:
        start_s: the time stamp at which the clip begins.
        on_damage: is told the time of what cannot be decoded; None refuses a damaged track.
    Yields: pieces of sound; None stands for those that cannot be decoded.
    Raises: MediaUnreadable: it is damaged.
    """
    checksummed = stream.codec_context.name in _CHECKSUMMED
    if checksummed:
        stream.codec_context.options = {"err_detect": "crccheck+explode"}
    time_s = Fraction(0)
    packets = container.demux(stream)
    whole_s = start_s
    while True:
        try:
            packet = next(packets)
            if packet.pts is not None and packet.time_base is not None:
                time_s = max(packet.pts * packet.time_base - start_s, Fraction(0))
            frames = packet.decode()
        except StopIteration:
            return
        except FFmpegError as exc:
            if on_damage is None:
                raise MediaUnreadable(
                    f"`{path}`: its sound is damaged at {float(time_s):.1f} s ({exc.strerror}). Export it again, or "
                    "cut that place out."
                ) from exc
            on_damage(time_s)
            yield None
        else:
            for frame in frames:
                if checksummed:
                    begin_s = whole_s
                    if frame.pts is not None and frame.time_base is not None:
                        begin_s = frame.pts * frame.time_base
                    if begin_s > whole_s + _PRECISION_S:
                        _tell_hole(path, whole_s - start_s, on_damage)
                        yield None
                    whole_s = begin_s + Fraction(frame.samples, frame.sample_rate)
                yield frame


def _tell_hole(path: Path, time_s: Fraction, on_damage: Callable[[Fraction], None] | None) -> None:
    if on_damage is None:
        raise MediaUnreadable(
            f"`{path}`: its sound is damaged at {float(time_s):.1f} s. Export it again, or cut that place out."
        )
    on_damage(time_s)


def on_timeline(
    frames: Iterable[av.AudioFrame | None],
    rate_hz: int,
    channels: int,
    start_s: Fraction,
    end: int | None,
    longest_s: Fraction | None,
) -> Iterator[NDArray[np.float32]]:
    """Lay decoded sound on the clip's timeline: holes and a late start become silence, what overlaps is left out.

    Args:
        frames: None where something is missing.
        channels: 1 or 2, of the result.
        start_s: the time stamp of sample 0.
        end: the sample number at which the track ends, when the container knows it exactly.
        longest_s: what the container says of its length; a hole that is longer is a mistake in the time stamps.
    Yields: float32, (n,) for one channel, else (n, channels).
    """
    mixer = _Mixer(rate_hz, channels)
    position = 0
    origin_s = start_s
    tolerance = round(_JITTER_S * rate_hz)
    for frame in frames:
        if frame is None:
            tolerance = round(_PRECISION_S * rate_hz)
            continue
        overlap = 0
        if frame.pts is not None and frame.time_base is not None:
            time_s = frame.pts * frame.time_base
            hole = round((time_s - origin_s) * rate_hz) - position
            if hole < -_JUMP_S * rate_hz or hole > (longest_s or _LONGEST_S) * rate_hz:
                origin_s = time_s - Fraction(position, rate_hz)
            elif hole > tolerance or (position == 0 and hole > 0):
                yield from _silence(hole, channels)
                position += hole
            elif hole < -tolerance:
                overlap = -hole
            tolerance = round(_JITTER_S * rate_hz)
        for mixed in mixer.mix(frame):
            samples, overlap = mixed[overlap:], max(overlap - len(mixed), 0)
            if end is not None:
                samples = samples[: max(end - position, 0)]
            position += len(samples)
            if len(samples):
                yield samples


class _Mixer:
    """Brings decoded sound to one rate, and to one or two channels."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._channels = channels
        self._kind: tuple[str, str, int] | None = None
        self._resampler: AudioResampler

    def mix(self, frame: av.AudioFrame) -> Iterator[NDArray[np.float32]]:
        """Give what a piece sounds like: float32, (n,) or (n, channels). Its kind may change from piece to piece."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        mono = frame.layout.nb_channels == 1
        if kind != self._kind:
            self._kind = kind
            # Without the limit, swresample's float down-mix adds 3 dB and clips. Mono to stereo would lose 3 dB.
            self._resampler = AudioResampler(
                format="flt",
                layout="mono" if mono or self._channels == 1 else "stereo",
                rate=self._rate_hz,
                options={"rematrix_maxval": "1.0"},
            )
        for mixed in self._resampler.resample(frame):
            samples = np.asarray(mixed.to_ndarray(), np.float32).reshape(-1)
            if self._channels == 1:
                yield samples
            else:
                yield np.repeat(samples[:, None], 2, axis=1) if mono else samples.reshape(-1, 2)


def _silence(count: int, channels: int) -> Iterator[NDArray[np.float32]]:
    for start in range(0, count, _SILENCE_SAMPLES):
        length = min(_SILENCE_SAMPLES, count - start)
        yield np.zeros(length if channels == 1 else (length, channels), np.float32)


def _described(stream: AudioStream) -> str:
    """Such as `deu, stereo, 48000 Hz`."""
    title = stream.metadata.get("title")
    parts = [stream.language or "language unknown", stream.layout.name, f"{stream.sample_rate} Hz"]
    return ", ".join([*parts, *([title] if title else [])])
