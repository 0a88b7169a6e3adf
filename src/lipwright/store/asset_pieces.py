"""Files piece by piece: out of a folder, and out of a cloud, where the whole of one is compared with its digest."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lipwright.errors import MediaNotFound, MediaUnreadable, StorageFailed
from lipwright.store.asset_objects import Objects

_READ_BYTES: Final = 1 << 20
_FETCHED_BYTES: Final = 8 << 20
"""Of one request to a cloud."""


def source_pieces(path: Path) -> Iterator[bytes]:
    """A file that somebody wants to store.

    Raises: MediaNotFound, MediaUnreadable.
    """
    try:
        with path.open("rb") as file:
            while piece := file.read(_READ_BYTES):
                yield piece
    except FileNotFoundError as exc:
        raise MediaNotFound(f"`{path}`: there is no such file. Check the name.") from exc
    except OSError as exc:
        raise MediaUnreadable(f"`{path}`: cannot be read ({exc.strerror}). Name a file that you may read.") from exc


def file_pieces(path: Path, start: int, end: int) -> Iterator[bytes]:
    """A part of a stored file that lies on this machine.

    Raises: StorageFailed.
    """
    try:
        with path.open("rb") as file:
            file.seek(start)
            while start < end and (piece := file.read(min(_READ_BYTES, end - start))):
                yield piece
                start += len(piece)
    except OSError as exc:
        raise StorageFailed(f"`{path}`: cannot be read any more ({exc.strerror}). Try again.") from exc


def fetched(objects: Objects, key: str, digest: str, start: int, end: int) -> Iterator[bytes]:
    """A part of a file in a cloud; a request for each piece.

    Raises: StorageFailed: also when the file is shorter than `end`.
    """
    while start < end:
        piece = objects.read(key, start, min(start + _FETCHED_BYTES, end))
        if not piece:
            raise damaged(digest)
        yield piece
        start += len(piece)


def checked(objects: Objects, key: str, digest: str, size_bytes: int) -> Iterator[bytes]:
    """A whole file in a cloud; its last piece is held back until its digest is found right.

    Raises: StorageFailed: also when it is wrong.
    """
    found, held = hashlib.sha256(), b""
    for piece in fetched(objects, key, digest, 0, size_bytes):
        found.update(piece)
        if held:
            yield held
        held = piece
    if found.hexdigest() != digest:
        raise damaged(digest)
    if held:
        yield held


def damaged(digest: str) -> StorageFailed:
    """The error for stored bytes that do not match; trying again does not help."""
    error = StorageFailed(f"Asset {digest}: its stored file is damaged, so it is not served. Upload the file again.")
    error.retryable = False
    return error
