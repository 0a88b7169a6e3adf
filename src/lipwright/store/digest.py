"""Digests of what stages read. A file is read once and its digest remembered for as long as the file stays the same."""

import hashlib
import os
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lipwright.errors import MediaNotFound, MediaUnreadable

_CHUNK_BYTES = 1024 * 1024
_REMEMBERED_FILES = 256
_SETTLED_NS = 2_000_000_000
"""A file that was written within the last two seconds may be written again within one tick of the file system's clock,
which its times would not show: FAT counts in steps of 2 s."""


class _Identity(NamedTuple):
    """What changes when a file does."""

    path: str
    size: int
    modified_ns: int
    inode: int


_remembered: dict[_Identity, str] = {}
_lock = threading.Lock()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's content, 64 hexadecimal digits.

    Raises:
        MediaNotFound: there is no such file.
        MediaUnreadable: it cannot be read, or it changes while it is read.
    """
    try:
        with path.open("rb") as file:
            before = _identity(path, os.fstat(file.fileno()))
            with _lock:
                known = _remembered.get(before)
            if known is not None:
                return known
            digest = hashlib.sha256()
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
            after = _identity(path, os.fstat(file.fileno()))
    except FileNotFoundError as exc:
        raise MediaNotFound(f"`{path}`: there is no such file. Check the name.") from exc
    except OSError as exc:
        raise MediaUnreadable(f"`{path}`: cannot be read ({exc.strerror}). Name a file that you may read.") from exc
    if before != after:
        raise MediaUnreadable(f"`{path}`: it changes while it is read. Wait until it is written to its end.")
    if time.time_ns() - after.modified_ns > _SETTLED_NS:
        with _lock:
            while len(_remembered) >= _REMEMBERED_FILES:
                del _remembered[next(iter(_remembered))]
            _remembered[after] = digest.hexdigest()
    return digest.hexdigest()


def array_digest(array: NDArray[Any]) -> str:
    """The SHA-256 of an array's type, shape and values, 64 hexadecimal digits."""
    digest = hashlib.sha256(f"{array.dtype.str} {array.shape}\n".encode("ascii"))
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _identity(path: Path, status: os.stat_result) -> _Identity:
    return _Identity(str(path.absolute()), status.st_size, status.st_mtime_ns, status.st_ino)
