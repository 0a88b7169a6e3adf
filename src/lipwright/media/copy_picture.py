"""The picture of a video is copied as it is into a new one, and other sound is put beside it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from lipwright.errors import MediaUnreadable
from lipwright.media.alongside import Alongside
from lipwright.media.encoder import EncoderSettings
from lipwright.media.mp4 import Mp4File
from lipwright.media.output import check_writable, output_error, replacing
from lipwright.media.probe import open_media, timeline_start_s, video_stream
from lipwright.media.tracks import Beside
from lipwright.media.writer import Tags

_COPIED = {"h264": "avc1", "hevc": "hvc1", "av1": "av01", "vp9": "vp09", "mpeg4": "mp4v"}
"""Codecs that MP4 holds by a standard and common players decode, with the names under which these know them."""
_AV1_DECODERS = frozenset({"libdav1d", "libaom-av1"})
_NOT_IN_STEP = frozenset({"mpeg"})
"""FFmpeg's demuxer of program streams (.mpg, .vob), whose times are not to be trusted."""


@dataclass(frozen=True, slots=True)
class _Times:
    """When the coded pictures of a stream are decoded and seen, in its time base; 0 is the start of the timeline."""

    start: int
    """What is subtracted from the file's stamps."""
    decoded: list[int]
    """In order of decoding, rising."""
    end: int


def picture_obstacle(video: Path) -> str | None:
    """Tell why the picture of a video cannot be copied into an MP4 file.

    Returns: such as `its codec is prores`; None when it can be.
    Raises: MediaNotFound, MediaUnreadable.
    """
    with open_media(video, allow_cut=True) as container:
        stream = video_stream(container)
        if stream is None:
            raise MediaUnreadable(f"`{video}`: there is no picture in it. Use a video.")
        codec = _codec(stream)
        if codec not in _COPIED:
            return f"its codec is {codec}"
        if container.format.name in _NOT_IN_STEP or stream.time_base is None:
            return "the file tells no exact times"
        try:
            _times(container, stream)
        except ValueError:
            return "the file tells no exact times"
    return None


def copy_picture(
    output: Path,
    video: Path,
    *,
    sound: Iterable[NDArray[np.float32]],
    channels: int = 1,
    tags: Tags | None = None,
    settings: EncoderSettings | None = None,
    beside: Beside | None = None,
) -> Fraction:
    """Write one MP4 file; it appears whole or not at all.

    Every coded picture is taken with its time, also those before the start that an edit list hides; a late start and
    the rotation stay.

    Args:
        video: one without `picture_obstacle`.
        sound: chunks of any length, float32 at 48 kHz, (n,) or (n, channels), filled up with silence to the length of
            the pictures. A longer one is heard to its end.
        settings: for the bit rate of the sound.

    Returns: when the last picture ends, in seconds.
    Raises:
        MediaNotFound, MediaUnreadable: the video cannot be read, or its picture cannot be copied.
        OutputNotWritable, DiskFull.
    """
    check_writable(output)
    obstacle = picture_obstacle(video)
    if obstacle is not None:
        raise MediaUnreadable(f"`{video}`: its picture cannot be copied into MP4, since {obstacle}. Encode it anew.")
    tags, settings = tags or Tags(), settings or EncoderSettings()
    with open_media(video, allow_cut=True) as source, replacing(output) as temporary, _errors_named(output):
        stream = video_stream(source)
        assert stream is not None  # noqa: S101 no obstacle is found in a file without one
        times = _times(source, stream)
        base_s = Fraction(stream.time_base or 0)
        file = Mp4File(temporary, tags.metadata)
        try:
            track = file.container.add_stream_from_template(stream, opaque=True)
            track.codec_context.codec_tag = _COPIED[_codec(stream)]
            with Alongside(file, beside or Beside(), sound, channels, settings.audio_bit_rate_bps) as alongside:
                for packet, decoded in zip(_again(video), times.decoded, strict=False):
                    packet.pts, packet.dts = (packet.pts or 0) - times.start, decoded
                    packet.stream = track
                    file.container.mux_one(packet)
                    alongside.until(decoded * base_s)
                alongside.finish(times.end * base_s, cut=False)
        except BaseException:
            file.abandon()
            raise
    return times.end * base_s


def _codec(stream: VideoStream) -> str:
    name = "unknown" if stream.codec_context is None else stream.codec_context.name
    return "av1" if name in _AV1_DECODERS else name.removeprefix("lib").removeprefix("vpx-")


def _times(container: InputContainer, stream: VideoStream) -> _Times:
    """Read the times of all packets, and say when each is decoded, which not every container tells.

    Raises: ValueError: a packet has no time, or two have the same.
    """
    base_s = Fraction(stream.time_base or 0)
    start = round(timeline_start_s(container) / base_s)
    seen, durations = [], []
    for packet in container.demux(stream):
        if packet.size:
            if packet.pts is None:
                raise ValueError("a packet has no time")
            seen.append(packet.pts - start)
            durations.append(packet.duration or 0)
    shown = sorted(seen)
    if not seen or len(set(shown)) < len(shown):
        raise ValueError("packets share a time")
    places = {time: place for place, time in enumerate(shown)}
    delay = max(max(number - places[time] for number, time in enumerate(seen)), 0)
    step = max(round((shown[-1] - shown[0]) / max(len(shown) - 1, 1)), 1)
    early = [shown[0] - step * (delay - number) for number in range(delay)]
    last = durations[seen.index(shown[-1])] or step
    return _Times(start, (early + shown)[: len(shown)], shown[-1] + last)


def _again(video: Path) -> Iterator["Packet[VideoStream]"]:
    with open_media(video, allow_cut=True) as container:
        stream = video_stream(container)
        assert stream is not None  # noqa: S101 it was there a moment ago
        for packet in container.demux(stream):
            if packet.size:
                yield packet


@contextmanager
def _errors_named(output: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, FFmpegError) as exc:
        raise output_error(output, exc) from exc
