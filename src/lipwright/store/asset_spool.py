"""Files on their way in: written under a random name, held by a lock, gone when their writer is gone."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lipwright.errors import BodyTooLarge
from lipwright.store.asset_folder import check_room, told
from lipwright.store.asset_names import HEAD_BYTES
from lipwright.store.lock import locked, try_lock

_LOCK_NAME = "lock"


class Spooled:
    """One file while it is written; its digest grows with it."""

    def __init__(self, path: Path, descriptor: int, limit_bytes: int | None) -> None:
        self.path = path
        self.size_bytes = 0
        self.head = b""
        """The first bytes."""
        self._file = os.fdopen(descriptor, "wb")
        self._digest = hashlib.sha256()
        self._limit_bytes = limit_bytes

    @property
    def digest(self) -> str:
        """Of what was written so far; 64 hexadecimal digits."""
        return self._digest.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Raises: BodyTooLarge, StorageFailed."""
        self.size_bytes += len(chunk)
        if self._limit_bytes is not None and self.size_bytes > self._limit_bytes:
            raise BodyTooLarge(
                f"The file is larger than {self._limit_bytes / 1e9:g} GB. Send a smaller one, or set"
                " LIPWRIGHT_MAX_UPLOAD_GB to more."
            )
        if len(self.head) < HEAD_BYTES:
            self.head += bytes(chunk[: HEAD_BYTES - len(self.head)])
        self._digest.update(chunk)
        with told(self.path.parent):
            self._file.write(chunk)

    def keep(self) -> None:
        """See that all of it is on the disk itself."""
        with told(self.path.parent):
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Give up the lock. What was not written yet does not matter any more."""
        try:
            self._file.close()
        except OSError:  # a full disk: told by `keep` to whoever wanted the file
            return


class Spool:
    """A folder of files that are being written, by any number of processes."""

    def __init__(self, folder: Path) -> None:
        """Remove what the dead left.

        Raises: StorageFailed.
        """
        self._folder = folder
        with told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with locked(folder / _LOCK_NAME):
                for path in folder.iterdir():
                    if path.name != _LOCK_NAME:
                        _remove_if_dead(path)

    def check(self) -> None:
        """See that a file could be written.

        Raises: StorageFailed.
        """
        check_room(self._folder)

    @contextmanager
    def file(self, limit_bytes: int | None = None) -> Iterator[Spooled]:
        """A new file. Behind the block it is gone, unless somebody moved it.

        Raises: StorageFailed.
        """
        path = self._folder / secrets.token_hex(12)
        with told(self._folder), locked(self._folder / _LOCK_NAME):
            path.touch(mode=0o640, exist_ok=False)
            descriptor = try_lock(path)
        if descriptor is None:
            raise BlockingIOError(f"{path}: locked by another process although it is new")
        spooled = Spooled(path, descriptor, limit_bytes)
        try:
            yield spooled
        finally:
            spooled.close()
            with suppress(OSError):  # the drive is away, which was told: who begins next removes what is left
                path.unlink(missing_ok=True)


def _remove_if_dead(path: Path) -> None:
    descriptor = try_lock(path)
    if descriptor is not None:
        os.close(descriptor)
        path.unlink(missing_ok=True)
