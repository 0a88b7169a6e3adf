"""A stretch of a longer video, written as a file of its own, so that finished stretches outlive an interrupted run."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.footage import YuvFrame
from lipwright.media.encoder import EncoderSettings, H264Encoder
from lipwright.media.mp4 import Mp4File
from lipwright.media.recording import Recording


class SegmentWriter(Recording[YuvFrame]):
    """Writes pictures without sound, as H.264 in MP4, so that `join_segments` may copy them; a context manager.

        with SegmentWriter(path, footage.width_px, footage.height_px, footage.fps) as writer:
            for frame in read_footage(footage, start, stop):
                writer.write(frame)

    The first picture is one that decoding can begin with, and no picture refers beyond the segment. Same pictures and
    settings, same bytes. Where a video has several segments, each has two pictures or more: the standard wants
    neighbouring pictures of that kind to be numbered differently.
    """

    def __init__(
        self,
        path: Path,
        width_px: int,
        height_px: int,
        fps: Fraction,
        *,
        full_chroma: bool = False,
        settings: EncoderSettings | None = None,
    ) -> None:
        """Describe the segment; nothing is opened yet.

        Args:
            path: the final name.
            full_chroma: frames are 4:4:4, and sides may be odd.
        """
        super().__init__(path)
        self._size = (width_px, height_px)
        self._fps = fps
        self._full_chroma = full_chroma
        self._settings = settings or EncoderSettings()
        self._encoder: H264Encoder

    def write(self, frame: YuvFrame) -> None:
        """Take the next picture over: its owner may not change it any more. Waits while the encoder is behind.

        Raises: OutputNotWritable, DiskFull: an earlier picture could not be stored.
        """
        width, height = self._size
        colour = (height, width) if self._full_chroma else (height // 2, width // 2)
        shapes = (frame.y.shape, frame.u.shape, frame.v.shape)
        if shapes != ((height, width), colour, colour):
            raise ValueError(f"expected planes of {(height, width)}, {colour} and {colour}, got {shapes}")
        self._wait()
        self._give(frame)

    def _open(self, temporary: Path) -> Mp4File:
        file = Mp4File(temporary, {})
        self._encoder = H264Encoder(
            file.container, *self._size, self._fps, self._settings, full_chroma=self._full_chroma
        )
        file.begin()
        return file

    def _encode(self, work: YuvFrame) -> None:
        self._encoder.encode(self._picture(work))

    def _finish(self) -> None:
        self._encoder.finish()
        self._file.finish()

    def _picture(self, frame: YuvFrame) -> av.VideoFrame:
        """Show FFmpeg the planes where they lie, if they lie one behind the other; else copy them so."""
        width, height = self._size
        planes = _one_array(frame)
        if self._full_chroma:
            return av.VideoFrame.from_ndarray(planes.reshape(3, height, width), format="yuv444p")
        return av.VideoFrame.from_numpy_buffer(planes.reshape(height * 3 // 2, width), format="yuv420p")


def _one_array(frame: YuvFrame) -> NDArray[np.uint8]:
    """Give the three planes, one behind the other, as one flat array; the frame's own memory where it is such."""
    base = frame.y.base
    planes = (frame.y, frame.u, frame.v)
    if isinstance(base, np.ndarray) and base.dtype == np.uint8 and base.flags.c_contiguous:
        start = base.ctypes.data
        ends = [start]
        for plane in planes:
            ends.append(ends[-1] + plane.nbytes)
        if base.nbytes == ends[-1] - start and all(
            plane.flags.c_contiguous and plane.ctypes.data == begin
            for plane, begin in zip(planes, ends[:-1], strict=True)
        ):
            return base.reshape(-1)
    return np.concatenate([plane.reshape(-1) for plane in planes])
