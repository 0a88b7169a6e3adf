"""The pictures of a file by number: when each is seen, and any of them decoded."""

import os
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from av.filter import Graph
from av.filter.context import FilterContext
from av.stream import Discard
from av.video.stream import VideoStream

from lipwright.contracts.footage import PictureTimes
from lipwright.errors import MediaUnreadable
from lipwright.media.probe import open_media, video_stream

_JUMP_PICTURES = 12
"""Farther ahead than this it is cheaper to begin at a keyframe, if there is one on the way."""
_MOST_THREADS = 8
_LARGE_PIXELS = 9_000_000
_TRIES = 4

Numbered = tuple[int, av.VideoFrame]


def picture_stream(container: InputContainer, path: Path) -> VideoStream:
    """Give the moving picture of a file that was just opened, and leave its other streams unread.

    Raises: MediaUnreadable: there is none, or no decoder for it.
    """
    stream = video_stream(container)
    if stream is None:
        raise MediaUnreadable(f"`{path}`: has no picture, only sound. Use a video.")
    if stream.codec_context is None:
        raise MediaUnreadable(f"`{path}`: there is no decoder for its picture. Export it again as MP4.")
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    stream.thread_type = "AUTO"
    large = stream.width * stream.height > _LARGE_PIXELS
    stream.codec_context.thread_count = 2 if large else min(os.cpu_count() or 1, _MOST_THREADS)
    return stream


def packets(container: InputContainer, stream: VideoStream) -> "Iterator[av.Packet[VideoStream]]":
    """Give the whole packets of a stream. Damage to the container ends it early."""
    source = container.demux(stream)
    while True:
        try:
            packet = next(source)
        except StopIteration:
            return
        except FFmpegError:
            return
        if packet.size and not packet.is_corrupt:
            yield packet


def decoded(container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    """Decode from the place where the container stands. A packet that cannot be decoded gives no picture."""
    for packet in packets(container, stream):
        with suppress(InvalidDataError):
            yield from stream.decode(packet)
    with suppress(InvalidDataError, EOFError):
        yield from stream.decode(None)


class PictureReader:
    """Decodes single pictures, fast when they are asked for in rising order; a context manager."""

    def __init__(self, path: Path, times: PictureTimes) -> None:
        """Describe the file; nothing is opened yet."""
        self._path = path
        self._times = times
        self._stack = ExitStack()
        self._source: Iterator[Numbered] = iter(())
        self._held: Numbered | None = None
        self._ahead: Numbered | None = None

    def __enter__(self) -> Self:
        self._rewind()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._source, self._held, self._ahead = iter(()), None, None
        self._stack.close()

    def picture(self, number: int) -> av.VideoFrame:
        """Decode one picture; for a damaged one the last good one before it, or the first good one.

        Args:
            number: from 0, in order of presentation.
        Returns: a picture that the decoder may still need: not to be changed, nor kept beyond the next call.
        Raises: MediaUnreadable: nothing can be decoded.
        """
        here = self._held[0] if self._held else 0
        if number < here or self._key_before(number) > here + _JUMP_PICTURES:
            self._seek(number)
        while self._held is None or self._held[0] < number:
            following, self._ahead = self._ahead or next(self._source, None), None
            if following is None:
                break
            if following[0] > number and self._held is not None:
                self._ahead = following
                break
            self._held = following
        if self._held is None:
            raise MediaUnreadable(f"`{self._path}`: no picture can be decoded. Export it again as MP4.")
        return self._held[1]

    def _key_before(self, number: int) -> int:
        """Give the last keyframe at or before a picture; 0 when only the start is one."""
        keys = self._times.keyframes
        place = int(np.searchsorted(keys, number, side="right")) - 1
        return int(keys[place]) if place >= 0 else 0

    def _rewind(self) -> None:
        """Open the file at its start."""
        self._stack.close()
        self._container = self._stack.enter_context(open_media(self._path, allow_cut=True))
        self._stream = picture_stream(self._container, self._path)
        self._begin()

    def _begin(self) -> None:
        self._held = self._ahead = None
        self._source = self._numbered()
        if self._times.interlaced:
            self._source = whole_pictures(self._source)

    def _seek(self, number: int) -> None:
        """Go to a place from which `number` is decoded as if decoding had begun at the start.

        Containers land later than asked when their index lists decoding times, so the first picture is looked at.
        """
        needed = number - 1 if self._times.interlaced else number
        key = self._key_before(needed)
        for _ in range(_TRIES):
            if key <= 0:
                break
            with suppress(FFmpegError):
                self._container.seek(int(self._times.stamps[key]), stream=self._stream)
                self._begin()
                self._ahead = next(self._source, None)
                if self._ahead is not None and self._ahead[0] <= needed:
                    return
            key = self._key_before(key - 1)
        self._rewind()

    def _numbered(self) -> Iterator[Numbered]:
        count = 0
        for picture in decoded(self._container, self._stream):
            if self._times.counted:
                number = count
            elif picture.pts is None:
                continue
            else:
                number = int(np.searchsorted(self._times.stamps, picture.pts, side="right")) - 1
            count += 1
            if number >= 0:
                yield number, picture


def whole_pictures(source: Iterator[Numbered]) -> Iterator[Numbered]:
    """Make whole pictures of half ones, at the same rate; those that are whole already pass as they are."""
    graph: Graph | None = None
    waiting: deque[int] = deque()
    for number, picture in source:
        if graph is None:
            graph = Graph()
            graph.link_nodes(
                source_of(graph, picture),
                graph.add("bwdif", mode="send_frame", parity="auto", deint="interlaced"),
                graph.add("buffersink"),
            ).configure()
        waiting.append(number)
        graph.vpush(picture)
        yield from _finished(graph, waiting)
    if graph is not None:
        graph.vpush(None)
        yield from _finished(graph, waiting)


def source_of(graph: Graph, picture: av.VideoFrame) -> FilterContext:
    """Open a graph for pictures like this one."""
    return graph.add(
        "buffer",
        video_size=f"{picture.width}x{picture.height}",
        pix_fmt=picture.format.name,
        time_base=str(picture.time_base or Fraction(1, 1000)),
        pixel_aspect="1/1",
    )


def _finished(graph: Graph, waiting: deque[int]) -> Iterator[Numbered]:
    while waiting:
        try:
            picture = graph.vpull()
        except (BlockingIOError, EOFError):
            return
        yield waiting.popleft(), picture
