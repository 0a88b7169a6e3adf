"""WebM clips with transparency. FFmpeg's own decoders of VP8 and VP9 leave it out, so libvpx decodes them here."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np
from av.codec.context import CodecContext
from av.error import InvalidDataError
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from lipwright.contracts.footage import PictureTimes
from lipwright.errors import MediaUnreadable
from lipwright.media.pictures import Numbered, packets, picture_stream
from lipwright.media.probe import open_media

_DECODERS: Final = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def is_see_through(path: Path) -> bool:
    """Whether a clip is such a one; its container says so.

    Raises: MediaNotFound, MediaUnreadable.
    """
    with open_media(path, allow_cut=True) as container:
        stream = picture_stream(container, path)
        return stream.metadata.get("alpha_mode") == "1" and stream.codec_context.name in _DECODERS


class SeeThroughReader:
    """Decodes single pictures as `PictureReader` does; for an earlier one it begins at the start."""

    def __init__(self, path: Path, times: PictureTimes) -> None:
        self._path, self._times = path, times
        self._stack = ExitStack()
        self._source: Iterator[Numbered] = iter(())
        self._held: Numbered | None = None

    def __enter__(self) -> Self:
        self._rewind()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._source, self._held = iter(()), None
        self._stack.close()

    def picture(self, number: int) -> av.VideoFrame:
        """Decode one picture, the last one where the file ends before it.

        Raises: MediaUnreadable: nothing can be decoded.
        """
        if self._held is not None and number < self._held[0]:
            self._rewind()
        while self._held is None or self._held[0] < number:
            following = next(self._source, None)
            if following is None:
                break
            self._held = following
        if self._held is None:
            raise MediaUnreadable(f"`{self._path}`: no picture can be decoded. Export it again as MP4.")
        return self._held[1]

    def _rewind(self) -> None:
        self._stack.close()
        container = self._stack.enter_context(open_media(self._path, allow_cut=True))
        stream = picture_stream(container, self._path)
        decoder = CodecContext.create(_DECODERS[stream.codec_context.name], "r")
        assert isinstance(decoder, VideoCodecContext)  # noqa: S101 both of them decode pictures
        self._held, self._source = None, self._numbered(packets(container, stream), decoder)

    def _numbered(self, source: "Iterator[av.Packet[VideoStream]]", decoder: VideoCodecContext) -> Iterator[Numbered]:
        for packet in source:
            with suppress(InvalidDataError):
                for picture in decoder.decode(packet):
                    if picture.pts is not None:
                        yield int(np.searchsorted(self._times.stamps, picture.pts, side="right")) - 1, picture
