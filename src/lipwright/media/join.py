"""Segments become one video: their pictures are copied as they are, and sound is put beside them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from lipwright.errors import MediaUnreadable
from lipwright.media.alongside import Alongside
from lipwright.media.encoder import EncoderSettings
from lipwright.media.mp4 import Mp4File
from lipwright.media.output import check_writable, output_error, replacing
from lipwright.media.probe import open_media
from lipwright.media.tracks import Beside
from lipwright.media.writer import Tags


@dataclass(frozen=True, slots=True)
class _Kind:
    """What all segments have in common."""

    codec: str
    width_px: int
    height_px: int
    head: bytes
    """Parameter sets of the decoder."""


def join_segments(
    output: Path,
    segments: Sequence[Path],
    *,
    fps: Fraction,
    sound: Iterable[NDArray[np.float32]] | None = None,
    channels: int = 1,
    tags: Tags | None = None,
    settings: EncoderSettings | None = None,
    beside: Beside | None = None,
) -> int:
    """Write one MP4 file; it appears whole or not at all. The segments stay as they are.

    Args:
        segments: files by `SegmentWriter`, in order, of one size and one kind of settings.
        fps: of the segments.
        sound: chunks of any length, float32 at 48 kHz, (n,) or (n, channels), cut or filled up with silence to the
            length of the pictures; None makes a video without a sound track.
        channels: of `sound`, 1 or 2.
        settings: for the bit rate of the sound.
        beside: further tracks, and names of them. A kept sound ends with the pictures.

    Returns: how many pictures there are.
    Raises:
        MediaNotFound, MediaUnreadable: a segment is missing, damaged, or does not fit to the first one.
        OutputNotWritable, DiskFull.
    """
    if not segments:
        raise ValueError("there is no segment to join")
    check_writable(output)
    delay, pictures = _reordering(segments)
    tags, settings = tags or Tags(), settings or EncoderSettings()
    count = 0
    with replacing(output) as temporary, _errors_named(output):
        file = Mp4File(temporary, tags.metadata)
        try:
            with open_media(segments[0]) as first:
                track = file.container.add_stream_from_template(first.streams.video[0], opaque=True)
            track.time_base = 1 / fps
            with Alongside(file, beside or Beside(), sound, channels, settings, pictures / fps, cut=True) as alongside:
                for packet in _packets(segments, fps):
                    packet.stream = track
                    packet.dts = count - delay
                    file.container.mux_one(packet)
                    count += 1
                    alongside.until(count / fps)
                alongside.finish()
        except BaseException:
            file.abandon()
            raise
    return count


def _reordering(segments: Sequence[Path]) -> tuple[int, int]:
    """Make sure that the segments fit together.

    Returns: how many pictures decoding runs ahead of presentation, the most of all segments; how many there are.
    """
    kinds = []
    delay = pictures = 0
    for path in segments:
        with open_media(path) as container:
            if len(container.streams.video) != 1 or container.streams.video[0].codec_context.extradata is None:
                raise MediaUnreadable(f"`{path}`: this is no segment of a video. Remove it, so that it is made again.")
            stream = container.streams.video[0]
            context = stream.codec_context
            kinds.append(_Kind(context.name, stream.width, stream.height, bytes(context.extradata or b"")))
            if kinds[-1] != kinds[0]:
                raise MediaUnreadable(
                    f"`{path}`: its size or its encoder's settings are not those of `{segments[0]}`. "
                    "Remove the segments, so that they are made again."
                )
            delay = max(delay, context.reorder_depth)
            pictures += stream.frames
    return delay, pictures


def _packets(segments: Sequence[Path], fps: Fraction) -> Iterator["Packet[VideoStream]"]:
    """Give the coded pictures of all segments in order of decoding, their times counted in pictures of the whole."""
    start = 0
    for path in segments:
        shown: set[int] = set()
        with open_media(path) as container:
            for packet in container.demux(container.streams.video[0]):
                if packet.pts is None:  # the end of the file
                    continue
                number = packet.pts * packet.time_base * fps
                if number.denominator != 1 or (not shown and not packet.is_keyframe):
                    raise MediaUnreadable(
                        f"`{path}`: this is no segment of a video at {fps} pictures a second. Remove it, so that it is "
                        "made again."
                    )
                shown.add(int(number))
                packet.time_base = 1 / fps
                packet.pts = start + int(number)
                packet.duration = 1
                yield packet
        if shown != set(range(len(shown))):
            raise MediaUnreadable(f"`{path}`: pictures are missing in it. Remove it, so that it is made again.")
        start += len(shown)


@contextmanager
def _errors_named(output: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, FFmpegError) as exc:
        raise output_error(output, exc) from exc
