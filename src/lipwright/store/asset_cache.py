"""Copies on this machine's disk of assets that are elsewhere. What is in use stays; of the rest, what was used last."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lipwright.errors import MediaError, MediaNotFound
from lipwright.store.asset_folder import told
from lipwright.store.digest import file_digest
from lipwright.store.lock import locked
from lipwright.store.owner import Owner, living

_KEPT_SHARE = 0.9
"""Of the limit: when it is passed, so much is kept, so that not every new copy has to make room for itself."""


class AssetCache:
    """Files under their digests. Any number of processes and threads may use one folder."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        """Raises: StorageFailed."""
        self._limit_bytes = limit_bytes
        self._folder = folder
        self._files, self._owners, self._turns = (folder / name for name in ("files", "owners", "turns"))
        with told(folder):
            for place in (self._files, self._owners, self._turns):
                place.mkdir(parents=True, exist_ok=True)

    def get(self, digest: str, fetch: Callable[[], None]) -> Path:
        """A copy whose every byte is right.

        Args:
            fetch: brings it by `adopt`; called when it is not there, or is damaged, by one at a time.
        Raises: StorageFailed; what `fetch` raises.
        """
        path = self._files / digest
        with told(self._folder), locked(self._turns / digest[:2]):
            if not is_right(path, digest):
                path.unlink(missing_ok=True)
                fetch()
            with told(self._folder):
                # The time of reading only: that of writing tells whether the digest must be computed again.
                os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        return path

    def adopt(self, digest: str, path: Path) -> None:
        """Move a file in, whose digest is known to be right.

        Raises: StorageFailed.
        """
        with told(self._folder):
            path.replace(self._files / digest)
            self._make_room(digest)

    @contextmanager
    def owning(self) -> Iterator[Callable[[str], None]]:
        """Give a function that keeps a copy from being removed, from now on until the block ends.

        Raises: StorageFailed.
        """
        with told(self._folder), self._locked():
            owner = Owner(self._owners)

        def use(digest: str) -> None:
            with told(self._folder), self._locked():
                owner.use(digest)

        try:
            yield use
        finally:
            with told(self._folder), self._locked():
                owner.leave()

    def _make_room(self, newest: str) -> None:
        """Remove what was used longest ago, if the copies have become too large together."""
        with self._locked():
            copies = sorted(
                (status.st_atime_ns, status.st_size, path)
                for path in self._files.iterdir()
                for status in (path.stat(),)
            )
            size_bytes = sum(copy_bytes for _, copy_bytes, _ in copies)
            if size_bytes <= self._limit_bytes:
                return
            spared = living(self._owners).in_use | {newest}
            for _, copy_bytes, path in copies:
                if size_bytes <= self._limit_bytes * _KEPT_SHARE:
                    return
                if path.name not in spared:
                    path.unlink()
                    size_bytes -= copy_bytes

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with locked(self._folder / "lock"):
            yield


def is_right(path: Path, digest: str) -> bool:
    """Whether a file is there and has this digest."""
    try:
        return file_digest(path) == digest
    except MediaNotFound:
        return False
    except MediaError:  # it cannot be read, or somebody writes to it
        return False
