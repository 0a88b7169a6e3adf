"""What a finished result consists of, written last: bytes that do not match it are never served."""

import hashlib
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from lipwright.store.key import StageKey

MANIFEST_NAME = "manifest.json"
_CHUNK_BYTES = 1024 * 1024


class FileRecord(BaseModel):
    """One file of a result."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size_bytes: int
    sha256: str


class Manifest(BaseModel):
    """All files of a result, by their path inside it, with `/` between folders."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    """Canonical text of the key that the result was made for."""
    files: dict[str, FileRecord]


def write_manifest(folder: Path, key: StageKey) -> None:
    """Record all files of a folder, and see that they and their names are on the disk itself.

    Raises:
        ValueError: the folder holds something that is neither a file nor a folder, or a file with the manifest's name.
        OSError: the disk is full, or failed.
    """
    records = {}
    for name, path in _files(folder).items():
        if name == MANIFEST_NAME:
            raise ValueError(f"a stage wrote a file named {MANIFEST_NAME}: this name is the store's own")
        records[name] = _record(path, keep=True)
    text = Manifest(key=key.canonical, files=records).model_dump_json()
    with (folder / MANIFEST_NAME).open("x", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    for inside in (*(path for path in folder.rglob("*") if path.is_dir()), folder):
        keep_names(inside)


def verifies(folder: Path, key: StageKey) -> bool:
    """Whether a folder holds the result of a key, with every byte as it was written."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST_NAME).read_bytes())
        present = _files(folder)
        del present[MANIFEST_NAME]
        return (
            manifest.key == key.canonical
            and present.keys() == manifest.files.keys()
            and all(path.stat().st_size == manifest.files[name].size_bytes for name, path in present.items())
            and all(_record(path) == manifest.files[name] for name, path in present.items())
        )
    except (OSError, ValidationError, ValueError):
        return False


def keep_names(folder: Path) -> None:
    """See that the names in a folder survive a loss of power, where the system can be asked for it."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _files(folder: Path) -> dict[str, Path]:
    """Name and path of every file in a folder and the folders inside it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise ValueError(f"{path.name}: a result holds files and folders, and this is neither")
        if path.is_file():
            found[path.relative_to(folder).as_posix()] = path
    return found


def _record(path: Path, *, keep: bool = False) -> FileRecord:
    digest, size_bytes = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size_bytes += len(chunk)
        if keep:
            os.fsync(file.fileno())
    return FileRecord(size_bytes=size_bytes, sha256=digest.hexdigest())
