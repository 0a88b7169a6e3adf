"""A video file while it is written: encoding runs beside the caller, and the file appears whole or not at all."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from av.error import FFmpegError

from lipwright.media.mp4 import Mp4File
from lipwright.media.output import check_writable, output_error, replacing
from lipwright.media.worker import Worker

FRAMES_IN_FLIGHT = 4

Work = TypeVar("Work")


class Recording(ABC, Generic[Work]):
    """What all writers of videos have in common; a context manager.

    When the block ends in any exception, nothing is left of the file, and an older file under the name stays as it was.
    """

    def __init__(self, path: Path) -> None:
        """Open nothing yet.

        Args:
            path: the final name.
        """
        self._path = path
        self._frame_count = 0
        self._stack = ExitStack()
        self._file: Mp4File
        self._worker: Worker[Work]

    @abstractmethod
    def _open(self, temporary: Path) -> Mp4File:
        """Create the file with its tracks, and begin it."""

    @abstractmethod
    def _encode(self, work: Work) -> None:
        """Encode one picture; runs in the worker's thread."""

    @abstractmethod
    def _finish(self) -> None:
        """Write what the encoders still hold, and close the file."""

    def __enter__(self) -> Self:
        """Open the file under a temporary name.

        Raises: OutputNotWritable, DiskFull.
        """
        check_writable(self._path)
        temporary = self._stack.enter_context(replacing(self._path))
        try:
            with self._errors_named():
                self._file = self._open(temporary)
        except BaseException as failure:
            self._stack.__exit__(type(failure), failure, failure.__traceback__)
            raise
        self._worker = Worker(self._encode, room=FRAMES_IN_FLIGHT, name="video-encoder")
        return self

    @property
    def frame_count(self) -> int:
        """How many pictures were taken so far."""
        return self._frame_count

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Finish the file and give it its name, or remove it when an exception is on its way.

        Raises: OutputNotWritable, DiskFull.
        """
        try:
            self._worker.stop(abandoned=exc is not None)
            if exc is None:
                if not self._frame_count:
                    raise ValueError("no picture was written")
                with self._errors_named():
                    self._worker.raise_error()
                    self._finish()
        except BaseException as failure:
            self._file.abandon()
            self._stack.__exit__(type(failure), failure, failure.__traceback__)
            raise
        if exc is not None:
            self._file.abandon()
        self._stack.__exit__(exc_type, exc, traceback)

    def _wait(self) -> None:
        """Wait for room for one picture.

        Raises: OutputNotWritable, DiskFull: an earlier picture could not be stored.
        """
        with self._errors_named():
            self._worker.wait()

    def _give(self, work: Work) -> None:
        """Let a picture be encoded for which room was waited for."""
        self._worker.give(work)
        self._frame_count += 1

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        try:
            yield
        except (OSError, FFmpegError) as exc:
            raise output_error(self._path, exc) from exc
