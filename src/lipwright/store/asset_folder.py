"""Assets in a folder of this machine, or of a network drive."""

import errno
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lipwright.errors import StorageFailed
from lipwright.store.asset_objects import ObjectInfo, Objects
from lipwright.store.lock import locked
from lipwright.store.manifest import keep_names

_TRIED_BYTES: Final = 65_536


class Folder(Objects):
    """Files under a folder; published by rename, on the disk itself before anybody hears of them."""

    def __init__(self, folder: Path) -> None:
        """Raises: StorageFailed: the folder can be neither made nor used."""
        self.folder: Path = folder
        with told(folder):
            folder.mkdir(parents=True, exist_ok=True)

    def check(self) -> None:
        with told(self.folder):
            if not os.access(self.folder, os.R_OK | os.W_OK | os.X_OK):
                raise FileNotFoundError(errno.ENOENT, "it is gone, or this user may not write there")

    def info(self, key: str) -> ObjectInfo | None:
        with told(self.folder):
            found = self._found(key)
            if found is None:
                # Nobody may take a drive that is away for files that never were; it may be back by now.
                if not self.folder.is_dir():
                    raise FileNotFoundError(errno.ENOENT, "it is gone")
                found = self._found(key)
        return found

    def read(self, key: str, start: int, end: int) -> bytes:
        with told(self.folder), (self.folder / key).open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def publish(self, key: str, path: Path, media_type: str) -> None:
        target = self.folder / key
        with told(self.folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                now_ns = time.time_ns()
                os.utime(path, ns=(now_ns, now_ns))
                path.replace(target)
            keep_names(target.parent)
            keep_names(target.parent.parent)

    def delete(self, key: str) -> None:
        with told(self.folder):
            (self.folder / key).unlink(missing_ok=True)

    def delete_unchanged(self, known: ObjectInfo) -> bool:
        with told(self.folder), self._locked():
            if self.info(known.key) != known:
                return False
            (self.folder / known.key).unlink()
        return True

    def listed(self, prefix: str) -> Iterator[ObjectInfo]:
        with told(self.folder):
            paths = [path for path in (self.folder / prefix).rglob("*") if path.is_file()]
        for path in paths:
            found = self.info(path.relative_to(self.folder).as_posix())
            if found is not None:
                yield found

    def sign(self, key: str, expires_s: int) -> str | None:
        return None

    def _found(self, key: str) -> ObjectInfo | None:
        try:
            status = (self.folder / key).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return ObjectInfo(key, status.st_size, status.st_mtime_ns // 1_000_000)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with locked(self.folder / "lock"):
            yield


def check_room(folder: Path) -> None:
    """See that a folder takes files: a small one is written to the disk itself, under no name.

    Raises: StorageFailed: it is gone, cannot be written, or is full.
    """
    with told(folder), tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(_TRIED_BYTES))
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Say what is wrong with a folder of files.

    Raises: StorageFailed.
    """
    try:
        yield
    except OSError as exc:
        raise StorageFailed(
            f"`{folder}`: files cannot be kept there ({exc.strerror or exc}). Free some space, or see that the folder"
            " can be written, and try again."
        ) from exc
