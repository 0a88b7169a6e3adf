"""A finished video is written here: pictures and sound go in, a file comes out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.media import Cue
from lipwright.errors import UsageError
from lipwright.media.colour import YuvConverter
from lipwright.media.encoder import EncoderSettings, H264Encoder
from lipwright.media.feed import SoundFeed
from lipwright.media.mp4 import Mp4File
from lipwright.media.recording import FRAMES_IN_FLIGHT, Recording

_SMALLEST_SIDE_PX = 16


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """The shape of a video."""

    width_px: int
    """Even: two columns share one colour in yuv420p."""
    height_px: int
    """Even."""
    fps: Fraction
    """Exact, such as Fraction(24000, 1001)."""

    def __post_init__(self) -> None:
        if self.width_px % 2 or self.height_px % 2 or min(self.width_px, self.height_px) < _SMALLEST_SIDE_PX:
            width_px = max(self.width_px + self.width_px % 2, _SMALLEST_SIDE_PX)
            height_px = max(self.height_px + self.height_px % 2, _SMALLEST_SIDE_PX)
            raise UsageError(
                f"size {self.width_px}x{self.height_px}: the sides of a video are even numbers, {_SMALLEST_SIDE_PX} or "
                f"more. Use {width_px}x{height_px}."
            )
        if self.fps <= 0:
            raise UsageError(f"frame rate {self.fps}: must be above 0. Use 25 or 30.")


@dataclass(frozen=True, slots=True)
class Tags:
    """What the file says about itself."""

    metadata: Mapping[str, str] = field(default_factory=dict)
    """MP4 tags such as `title`, `artist` and `comment`."""
    subtitle_language: str | None = None
    """BCP 47 tag of the embedded subtitle track; None for no such track."""


_Work = tuple[NDArray[np.uint8], NDArray[np.float32] | None]


class VideoWriter(Recording[_Work]):
    """Writes pictures and sound as H.264 and AAC in MP4; a context manager.

        with VideoWriter(path, VideoFormat(512, 512, Fraction(25)), audio=spool.chunks()) as writer:
            for image in images:
                writer.write(image)

    The sound is read along with the pictures, and cut or filled up with silence to their length. When the block ends in
    any exception, nothing is left of the file, and an older file under the name stays as it was.
    """

    def __init__(
        self,
        path: Path,
        video_format: VideoFormat,
        *,
        audio: Iterable[NDArray[np.float32]] | None = None,
        channels: int = 1,
        tags: Tags | None = None,
        settings: EncoderSettings | None = None,
    ) -> None:
        """Describe the video; nothing is opened yet.

        Args:
            path: the final name.
            audio: chunks of any length, float32 at 48 kHz, (n,) or (n, channels); read in the caller's thread while
                pictures are written. None makes a video without a sound track.
            channels: of `audio`, 1 or 2.
        """
        super().__init__(path)
        self._format = video_format
        self._sound = None if audio is None else SoundFeed(audio, channels, video_format.fps)
        self._channels = 0 if audio is None else channels
        self._tags = tags or Tags()
        self._settings = settings or EncoderSettings()
        self._cues: tuple[Cue, ...] = ()
        self._to_yuv = YuvConverter()
        shape = (FRAMES_IN_FLIGHT, video_format.height_px, video_format.width_px, 3)
        self._buffers = list(np.empty(shape, np.uint8))
        self._encoder: H264Encoder

    def write(self, image: NDArray[np.uint8]) -> None:
        """Take the next picture; waits while the encoder is behind.

        Args:
            image: uint8 RGB, (height, width, 3). Copied.
        Raises: OutputNotWritable, DiskFull: an earlier picture could not be stored.
        """
        expected = (self._format.height_px, self._format.width_px, 3)
        if image.shape != expected or image.dtype != np.uint8:
            raise ValueError(f"expected a uint8 image of shape {expected}, got {image.dtype} {image.shape}")
        samples = None if self._sound is None else self._sound.read_until(self._frame_count + 1)
        self._wait()
        buffer = self._buffers[self._frame_count % FRAMES_IN_FLIGHT]
        np.copyto(buffer, image)
        self._give((buffer, samples))

    def set_cues(self, cues: Sequence[Cue]) -> None:
        """Give the embedded subtitles, at any time before the block ends; they need `Tags.subtitle_language`."""
        if self._tags.subtitle_language is None:
            raise ValueError("the video was opened without a subtitle language")
        self._cues = tuple(cues)

    def _open(self, temporary: Path) -> Mp4File:
        file = Mp4File(temporary, self._tags.metadata)
        size = (self._format.width_px, self._format.height_px)
        self._encoder = H264Encoder(file.container, *size, self._format.fps, self._settings)
        if self._channels:
            file.add_sound(self._channels, self._settings.audio_bit_rate_bps)
        if self._tags.subtitle_language is not None:
            file.add_subtitles(self._tags.subtitle_language)
        file.begin()
        return file

    def _encode(self, work: _Work) -> None:
        image, samples = work
        self._encoder.encode(self._to_yuv(image))
        if samples is not None:
            self._file.encode_audio(samples)

    def _finish(self) -> None:
        self._encoder.finish()
        self._file.finish(self._cues)
