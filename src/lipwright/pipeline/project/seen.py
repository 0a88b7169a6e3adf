"""What the files of a finished dub were, so that a run with nothing changed finds that out without reading a video."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from lipwright.contracts.project import Digest, Take, stable_json
from lipwright.media.output import write_text
from lipwright.store.digest import file_digest


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeenFile(_Frozen):
    """A file as it was."""

    size: int
    modified_ns: int
    sha256: Digest


class Finished(_Frozen):
    """What a finished run was made of, and what it made."""

    manner: str
    takes: tuple[Take, ...]
    files: tuple[str, ...]
    """As `told_path` tells them; each is among the files that were seen."""


class Seen(_Frozen):
    """Files by their told paths."""

    version: Literal[1] = 1
    files: dict[str, SeenFile] = {}
    finished: Finished | None = None


def load_seen(path: Path) -> Seen:
    """What was seen; nothing where the file is missing or of no use, for all of it can be found out again."""
    try:
        return Seen.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, ValidationError):
        return Seen()


def save_seen(path: Path, seen: Seen) -> None:
    """Keep what was seen.

    Raises: OutputNotWritable, DiskFull.
    """
    path.parent.mkdir(exist_ok=True)
    write_text(path, stable_json(seen.model_dump(mode="json", exclude_none=True)))


def look(path: Path, before: SeenFile | None) -> SeenFile:
    """A file as it is now; it is read only when its size or its time differs from what was seen before.

    Raises: MediaNotFound, MediaUnreadable.
    """
    if before is not None and path.is_file():
        status = path.stat()
        if (status.st_size, status.st_mtime_ns) == (before.size, before.modified_ns):
            return before
    digest = file_digest(path)
    status = path.stat()
    return SeenFile(size=status.st_size, modified_ns=status.st_mtime_ns, sha256=digest)
