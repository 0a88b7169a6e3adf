"""Locks on files. The system frees a process's locks when it dies, however it dies."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    _BEHIND_THE_CONTENT = 1 << 40
    """A locked byte cannot be read by others there, so the one that is locked lies where no content is."""

    def _lock(descriptor: int, *, wait: bool) -> bool:
        while True:
            os.lseek(descriptor, _BEHIND_THE_CONTENT, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError:  # LK_LOCK gives up after ten seconds
                if not wait:
                    return False
            else:
                return True

else:
    import fcntl

    def _lock(descriptor: int, *, wait: bool) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until nobody else holds the lock on a file, which is made if it is missing, and hold it for the block.

    Raises: OSError: the file cannot be opened, or its file system knows no locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _lock(descriptor, wait=True)
        yield
    finally:
        os.close(descriptor)


def try_lock(path: Path) -> int | None:
    """Take the lock on an existing file.

    Returns: an open descriptor that holds the lock until it is closed, or until the process ends; None when somebody
        holds it.
    Raises: OSError: as `locked`; FileNotFoundError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    try:
        taken = _lock(descriptor, wait=False)
    except BaseException:
        os.close(descriptor)
        raise
    if taken:
        return descriptor
    os.close(descriptor)
    return None
