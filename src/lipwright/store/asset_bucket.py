"""Assets in S3, Google Cloud Storage, Azure Blob Storage, or memory, by obstore.

Whoever removes a file first leaves a mark, looks again whether the file is still the old one, and takes the mark away
afterwards. Whoever publishes looks for marks, and whether the file is there, when it is done. So a file that is
published while its older self is removed is not lost.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from lipwright.errors import StorageFailed, UsageError
from lipwright.store.asset_objects import ObjectInfo, Objects

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_PART_BYTES: Final = 8 << 20
"""Of a file that is sent in parts; there may be 10,000 of them, and each has 30 s."""
_PARTS_AT_ONCE: Final = 2
_MARKS: Final = "condemned/"
_MARK_STANDS_S: Final = 30.0
"""How long whoever publishes waits for a mark to go."""
_MARK_DIES_MS: Final = 3_600_000
"""A mark that old was left by somebody who died."""
_NOTHING: Final = "nothing/"
"""No key begins with it."""
_TRIED: Final = "writable"
"""A key under which an empty object is put to see whether one can be."""
_TRY_EVERY_S: Final = 300.0
"""Some storages keep every version of an object, and all want money for writing."""
_LOOK_S: Final = 0.2


class Bucket(Objects):
    """Objects of a cloud."""

    def __init__(
        self, url: str, store: "ObjectStore | None" = None, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Reach no server yet.

        Args:
            url: `s3://`, `gs://`, `az://` or `memory://`, with the bucket and a folder in it.
            store: what keeps the files, where it is not what `url` names.
        Raises: UsageError: the address names no storage; StorageFailed: the environment lacks what it needs.
        """
        parts = urlsplit(url)
        self._subject = f"{parts.scheme}://{parts.hostname or ''}"
        self._is_google = parts.scheme == "gs"
        self._store = store or self._opened(url)
        self._sleep = sleep
        self._tried_s: float | None = None

    def check(self) -> None:
        for _ in self.listed(_NOTHING):  # a bucket that is gone has no list, but seems to lack just this one object
            break
        if self._tried_s is None or time.monotonic() - self._tried_s > _TRY_EVERY_S:
            self._tried_s = None
            with self._told():
                self._store.put(_TRIED, b"")
            self._tried_s = time.monotonic()

    def info(self, key: str) -> ObjectInfo | None:
        with self._told():
            try:
                found = self._store.head(key)
            except FileNotFoundError:
                return None
        return ObjectInfo(key, found["size"], self._told_ms(found["last_modified"]))

    def read(self, key: str, start: int, end: int) -> bytes:
        with self._told():
            return bytes(self._store.get_range(key, start=start, end=end))

    def publish(self, key: str, path: Path, media_type: str) -> None:
        waited_s = 0.0
        while waited_s < _MARK_STANDS_S:
            with self._told():
                self._store.put(
                    key,
                    path,
                    attributes={"Content-Type": media_type},
                    chunk_size=_PART_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                )
            while self._is_condemned(key) and waited_s < _MARK_STANDS_S:
                self._sleep(_LOOK_S)
                waited_s += _LOOK_S
            if self.info(key) is not None:
                return
        raise StorageFailed(f"{self._subject}: a file is removed while it is stored. Try again in an hour.")

    def delete(self, key: str) -> None:
        with self._told():
            try:
                self._store.delete(key)
            except FileNotFoundError:  # some storages say so, some do not
                return

    def delete_unchanged(self, known: ObjectInfo) -> bool:
        mark = f"{_MARKS}{known.key}/{secrets.token_hex(8)}"
        with self._told():
            self._store.put(mark, b"")
        try:
            if self.info(known.key) != known:
                return False
            self.delete(known.key)
        finally:
            self.delete(mark)
        return True

    def listed(self, prefix: str) -> Iterator[ObjectInfo]:
        with self._told():
            for found in (entry for chunk in self._store.list(prefix) for entry in chunk):
                yield ObjectInfo(found["path"], found["size"], self._told_ms(found["last_modified"]))

    def sign(self, key: str, expires_s: int) -> str | None:
        import obstore
        from obstore.store import AzureStore, GCSStore, S3Store

        if not isinstance(self._store, S3Store | GCSStore | AzureStore):
            return None
        with self._told():
            return obstore.sign(self._store, "GET", key, timedelta(seconds=expires_s))

    def _is_condemned(self, key: str) -> bool:
        """Whether somebody is removing a file. Marks of the dead are swept."""
        now_ms = time.time_ns() // 1_000_000
        standing = False
        for mark in self.listed(f"{_MARKS}{key}/"):
            if now_ms - mark.modified_ms > _MARK_DIES_MS:
                self.delete(mark.key)
            else:
                standing = True
        return standing

    def _told_ms(self, time_utc: datetime) -> int:
        """When an object was published; the same in a list as of the object alone."""
        milliseconds = int(time_utc.timestamp() * 1000)
        # Google tells milliseconds in a list, and whole seconds of one object.
        return milliseconds // 1000 * 1000 if self._is_google else milliseconds

    def _opened(self, url: str) -> "ObjectStore":
        from obstore.store import MemoryStore, from_url

        if urlsplit(url).scheme == "memory":
            return MemoryStore()
        with self._told():
            # Any client option would take the place of all those in the environment, such as AWS_ALLOW_HTTP.
            return from_url(url, retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=30)})

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what is wrong with the storage. Its own words are left out: they may hold what only it should know."""
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError, ValueError) as exc:
            raise StorageFailed(
                f"{self._subject}: the storage does not work ({type(exc).__name__}). Check that it can be reached, its"
                " credentials in the environment, and its room; then try again."
            ) from exc


def is_bucket(url: str) -> bool:
    """Whether an address names a storage of this module.

    Raises: UsageError: it names none at all.
    """
    scheme = urlsplit(url).scheme
    if scheme in {"s3", "gs", "az", "memory"}:
        return True
    if scheme == "file":
        return False
    raise UsageError(
        f"LIPWRIGHT_STORAGE: `{scheme or url}` is no storage. Write s3://bucket, gs://bucket, az://container or"
        " file:///folder."
    )
