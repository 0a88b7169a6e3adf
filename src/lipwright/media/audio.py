"""Sound as float32 chunks: decoding, resampling, and a spool on disk, so that an hour of speech needs no memory."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from lipwright.errors import MediaUnreadable
from lipwright.media.probe import open_media, timeline_start_s

CHUNK_SAMPLES = 16_384
_JITTER_S = Fraction(1, 25)
# A filter four times as long as swresample's own, with its pass band up to 97 % of the lower rate.
_SHARP = {"filter_size": "64", "cutoff": "0.97"}


def read_audio(path: Path, sample_rate_hz: int, channels: int = 1, track: int = 0) -> Iterator[NDArray[np.float32]]:
    """Decode one sound track of any file.

    Sample 0 is the start of the clip's timeline: silence precedes a track that begins later than the picture, and fills
    a hole of more than 40 ms in the time stamps.

    Args:
        channels: 1 mixes down, 2 gives stereo.
        track: which of the sound tracks, from 0.
    Yields: float32, (n,) for one channel, else (n, channels); n is at least 1.
    Raises: MediaNotFound, MediaUnreadable: as `probe`; also when the track does not exist.
    """
    with open_media(path) as container:
        if track >= len(container.streams.audio):
            raise MediaUnreadable(f"`{path}`: has no sound track {track + 1}. Use a file with sound.")
        stream = container.streams.audio[track]
        start_s = timeline_start_s(container)
        end = None
        if stream.duration is not None and stream.time_base is not None and "mp4" in container.format.name.split(","):
            end_s = ((stream.start_time or 0) + stream.duration) * stream.time_base - start_s
            end = round(end_s * stream.sample_rate)
        source = _on_timeline(container.decode(stream), stream.sample_rate, start_s, end, channels)
        yield from resample(source, stream.sample_rate, sample_rate_hz)


def resample(chunks: Iterable[NDArray[np.float32]], from_hz: int, to_hz: int) -> Iterator[NDArray[np.float32]]:
    """Change the sample rate of a stream, without delay.

    Args:
        chunks: float32, (n,) or (n, channels), all of one kind.
    Yields: chunks of the same kind; together they have round(samples * to_hz / from_hz) samples.
    """
    if from_hz == to_hz:
        yield from (chunk for chunk in chunks if len(chunk))
        return
    resampler: AudioResampler | None = None
    taken = given = 0
    shape: tuple[int, ...] = (-1,)
    for chunk in chunks:
        if not len(chunk):
            continue
        layout = "mono" if chunk.ndim == 1 or chunk.shape[1] == 1 else "stereo"
        shape = (-1, *chunk.shape[1:])
        if resampler is None:
            resampler = AudioResampler(format="flt", layout=layout, rate=to_hz, options=_SHARP)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(chunk, np.float32).reshape(1, -1), format="flt", layout=layout
        )
        frame.sample_rate, frame.pts, frame.time_base = from_hz, taken, Fraction(1, from_hz)
        taken += len(chunk)
        for out in resampler.resample(frame):
            samples = np.asarray(out.to_ndarray(), np.float32).reshape(shape)
            given += len(samples)
            yield samples
    if resampler is None:
        return
    wanted = round(Fraction(taken * to_hz, from_hz))
    for out in resampler.resample(None):
        samples = np.asarray(out.to_ndarray(), np.float32).reshape(shape)[: wanted - given]
        given += len(samples)
        if len(samples):
            yield samples
    if given < wanted:
        yield np.zeros((wanted - given, *shape[1:]), np.float32)


def _on_timeline(
    frames: Iterable[av.AudioFrame], rate_hz: int, start_s: Fraction, end: int | None, channels: int
) -> Iterator[NDArray[np.float32]]:
    """Lay decoded sound on the clip's timeline: holes and a late start become silence, what lies outside is dropped.

    Args:
        end: the sample number at which the track ends, when the container knows it exactly.
    """
    layout = "mono" if channels == 1 else "stereo"
    shape = (-1,) if channels == 1 else (-1, channels)
    # Without the limit, swresample's float down-mix adds 3 dB and clips.
    mixer = AudioResampler(format="flt", layout=layout, rate=rate_hz, options={"rematrix_maxval": "1.0"})
    position = 0
    for frame in frames:
        if frame.pts is not None and frame.time_base is not None:
            expected = (frame.pts * frame.time_base - start_s) * rate_hz
            hole = round(expected) - position
            if hole > _JITTER_S * rate_hz or (position == 0 and hole > 0):
                yield np.zeros((hole, *shape[1:]), np.float32)
                position += hole
        for mixed in mixer.resample(frame):
            samples = np.asarray(mixed.to_ndarray(), np.float32).reshape(shape)
            if end is not None:
                samples = samples[: max(end - position, 0)]
            position += len(samples)
            yield samples
