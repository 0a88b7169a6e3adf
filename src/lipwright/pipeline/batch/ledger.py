"""Which rows of an output folder are made, and from what. One small file a row, written when its video is complete.

A file for each row is whole or absent, whatever ends the process that writes it; so nothing that is written there can
damage what is known of other rows, and processes need no lock for it.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from lipwright.errors import MediaError
from lipwright.media.output import output_error, write_text
from lipwright.store.digest import file_digest

FOLDER = ".lipwright-batch"
_SUFFIX = ".json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file as it was when it was finished."""

    name: str
    size_bytes: int
    modified_ns: int
    digest: str
    """SHA-256."""

    @classmethod
    def of(cls, path: Path) -> Self:
        """Raises: MediaError, OSError: it cannot be read."""
        status = path.stat()
        return cls(path.name, status.st_size, status.st_mtime_ns, file_digest(path))

    def is_there(self, folder: Path) -> bool:
        """Whether the file is as it was; one whose times alone are others, as in a copy, is read."""
        path = folder / self.name
        try:
            status = path.stat()
            if status.st_size != self.size_bytes:
                return False
            return status.st_mtime_ns == self.modified_ns or file_digest(path) == self.digest
        except (OSError, MediaError):
            return False


@dataclass(frozen=True, slots=True)
class Record:
    """A row that was made."""

    name: str
    key: str
    files: tuple[MadeFile, ...]
    duration_s: float
    seconds: float
    notes: tuple[str, ...] = ()


class Ledger:
    """The records of one output folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._records = folder / FOLDER

    def open(self) -> None:
        """Make the folder of the records. Raises: OutputNotWritable, DiskFull."""
        try:
            self._records.mkdir(exist_ok=True)
        except OSError as exc:
            raise output_error(self._records, exc) from exc

    def made(self, name: str, key: str) -> Record | None:
        """The record of a row that was made from the same, and whose files are all there unchanged."""
        record = _read(self._records / f"{name}{_SUFFIX}")
        if record is None or record.key != key or not all(file.is_there(self._folder) for file in record.files):
            return None
        return record

    def add(self, name: str, key: str, files: Iterable[Path], duration_s: float, seconds: float,
            notes: tuple[str, ...]) -> Record:  # fmt: skip
        """Record a row whose files are complete. Raises: OutputNotWritable, DiskFull."""
        record = Record(name, key, tuple(MadeFile.of(path) for path in files), duration_s, seconds, notes)
        document = {"version": _VERSION, **asdict(record)}
        write_text(self._records / f"{name}{_SUFFIX}", json.dumps(document, ensure_ascii=False, indent=1))
        return record

    def gone(self, names: Iterable[str]) -> tuple[str, ...]:
        """Names of made rows that are not among these; those whose video somebody removed do not count."""
        known = set(names)
        found = (path.name.removesuffix(_SUFFIX) for path in sorted(self._records.glob(f"*{_SUFFIX}")))
        left = [name for name in found if name not in known]
        return tuple(name for name in left if (self._folder / f"{name}.mp4").exists())


def _read(path: Path) -> Record | None:
    """What a file says; None where there is none, or none that this version wrote."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document.pop("version") != _VERSION:
            return None
        files = tuple(MadeFile(**file) for file in document.pop("files"))
        return Record(**{**document, "files": files, "notes": tuple(document["notes"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
