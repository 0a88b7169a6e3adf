"""Results of one stage store in a single file, on their way to the store of another machine.

The file is an uncompressed tar. Each result is its manifest and then its files, in folders named by the digest of its
key: what is unpacked is what the manifests tell, or nothing is.
"""

import hashlib
import json
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from lipwright.errors import StorageFailed
from lipwright.store.key import StageKey
from lipwright.store.manifest import MANIFEST_NAME, FileRecord, Manifest
from lipwright.store.stages import DEFAULT_LIMIT_BYTES, StageStore

_MOST_MANIFEST_BYTES = 16_000_000
_CHUNK_BYTES = 1024 * 1024
_BLOCK = tarfile.BLOCKSIZE
_KEY_FIELDS = frozenset(one.name for one in fields(StageKey))


class _Invalid(Exception):
    """It is no bundle, or a damaged one; says where."""


def pack(store: StageStore, keys: Iterable[StageKey], path: Path) -> Path:
    """Write results into one file; the same results give the same bytes.

    Args:
        keys: results that are gone or damaged are left out: who needs them makes them again.
        path: must not exist.
    Returns: `path`.
    Raises: OSError: it cannot be written. OutputNotWritable, DiskFull: the store cannot be used.
    """
    with path.open("xb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for digest, key in sorted({key.digest: key for key in keys}.items()):
            folder = store.get(key)
            if folder is None:
                continue
            manifest = Manifest.model_validate_json((folder / MANIFEST_NAME).read_bytes())
            for name in (MANIFEST_NAME, *sorted(manifest.files)):
                member = tarfile.TarInfo(f"{digest}/{name}")
                member.size = (folder / name).stat().st_size
                with (folder / name).open("rb") as content:
                    archive.addfile(member, content)
    return path


def unpack(path: Path, store: StageStore, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> tuple[StageKey, ...]:
    """Put the results of a file into a store. Those that are there already stay as they are.

    Args:
        limit_bytes: of all results together.
    Returns: the keys of all results in it.
    Raises: StorageFailed: the file cannot be read, is damaged or too large; nothing of it is kept. OutputNotWritable,
        DiskFull: whole results may be kept.
    """
    keys = []
    try:
        with path.open("rb") as file, ExitStack() as published_together:
            left_bytes = limit_bytes
            while (digest := _first_of_result(file)) is not None:
                manifest, key = _manifest(file, digest)
                keys.append(key)
                left_bytes -= sum(record.size_bytes for record in manifest.files.values())
                if left_bytes < 0:
                    raise _Invalid(f"it holds more than {limit_bytes} bytes")
                present = store.get(key) is not None
                folder = None if present else published_together.enter_context(store.making(key))
                for name, record in sorted(manifest.files.items()):
                    _check_header(file, f"{digest}/{name}", record.size_bytes)
                    _take(file, record, None if folder is None else folder / name)
    except _Invalid as exc:
        raise _failed(path, str(exc)) from exc
    except OSError as exc:
        raise _failed(path, exc.strerror or str(exc)) from exc
    return tuple(keys)


def _failed(path: Path, cause: str) -> StorageFailed:
    return StorageFailed(f"`{path.name}`: results of stages cannot be taken out of it: {cause}. Try again.")


def _first_of_result(file: IO[bytes]) -> str | None:
    """The digest under which the next result begins; None at the end of the archive.

    The file stays where it is.
    """
    place = file.tell()
    header = _header(file)
    if header is None:
        return None
    file.seek(place)
    digest, _, name = header.name.partition("/")
    if name != MANIFEST_NAME:
        raise _Invalid("a result without its manifest")
    return digest


def _manifest(file: IO[bytes], digest: str) -> tuple[Manifest, StageKey]:
    header = _header(file)
    if header is None or header.size > _MOST_MANIFEST_BYTES:
        raise _Invalid("a manifest that is far too large")
    content = b"".join(_content(file, header.size))
    try:
        manifest = Manifest.model_validate_json(content)
        told = json.loads(manifest.key)
        if not isinstance(told, dict) or told.keys() != _KEY_FIELDS:
            raise _Invalid("a result without a key")
        key = StageKey(**told)
        if key.canonical != manifest.key or key.digest != digest:
            raise _Invalid("a result under the key of another")
    except (ValidationError, ValueError, TypeError, RecursionError) as exc:
        raise _Invalid("a manifest that cannot be read") from exc
    for name, record in manifest.files.items():
        _check_name(name, manifest)
        if record.size_bytes < 0:
            raise _Invalid("a file that is smaller than nothing")
    return manifest, key


def _check_name(name: str, manifest: Manifest) -> None:
    """Make sure that a file lies in the folder of its result, and on the way to no other file."""
    parts = name.split("/")
    plain = all(part not in {"", ".", ".."} and part.isprintable() and not {*part} & {*'\\:*?"<>|'} for part in parts)
    above = ("/".join(parts[:count]) for count in range(1, len(parts)))
    if not plain or parts[0] == MANIFEST_NAME or any(folder in manifest.files for folder in above):
        raise _Invalid("a file with a name that no result has")


def _check_header(file: IO[bytes], name: str, size_bytes: int) -> None:
    header = _header(file)
    if header is None or header.name != name or header.size != size_bytes:
        raise _Invalid("a file that is not as its manifest says")


def _header(file: IO[bytes]) -> tarfile.TarInfo | None:
    """The header at the place where a file is; None at the end of the archive.

    Only plain files are known: no links, devices, sparse files, nor headers of any length.
    """
    block = file.read(_BLOCK)
    if block == bytes(_BLOCK):
        return None
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as exc:
        raise _Invalid("it ends too early, or is no archive") from exc
    if header.type != tarfile.REGTYPE or header.size < 0:
        raise _Invalid("something that is no file")
    return header


def _content(file: IO[bytes], size_bytes: int) -> Iterator[bytes]:
    """What lies behind a header, and after it the file is at the next one."""
    left = size_bytes
    while left:
        chunk = file.read(min(left, _CHUNK_BYTES))
        if not chunk:
            raise _Invalid("it ends too early")
        left -= len(chunk)
        yield chunk
    file.read(-size_bytes % _BLOCK)


def _take(file: IO[bytes], record: FileRecord, path: Path | None) -> None:
    """Copy a file of a result out of the archive, or pass over it."""
    if path is None:
        for _ in _content(file, record.size_bytes):
            pass
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    seen = hashlib.sha256()
    with path.open("xb") as out:
        for chunk in _content(file, record.size_bytes):
            seen.update(chunk)
            out.write(chunk)
    if seen.hexdigest() != record.sha256:
        raise _Invalid("a file whose bytes are not those of its digest")
