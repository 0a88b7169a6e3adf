"""One run at a time works on an output. The claim dies with its process, however that ends."""

import errno
import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from lipwright.errors import OutputNotWritable
from lipwright.media.output import output_error

_WITHOUT_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP})
_PART = r"\.{name}\.[0-9a-f]{{12}}\.part"


@contextmanager
def claimed(*outputs: Path) -> Iterator[None]:
    """Keep other runs away from some outputs while the block runs; call it after `check_writable`.

    A hidden file `.talk.mp4.lock` beside each output is locked, and removed at the end. Unfinished files that killed
    runs left of the same output are removed. On a file system without locks nobody is kept away; there the run that
    ends last leaves its file, whole.

    Raises: OutputNotWritable: another run has claimed one of them.
    """
    with ExitStack() as stack:
        for path in dict.fromkeys(outputs):
            stack.enter_context(_locked(path.resolve(), path))
            _remove_leftovers(path.resolve())
        yield


@contextmanager
def _locked(path: Path, named: Path) -> Iterator[None]:
    lock = path.with_name(f".{path.name[:200]}.lock")
    descriptor = _open_locked(lock, named)
    try:
        yield
    finally:
        with suppress(OSError):  # Windows removes no open file; a later run uses it again
            lock.unlink()
        os.close(descriptor)


def _open_locked(lock: Path, path: Path) -> int:
    """Lock the file that has the name now; another run may have removed it between opening and locking."""
    while True:
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as exc:
            raise output_error(path, exc) from exc
        try:
            _lock(descriptor)
            if os.path.samestat(os.fstat(descriptor), lock.stat()):
                return descriptor
        except FileNotFoundError:
            pass
        except OSError as exc:
            if exc.errno in _WITHOUT_LOCKS:
                return descriptor
            os.close(descriptor)
            raise OutputNotWritable(
                f"`{path}`: another run is writing it. Wait for its end, or give this one another name."
            ) from exc
        os.close(descriptor)


if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:

    def _lock(descriptor: int) -> None:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_leftovers(path: Path) -> None:
    part = re.compile(_PART.format(name=re.escape(path.name)))
    for entry in path.parent.iterdir():
        if part.fullmatch(entry.name):
            with suppress(OSError):
                entry.unlink()
