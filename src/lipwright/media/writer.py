"""A finished video is written here. Encoding runs beside the caller; the file appears whole or not at all."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Self

import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from lipwright.contracts.media import Cue
from lipwright.errors import UsageError
from lipwright.media.encoder import SAMPLE_RATE_HZ, EncoderSettings, Mp4Encoder
from lipwright.media.output import check_writable, output_error, replacing

_FRAMES_IN_FLIGHT = 4
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


class VideoWriter:
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
        self._path = path
        self._format = video_format
        self._sound = None if audio is None else _SoundFeed(audio, channels)
        self._channels = 0 if audio is None else channels
        self._tags = tags or Tags()
        self._settings = settings or EncoderSettings()
        self._cues: tuple[Cue, ...] = ()
        self._stack = ExitStack()
        self._frame_count = 0
        self._error: BaseException | None = None
        self._stopping = False
        self._free: SimpleQueue[NDArray[np.uint8]] = SimpleQueue()
        self._work: SimpleQueue[tuple[NDArray[np.uint8], NDArray[np.float32] | None] | None] = SimpleQueue()
        self._encoder: Mp4Encoder
        self._thread: threading.Thread

    def __enter__(self) -> Self:
        """Open the file under a temporary name.

        Raises: OutputNotWritable, DiskFull.
        """
        check_writable(self._path)
        temporary = self._stack.enter_context(replacing(self._path))
        try:
            self._encoder = Mp4Encoder(
                temporary,
                self._format.width_px,
                self._format.height_px,
                self._format.fps,
                audio_channels=self._channels,
                subtitle_language=self._tags.subtitle_language,
                metadata=self._tags.metadata,
                settings=self._settings,
            )
        except (OSError, FFmpegError) as exc:
            error = output_error(self._path, exc)
            self._stack.__exit__(type(error), error, None)
            raise error from exc
        for _ in range(_FRAMES_IN_FLIGHT):
            self._free.put(np.empty((self._format.height_px, self._format.width_px, 3), np.uint8))
        self._thread = threading.Thread(target=self._encode, name="video-encoder", daemon=True)
        self._thread.start()
        return self

    @property
    def frame_count(self) -> int:
        """How many pictures were taken so far."""
        return self._frame_count

    def write(self, image: NDArray[np.uint8]) -> None:
        """Take the next picture; waits while the encoder is behind.

        Args:
            image: uint8 RGB, (height, width, 3). Copied.
        Raises: OutputNotWritable, DiskFull: an earlier picture could not be stored.
        """
        expected = (self._format.height_px, self._format.width_px, 3)
        if image.shape != expected or image.dtype != np.uint8:
            raise ValueError(f"expected a uint8 image of shape {expected}, got {image.dtype} {image.shape}")
        end = round((self._frame_count + 1) * SAMPLE_RATE_HZ / self._format.fps)
        samples = None if self._sound is None else self._sound.read_until(end)
        buffer = self._free.get()
        self._raise_error()
        np.copyto(buffer, image)
        self._work.put((buffer, samples))
        self._frame_count += 1

    def set_cues(self, cues: Sequence[Cue]) -> None:
        """Give the embedded subtitles, at any time before the block ends; they need `Tags.subtitle_language`."""
        if self._tags.subtitle_language is None:
            raise ValueError("the video was opened without a subtitle language")
        self._cues = tuple(cues)

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Finish the file and give it its name, or remove it when an exception is on its way.

        Raises: OutputNotWritable, DiskFull.
        """
        try:
            self._stop(abandoned=exc is not None)
            if exc is None:
                self._raise_error()
                if not self._frame_count:
                    raise ValueError("no picture was written")
                self._finish()
        except BaseException as failure:
            self._encoder.abandon()
            self._stack.__exit__(type(failure), failure, failure.__traceback__)
            raise
        if exc is not None:
            self._encoder.abandon()
        self._stack.__exit__(exc_type, exc, traceback)

    def _stop(self, *, abandoned: bool) -> None:
        """Let the encoder's thread end; the encoder may not be touched before."""
        self._stopping = abandoned
        self._work.put(None)
        try:
            self._thread.join()
        except BaseException:
            self._stopping = True
            self._thread.join()
            raise

    def _finish(self) -> None:
        try:
            self._encoder.finish(self._cues)
        except (OSError, FFmpegError) as exc:
            raise output_error(self._path, exc) from exc

    def _encode(self) -> None:
        """Run in the encoder's thread: take work until told to end; after an error only hand buffers back."""
        while (work := self._work.get()) is not None:
            buffer, samples = work
            if self._error is None and not self._stopping:
                try:
                    self._encoder.encode(buffer)
                    if samples is not None:
                        self._encoder.encode_audio(samples)
                except BaseException as exc:  # handed to the caller's thread, which raises it
                    self._error = exc
            self._free.put(buffer)

    def _raise_error(self) -> None:
        if isinstance(self._error, OSError | FFmpegError):
            raise output_error(self._path, self._error) from self._error
        if self._error is not None:
            raise self._error


class _SoundFeed:
    """Cuts a stream of chunks at given sample numbers; silence follows its end."""

    def __init__(self, chunks: Iterable[NDArray[np.float32]], channels: int) -> None:
        self._chunks: Iterator[NDArray[np.float32]] = iter(chunks)
        self._channels = channels
        self._rest = np.empty((0, channels), np.float32)
        self._position = 0

    def read_until(self, end: int) -> NDArray[np.float32]:
        """Give the samples up to number `end`, (n, channels)."""
        missing = end - self._position
        pieces = []
        while missing > 0:
            if not len(self._rest):
                chunk = next(self._chunks, None)
                self._rest = (
                    np.zeros((missing, self._channels), np.float32)
                    if chunk is None
                    else np.asarray(chunk, np.float32).reshape(-1, self._channels)
                )
            piece, self._rest = self._rest[:missing], self._rest[missing:]
            pieces.append(piece)
            missing -= len(piece)
        self._position = end
        return np.concatenate(pieces) if pieces else np.empty((0, self._channels), np.float32)
