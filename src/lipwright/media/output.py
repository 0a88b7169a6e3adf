"""Files appear whole or not at all: each is written under a temporary name beside its final one, then renamed."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lipwright.errors import DiskFull, OutputError, OutputNotWritable

_MINIMUM_FREE_BYTES = 1024 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def check_writable(path: Path, needed_bytes: int = 0) -> None:
    """Make sure, before work starts, that a file can be written under a name.

    Args:
        path: the final name; its folder must exist, an existing regular file may be replaced.
        needed_bytes: an estimate of the size of the file.
    Raises:
        OutputNotWritable: the folder is missing or read-only, or the name belongs to something that is no file.
        DiskFull: the disk has less than `needed_bytes`, or less than 1 MiB, left.
    """
    folder = path.parent
    if not path.name:
        raise OutputNotWritable(f"`{path}`: this is not the name of a file. Name a file, such as `talk.mp4`.")
    if not folder.is_dir():
        raise OutputNotWritable(f"`{path}`: there is no folder `{folder}`. Create it, or write somewhere else.")
    if path.is_dir():
        raise OutputNotWritable(f"`{path}`: this is a folder. Name a file inside it, such as `{path / 'talk.mp4'}`.")
    if path.exists() and not path.is_file():
        raise OutputNotWritable(f"`{path}`: this is a device or a pipe, not a file. Name a file instead.")
    probe = temporary_name(path)
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
        free_bytes = shutil.disk_usage(folder).free
    except OSError as exc:
        raise output_error(path, exc) from exc
    if free_bytes < max(needed_bytes, _MINIMUM_FREE_BYTES):
        needed_mb = max(needed_bytes, _MINIMUM_FREE_BYTES) / 1e6
        raise DiskFull(
            f"`{path}`: the disk has {free_bytes / 1e6:.1f} MB left and about {needed_mb:.1f} MB are needed. "
            "Free some space, or write to another disk."
        )


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to; the file gets its final name when the block ends without an exception.

    On any exception, an interrupt included, the temporary file is removed and an older file under `path` stays.

    Yields: a name in the folder of `path` under which no file exists yet.
    Raises: OutputNotWritable, DiskFull: the finished file could not be stored; exceptions of the block pass unchanged.
    """
    temporary = temporary_name(path)
    try:
        yield temporary
        try:
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.replace(path)
        except OSError as exc:
            raise output_error(path, exc) from exc
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file, whole or not at all.

    Raises: OutputNotWritable, DiskFull.
    """
    with replacing(path) as temporary:
        try:
            temporary.write_text(text, encoding="utf-8", newline="\n")
        except OSError as exc:
            raise output_error(path, exc) from exc


def temporary_name(path: Path) -> Path:
    """Give a hidden name beside `path` that no other run picks."""
    return path.with_name(f".{path.name[:64]}.{secrets.token_hex(6)}.part")


def output_error(path: Path, exc: BaseException) -> OutputError:
    """Translate the system's or FFmpeg's refusal to write `path`."""
    number = getattr(exc, "errno", None)
    cause = os.strerror(number) if isinstance(number, int) and number > 0 else str(exc)
    if number in _FULL:
        return DiskFull(f"`{path}`: the disk is full ({cause}). Free some space, or write to another disk.")
    return OutputNotWritable(
        f"`{path}`: cannot be written ({cause}). Check the folder's permissions, or write elsewhere."
    )
