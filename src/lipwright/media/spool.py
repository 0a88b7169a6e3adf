"""Sound that waits on disk: written once from front to back, read any number of times, never whole in memory."""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lipwright.media.output import output_error

_BYTES_PER_VALUE = 4


class AudioSpool:
    """Float32 sound in an unnamed temporary file that the system removes with the process; a context manager.

    Appending and reading may happen in different threads.
    """

    def __init__(self, sample_rate_hz: int = 48_000, channels: int = 1, folder: Path | None = None) -> None:
        """Open an empty spool.

        Args:
            folder: where the temporary file lives; None takes the system's place.
        Raises: OutputNotWritable, DiskFull.
        """
        self.sample_rate_hz = sample_rate_hz
        self.channels = channels
        self.folder = folder or Path(tempfile.gettempdir())
        self._lock = threading.Lock()
        self._length = 0
        try:
            self._file = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115, closed by close()
        except OSError as exc:
            raise output_error(self.folder, exc) from exc

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the sound from the disk."""
        self._file.close()

    def __len__(self) -> int:
        """Samples of one channel."""
        return self._length

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self._length / self.sample_rate_hz

    def append(self, samples: NDArray[np.float32]) -> None:
        """Add sound at the end.

        Args:
            samples: float32, (n,) for one channel, else (n, channels).
        Raises: OutputNotWritable, DiskFull.
        """
        data = np.ascontiguousarray(samples, np.float32).reshape(-1, self.channels)
        with self._lock:
            try:
                self._file.seek(self._length * self.channels * _BYTES_PER_VALUE)
                self._file.write(data.data)
                self._file.flush()
            except OSError as exc:
                raise output_error(self.folder, exc) from exc
            self._length += len(data)

    def read(self, start: int, count: int) -> NDArray[np.float32]:
        """Give a stretch of sound; it is shorter than `count` at the end of the spool.

        Returns: a new float32 array, (n,) for one channel, else (n, channels).
        """
        start = min(max(start, 0), self._length)
        count = min(max(count, 0), self._length - start)
        samples = np.empty((count, self.channels), np.float32)
        with self._lock:
            self._file.seek(start * self.channels * _BYTES_PER_VALUE)
            self._file.readinto(samples.data)
        return samples[:, 0] if self.channels == 1 else samples

    def chunks(self, chunk_samples: int = 16_384, start: int = 0) -> Iterator[NDArray[np.float32]]:
        """Give the sound from `start` on, piece by piece."""
        while start < self._length:
            chunk = self.read(start, chunk_samples)
            start += len(chunk)
            yield chunk
