"""Assets: files by the SHA-256 of their content, in a folder or in a cloud.

Half a file is never seen, and bytes that do not match their digest are never served.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from lipwright.errors import AssetNotFound, UsageError
from lipwright.store.asset_bucket import Bucket, is_bucket
from lipwright.store.asset_cache import AssetCache, is_right
from lipwright.store.asset_folder import Folder
from lipwright.store.asset_names import media_type
from lipwright.store.asset_objects import ObjectInfo, Objects
from lipwright.store.asset_pieces import checked, damaged, fetched, file_pieces, source_pieces
from lipwright.store.asset_spool import Spool, Spooled

if TYPE_CHECKING:
    from obstore.store import ObjectStore

DEFAULT_CACHE_BYTES: Final = 20_000_000_000
LONGEST_LINK_S: Final = 604_800
"""A week: no storage signs for longer."""
_PREFIX: Final = "assets/"


class Stored(NamedTuple):
    """What became of a file that was stored."""

    digest: str
    size_bytes: int
    media_type: str
    """Told by its content."""


class AssetStore:
    """Files by digest. Any thread may use it, and any number of processes one storage.

    A file is first written on this machine's disk, where its digest and type are learnt, and published from there.
    """

    def __init__(
        self,
        root_url: str,
        cache: Path,
        *,
        cache_limit_bytes: int = DEFAULT_CACHE_BYTES,
        store: "ObjectStore | None" = None,
    ) -> None:
        """Open a storage, and remove what the dead left half sent. No server is reached yet.

        Args:
            root_url: `file:///folder`, `s3://bucket/folder`, `gs://bucket/folder`, `az://container/folder`, whose
                credentials are in the environment as obstore reads them, or `memory://`.
            cache: a folder for copies of what is in a cloud.
            cache_limit_bytes: room that copies may take; what is in use stays, even above it.
            store: what keeps the files, where it is not what `root_url` names.
        Raises: UsageError: the address names no storage; StorageFailed: it cannot be used.
        """
        self._objects: Objects
        if is_bucket(root_url):
            self._objects = Bucket(root_url, store)
            self._cache = AssetCache(cache / "assets", cache_limit_bytes)
            self._spool = Spool(cache / "incoming")
        else:
            folder = Path(url2pathname(urlsplit(root_url).path))
            self._objects = Folder(folder)
            self._spool = Spool(folder / "incoming")

    def put(self, source: Path | Iterable[bytes], limit_bytes: int | None = None) -> Stored:
        """Store a file, or the pieces of one. Storing it again is no error, and makes it new.

        Raises: StorageFailed; BodyTooLarge: it is larger than `limit_bytes`; MediaNotFound, MediaUnreadable: the file
            cannot be read; what the iterator raises.
        """
        with self.receiving(limit_bytes) as upload:
            for chunk in source_pieces(source) if isinstance(source, Path) else source:
                upload.write(chunk)
            return upload.finish()

    @contextmanager
    def receiving(self, limit_bytes: int | None = None) -> Iterator["Upload"]:
        """Take a file piece by piece. It is stored by `finish`; a block that ends without it leaves nothing.

        Raises: StorageFailed.
        """
        with self._spool.file(limit_bytes) as spooled:
            yield Upload(self, spooled)

    def exists(self, digest: str) -> bool:
        """Raises: StorageFailed."""
        return _is_digest(digest) and self._objects.info(_key(digest)) is not None

    def size(self, digest: str) -> int:
        """In bytes.

        Raises: AssetNotFound, StorageFailed.
        """
        return self._info(digest).size_bytes

    def open_range(self, digest: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to `end`, in pieces.

        What lies in a folder is compared with its digest before its first byte is given. Of what comes from a cloud
        whole, the last piece is held back until all is found right.

        Raises: AssetNotFound, StorageFailed: at once; later StorageFailed alone, when the storage fails on the way.
        """
        size_bytes = self._info(digest).size_bytes
        start, end = max(start, 0), size_bytes if end is None else min(end, size_bytes)
        if self._objects.folder is not None:
            return file_pieces(self.local(digest), start, end)
        if start == 0 and end == size_bytes:
            return checked(self._objects, _key(digest), digest, size_bytes)
        return fetched(self._objects, _key(digest), digest, start, end)

    def local(self, digest: str) -> Path:
        """A file on this machine's disk with the content of an asset; not to be changed. A copy may be removed when
        others come: see `using`.

        Raises: AssetNotFound, StorageFailed.
        """
        size_bytes = self._info(digest).size_bytes
        if self._objects.folder is None:
            return self._cache.get(digest, lambda: self._fetch(digest, size_bytes))
        path = self._objects.folder / _key(digest)
        if not is_right(path, digest):
            self._info(digest)  # a drive that went away just now has damaged nothing
            if not is_right(path, digest):
                raise damaged(digest)
        return path

    @contextmanager
    def using(self, digests: Iterable[str]) -> Iterator[Mapping[str, Path]]:
        """`local` for several; all of them stay where they are until the block ends.

        Raises: AssetNotFound, StorageFailed.
        """
        with ExitStack() as stack:
            use = None if self._objects.folder else stack.enter_context(self._cache.owning())
            paths = {}
            for digest in digests:
                if use is not None and _is_digest(digest):
                    use(digest)
                paths[digest] = self.local(digest)
            yield paths

    def sign(self, digest: str, expires_s: int) -> str | None:
        """A link to an asset that the storage itself serves for so long, at most a week.

        Returns: None when it serves none: a folder, memory.
        Raises: UsageError: the time is none; StorageFailed.
        """
        if not 1 <= expires_s <= LONGEST_LINK_S:
            raise UsageError(f"A link lasts {LONGEST_LINK_S} s at most, and at least 1 s; not {expires_s}.")
        if not _is_digest(digest):
            raise _not_found(digest)
        return self._objects.sign(_key(digest), expires_s)

    def delete(self, digest: str) -> None:
        """Remove an asset, if it is there.

        Raises: StorageFailed.
        """
        if _is_digest(digest):
            self._objects.delete(_key(digest))

    def check(self) -> None:
        """See that the storage answers and can be written, and that this machine has room for what is on its way in.

        Raises: StorageFailed.
        """
        self._objects.check()
        self._spool.check()

    def listed(self) -> Iterator[tuple[str, ObjectInfo]]:
        """Digest and file of everything that is stored.

        Raises: StorageFailed.
        """
        for info in self._objects.listed(_PREFIX):
            digest = info.key.removeprefix(_PREFIX).replace("/", "")
            if _is_digest(digest):
                yield digest, info

    def delete_unchanged(self, info: ObjectInfo) -> bool:
        """Remove what was `listed`, unless it was stored again since.

        Returns: whether it was removed.
        Raises: StorageFailed.
        """
        return self._objects.delete_unchanged(info)

    def publish(self, spooled: Spooled) -> Stored:
        """Store what was written to its end.

        Raises: StorageFailed.
        """
        stored = Stored(spooled.digest, spooled.size_bytes, media_type(spooled.head))
        spooled.keep()
        self._objects.publish(_key(stored.digest), spooled.path, stored.media_type)
        if self._objects.folder is None:
            self._cache.adopt(stored.digest, spooled.path)
        return stored

    def _info(self, digest: str) -> ObjectInfo:
        info = self._objects.info(_key(digest)) if _is_digest(digest) else None
        if info is None:
            raise _not_found(digest)
        return info

    def _fetch(self, digest: str, size_bytes: int) -> None:
        with self._spool.file() as spooled:
            for piece in fetched(self._objects, _key(digest), digest, 0, size_bytes):
                spooled.write(piece)
            if spooled.digest != digest:
                raise damaged(digest)
            spooled.keep()
            self._cache.adopt(digest, spooled.path)


class Upload:
    """A file that is on its way in."""

    def __init__(self, assets: AssetStore, spooled: Spooled) -> None:
        self._assets, self._spooled = assets, spooled

    def write(self, chunk: bytes) -> None:
        """Raises: BodyTooLarge, StorageFailed."""
        self._spooled.write(chunk)

    def finish(self) -> Stored:
        """Store what was written; called once, at its end.

        Raises: StorageFailed.
        """
        return self._assets.publish(self._spooled)


def _key(digest: str) -> str:
    return f"{_PREFIX}{digest[:2]}/{digest[2:]}"


def _is_digest(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None


def _not_found(digest: str) -> AssetNotFound:
    return AssetNotFound(f"Asset {digest[:64]!r}: it is not stored. Upload the file.")
