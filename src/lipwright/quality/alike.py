"""A source's pictures, encoded as the finished video was: what its encoder does to a picture is no fault of a mouth.

x264 adds noise of its own and takes fine grain away, so a finished video differs from its source even where nobody
touched it. Encoded alike, what nobody touched is the same.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from lipwright.contracts.footage import YuvFrame

Luma = NDArray[np.uint8]


class AlikeCoder:
    """Encodes pictures and decodes them at once, in memory. They come out in order, some later than they went in."""

    def __init__(self, settings: str, fps: Fraction) -> None:
        """Prepare it.

        Args:
            settings: see x264_settings.
        """
        self._settings, self._fps = settings, fps
        self._encoder: av.VideoCodecContext | None = None
        self._decoder: av.VideoCodecContext = av.VideoCodecContext.create("h264", "r")
        self._count = 0

    def give(self, frame: YuvFrame) -> Iterator[Luma]:
        """Take the next picture, and give those that are ready: luma, uint8 (height, width)."""
        if self._encoder is None:
            self._encoder = self._begun(frame)
        picture = _picture(frame)
        picture.pts, picture.time_base = self._count, 1 / self._fps
        self._count += 1
        yield from self._decoded(self._encoder.encode(picture))

    def rest(self) -> Iterator[Luma]:
        """Give all that have not come out yet; no more can be taken."""
        if self._encoder is not None:
            yield from self._decoded(self._encoder.encode(None))
            yield from (_luma(one) for one in self._decoder.decode(None))

    def _begun(self, frame: YuvFrame) -> av.VideoCodecContext:
        encoder: av.VideoCodecContext = av.VideoCodecContext.create("libx264", "w")
        encoder.height, encoder.width = frame.y.shape
        encoder.pix_fmt = _format(frame)
        encoder.time_base, encoder.framerate = 1 / self._fps, self._fps
        encoder.options = {"x264-params": self._settings}
        return encoder

    def _decoded(self, packets: "Iterable[av.Packet[av.VideoStream]]") -> Iterator[Luma]:
        for packet in packets:
            yield from (_luma(one) for one in self._decoder.decode(packet))


def _format(frame: YuvFrame) -> str:
    return "yuv444p" if frame.u.shape == frame.y.shape else "yuv420p"


def _picture(frame: YuvFrame) -> av.VideoFrame:
    height, width = frame.y.shape
    planes = np.concatenate([plane.reshape(-1) for plane in (frame.y, frame.u, frame.v)])
    shape = (3, height, width) if frame.u.shape == frame.y.shape else (height * 3 // 2, width)
    picture = av.VideoFrame.from_ndarray(planes.reshape(shape), format=_format(frame))
    picture.pict_type = PictureType.NONE
    return picture


def _luma(picture: av.VideoFrame) -> Luma:
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    luma: Luma = rows[: picture.height, : picture.width]
    return luma
