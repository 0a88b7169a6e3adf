"""Sound as float32 chunks: decoding and resampling, so that an hour of speech needs no memory."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from lipwright.media.probe import open_media, timeline_start_s
from lipwright.media.sound_track import choose_track, decoded, on_timeline

CHUNK_SAMPLES = 16_384
# A filter four times as long as swresample's own, with its pass band up to 97 % of the lower rate.
_SHARP = {"filter_size": "64", "cutoff": "0.97"}


def read_audio(
    path: Path,
    sample_rate_hz: int,
    channels: int = 1,
    track: int | None = None,
    on_damage: Callable[[Fraction], None] | None = None,
) -> Iterator[NDArray[np.float32]]:
    """Decode one sound track of any file.

    Sample 0 is the start of the clip's timeline: silence precedes a track that begins later than the picture, and fills
    a hole of more than 40 ms in the time stamps; what overlaps by more is left out.

    Args:
        channels: 1 mixes down, 2 gives stereo. Neither is louder than its source; a mono track is as loud in both.
        track: which of the sound tracks, from 1; None for the one that a player takes.
        on_damage: is told the time of each stretch that cannot be decoded, which becomes silence, and of the end of a
            file that is cut short; None refuses such files.
    Yields: float32, (n,) for one channel, else (n, channels); n is at least 1.
    Raises:
        MediaNotFound, MediaUnreadable: as `probe`; also when there is no sound, or when it is damaged.
        UsageError: there is no such track; the message lists those there are.
    """
    with open_media(path, allow_cut=on_damage is not None) as container:
        stream = choose_track(container, path, track)
        start_s = timeline_start_s(container)
        end = None
        if stream.duration is not None and stream.time_base is not None and "mp4" in container.format.name.split(","):
            end_s = ((stream.start_time or 0) + stream.duration) * stream.time_base - start_s
            end = round(end_s * stream.sample_rate)
        longest_s = Fraction(container.duration, av.time_base) if container.duration else None
        frames = decoded(container, stream, start_s, path, on_damage)
        source = on_timeline(frames, stream.sample_rate, channels, start_s, end, longest_s)
        yield from resample(source, stream.sample_rate, sample_rate_hz)


def has_sound(path: Path) -> bool:
    """Tell whether a file has a sound track, whatever its state; a file that is cut short is taken too.

    Raises: MediaNotFound, MediaUnreadable: as `read_audio`.
    """
    with open_media(path, allow_cut=True) as container:
        return bool(container.streams.audio)


def sound_channels(path: Path, track: int | None = None) -> int:
    """Tell how a sound track is heard as it was given: 1 channel, or 2, to which more are mixed down.

    Raises: as `read_audio`.
    """
    with open_media(path, allow_cut=True) as container:
        return min(choose_track(container, path, track).channels, 2)


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
