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
from lipwright.media.pictures import picture_stream
from lipwright.media.probe import open_media, timeline_start_s
from lipwright.media.tracks import Beside
from lipwright.media.writer import Tags

MP4_PICTURES = {"h264": "avc1", "hevc": "hvc1", "av1": "av01", "vp9": "vp09", "mpeg4": "mp4v"}
"""Codecs that MP4 holds by a standard and common players decode, with the names under which these know them."""
_NOT_IN_STEP = frozenset({"avi", "mpeg"})
"""FFmpeg's demuxers whose times are not to be trusted: AVI has none for pictures that are not shown in the order of
decoding, and program streams (.mpg, .vob) give other ones after a jump than before."""
_NO_TIMES = "the file tells no exact times"


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
        found = _times(container, picture_stream(container, video))
    return found if isinstance(found, str) else None


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
    tags, settings = tags or Tags(), settings or EncoderSettings()
    with open_media(video, allow_cut=True) as source, replacing(output) as temporary, _errors_named(output):
        stream = picture_stream(source, video)
        times = _times(source, stream)
        if isinstance(times, str):
            raise MediaUnreadable(f"`{video}`: its picture cannot be copied into MP4, since {times}. Encode it anew.")
        base_s = Fraction(stream.time_base or 0)
        file = Mp4File(temporary, tags.metadata)
        try:
            track = file.container.add_stream_from_template(stream, opaque=True)
            track.codec_context.codec_tag = MP4_PICTURES[_codec(stream)]
            end_s = times.end * base_s
            with Alongside(file, beside or Beside(), sound, channels, settings, end_s, cut=False) as alongside:
                for packet, decoded in zip(_again(video), times.decoded, strict=False):
                    packet.pts, packet.dts = (packet.pts or 0) - times.start, decoded
                    packet.stream = track
                    file.container.mux_one(packet)
                    alongside.until(decoded * base_s)
                alongside.finish()
        except BaseException:
            file.abandon()
            raise
    return end_s


def _codec(stream: VideoStream) -> str:
    return stream.codec_context.codec.canonical_name


def _times(container: InputContainer, stream: VideoStream) -> _Times | str:
    """Read the times of all packets, and say when each is decoded, which not every container tells.

    Returns: or why they cannot be copied.
    """
    if _codec(stream) not in MP4_PICTURES:
        return f"its codec is {_codec(stream)}"
    if container.format.name in _NOT_IN_STEP or stream.time_base is None:
        return _NO_TIMES
    start = round(timeline_start_s(container) / stream.time_base)
    seen, durations = [], []
    for packet in _whole_packets(container, stream):
        if packet.pts is None:
            return _NO_TIMES
        seen.append(packet.pts - start)
        durations.append(packet.duration or 0)
    shown = sorted(seen)
    if not seen or len(set(shown)) < len(shown):
        return _NO_TIMES
    places = {time: place for place, time in enumerate(shown)}
    delay = max(0, *(number - places[time] for number, time in enumerate(seen)))
    step = max(round((shown[-1] - shown[0]) / max(len(shown) - 1, 1)), 1)
    early = [shown[0] - step * (delay - number) for number in range(delay)]
    last = durations[seen.index(shown[-1])] or step
    return _Times(start, (early + shown)[: len(shown)], shown[-1] + last)


def _again(video: Path) -> Iterator["Packet[VideoStream]"]:
    with open_media(video, allow_cut=True) as container:
        yield from _whole_packets(container, picture_stream(container, video))


def _whole_packets(container: InputContainer, stream: VideoStream) -> Iterator["Packet[VideoStream]"]:
    """Give the coded pictures; where a file is cut short, the last one is only a part, which is left out."""
    return (packet for packet in container.demux(stream) if packet.size and not packet.is_corrupt)


@contextmanager
def _errors_named(output: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, FFmpegError) as exc:
        raise output_error(output, exc) from exc
