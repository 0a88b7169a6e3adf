"""Memoised stages: what was computed once is not computed again, in this run or in a later one.

A result is a folder under the name of its key. It is made under a temporary name and renamed when it is complete, so
that a run which is killed leaves nothing that looks finished; what such a run left is removed when the store is next
opened.
"""

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from lipwright.errors import DiskFull, OutputError, OutputNotWritable
from lipwright.store.key import StageKey
from lipwright.store.lock import locked
from lipwright.store.manifest import MANIFEST_NAME, keep_names, verifies, write_manifest
from lipwright.store.owner import Owner, living

DEFAULT_LIMIT_BYTES = 20_000_000_000
_KEPT_SHARE = 0.9
"""Of the limit: when it is passed, so much is kept, so that not every new result has to make room for itself."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOTHING_LEFT_BYTES = 1024 * 1024


class StageStore:
    """Results on disk under the digest of their key; a context manager, opened once for each job.

        with StageStore(folder) as store:
            scan = store.get(key)
            if scan is None:
                with store.making(key) as folder:
                    ...
                scan = store.get(key)

    Any number of processes and threads may use one folder. What a store got or made is not evicted while it is open, so
    paths stay good until `close`. Files of a result are not to be changed.
    """

    def __init__(self, folder: Path, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        """Open a store and remove what runs that are dead left half done.

        Args:
            folder: made if it is missing; results must not be shared with users who are not trusted.
            limit_bytes: when finished results take more, those used longest ago are removed; what is in use stays, even
                above the limit.
        Raises: OutputNotWritable, DiskFull.
        """
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._results, self._making, owners = (folder / name for name in ("results", "making", "owners"))
        self._owners = owners
        self._size_bytes: int | None = None
        self._used: dict[str, StageKey] = {}
        with self._told():
            for place in (self._results, self._making, owners):
                place.mkdir(parents=True, exist_ok=True)
            with self._locked():
                self._owner = Owner(owners)
                abandoned = self._abandoned()
        for left in abandoned:
            _remove(left)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give free what was used. The paths that the store gave may be gone from now on."""
        with self._told(), self._locked():
            self._owner.leave()

    def get(self, key: StageKey) -> Path | None:
        """The folder of a finished result, whose every byte was just compared with its digest.

        Returns: None if it is not there, or is damaged; a damaged one is removed, to be made again.
        Raises: OutputNotWritable, DiskFull: the store itself cannot be used.
        """
        place = self._place(key)
        with self._told():
            self._use(key)
            version = _version(place)
            if version is None:
                return None
            if not verifies(place, key):
                self._discard(place, version)
                return None
            os.utime(place / MANIFEST_NAME)
        self._used[key.digest] = key
        return place

    def used(self) -> tuple[StageKey, ...]:
        """The keys of all results that were got or made since the store was opened."""
        return tuple(self._used.values())

    @contextmanager
    def making(self, key: StageKey) -> Iterator[Path]:
        """Give an empty folder for the files of a result; it is published when the block ends without an exception.

        When another process published the same result meanwhile, that one stays. Afterwards `get` finds it.

        Raises: OutputNotWritable, DiskFull: also where the block itself met a full disk; nothing finished is lost.
        """
        work = self._new_folder()
        try:
            with self._told():
                self._use(key)
                work.mkdir()
            try:
                yield work
            except OSError as exc:
                if self._is_full(exc):
                    raise self._error(exc) from exc
                raise
            except DiskFull as exc:
                # It names a file in `work`, of which the user knows nothing; another disk may be the full one, too.
                if self._nothing_left():
                    raise self._error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))) from exc
                raise
            with self._told():
                write_manifest(work, key)
                size_bytes = _size(work)
                self._publish(work, key)
                self._make_room(size_bytes)
            self._used[key.digest] = key
        finally:
            _remove(work)

    def _place(self, key: StageKey) -> Path:
        name = key.digest
        return self._results / name[:2] / name

    def _new_folder(self) -> Path:
        return self._making / f"{self._owner.token}-{secrets.token_hex(6)}"

    def _use(self, key: StageKey) -> None:
        """Keep a result from eviction. Whoever evicts holds the same lock, so it sees this, or this sees its work."""
        with self._locked():
            self._owner.use(key.digest)

    def _publish(self, work: Path, key: StageKey) -> None:
        place = self._place(key)
        place.parent.mkdir(exist_ok=True)
        while not _renamed(work, place):
            version = _version(place)
            if version is not None and verifies(place, key):
                return
            self._discard(place, version)
        keep_names(place.parent)

    def _discard(self, place: Path, version: "_Version | None") -> None:
        """Remove a damaged result, unless somebody has replaced it meanwhile."""
        aside = self._new_folder()
        with self._locked():
            if version is not None and _version(place) == version:
                place.rename(aside)
        _remove(aside)

    def _make_room(self, added_bytes: int) -> None:
        """Evict what was used longest ago, if the results have become too large together."""
        if self._size_bytes is not None:
            self._size_bytes += added_bytes
            if self._size_bytes <= self._limit_bytes:
                return
        evicted = []
        with self._locked():
            in_use = living(self._owners).in_use
            results = sorted(_stored(self._results))
            self._size_bytes = sum(result.size_bytes for result in results)
            if self._size_bytes > self._limit_bytes:
                for result in results:
                    if self._size_bytes <= self._limit_bytes * _KEPT_SHARE:
                        break
                    if result.place.name not in in_use:
                        aside = self._new_folder()
                        result.place.rename(aside)
                        evicted.append(aside)
                        self._size_bytes -= result.size_bytes
        for aside in evicted:
            _remove(aside)

    def _abandoned(self) -> list[Path]:
        """The temporary folders of dead runs: nobody enters while the lock is held, so no new one's is listed."""
        alive = living(self._owners).tokens
        return [folder for folder in self._making.iterdir() if folder.name.partition("-")[0] not in alive]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with locked(self._folder / "lock"):
            yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what is wrong with the store's folder."""
        try:
            yield
        except OSError as exc:
            raise self._error(exc) from exc

    def _is_full(self, exc: OSError) -> bool:
        # NumPy reports a short write as an OSError without a number.
        return exc.errno in _FULL or (exc.errno is None and self._nothing_left())

    def _nothing_left(self) -> bool:
        return shutil.disk_usage(self._folder).free < _NOTHING_LEFT_BYTES

    def _error(self, exc: OSError) -> OutputError:
        cause = exc.strerror or str(exc)
        if self._is_full(exc):
            return DiskFull(
                f"`{self._folder}`: the disk of the cache folder is full ({cause}). Free some space, or set "
                "LIPWRIGHT_CACHE_DIR to a folder on another disk. Run it again then: what is finished is kept."
            )
        return OutputNotWritable(
            f"`{self._folder}`: the cache folder cannot be used ({cause}). Set LIPWRIGHT_CACHE_DIR to a folder that "
            "can be written."
        )


def memoise(store: StageStore, key: StageKey, make: Callable[[Path], None]) -> Path:
    """The result of a stage: the stored one, else made now.

    Args:
        make: writes the files of the result into an empty folder.
    Raises: OutputNotWritable, DiskFull; whatever `make` raises.
    """
    found = store.get(key)
    if found is None:
        with store.making(key) as folder:
            make(folder)
        found = store.get(key)
    if found is None:
        raise OutputNotWritable(
            f"stage {key.stage}: its result was damaged as soon as it was written. Check the disk of the cache folder, "
            "or set LIPWRIGHT_CACHE_DIR to another one."
        )
    return found


class _Version(NamedTuple):
    """Tells one folder from another that later has its name."""

    inode: int
    modified_ns: int


class _Stored(NamedTuple):
    """A finished result; sorts by when it was last used."""

    used_ns: int
    place: Path
    size_bytes: int


def _version(place: Path) -> _Version | None:
    try:
        status = place.stat()
    except FileNotFoundError:
        return None
    return _Version(status.st_ino, status.st_mtime_ns)


def _renamed(work: Path, place: Path) -> bool:
    """Publish a folder, unless something with that name is there."""
    try:
        work.rename(place)
    except OSError as exc:
        if exc.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
            raise
        return False
    return True


def _stored(results: Path) -> Iterator[_Stored]:
    for place in results.glob("*/*"):
        manifest = place / MANIFEST_NAME
        yield _Stored(manifest.stat().st_mtime_ns if manifest.is_file() else 0, place, _size(place))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _remove(folder: Path) -> None:
    """Remove a temporary folder; what cannot be removed now is removed by a later run's sweep."""
    if folder.is_dir():
        shutil.rmtree(folder, ignore_errors=True)
    else:
        folder.unlink(missing_ok=True)
