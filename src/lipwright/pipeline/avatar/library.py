"""Avatars on disk: a folder for each, with its identity and its files under their digests.

A folder appears whole or not at all. A file is compared with its digest before it is given out. Any number of
processes may use one library.
"""

import hashlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from lipwright.contracts.avatar import AvatarIdentity, AvatarName
from lipwright.errors import (
    AvatarExists,
    AvatarNotFound,
    MediaError,
    MediaNotFound,
    MediaUnreadable,
    UsageError,
    did_you_mean,
)
from lipwright.media.output import output_error
from lipwright.store.digest import file_digest
from lipwright.store.lock import locked
from lipwright.store.manifest import keep_names

IDENTITY = "identity.json"
LARGEST_IDENTITY_BYTES = 4_000_000
_UNFINISHED, _LOCK = ".unfinished", ".lock"
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}$")
_CHUNK_BYTES = 1024 * 1024
_NAME: TypeAdapter[str] = TypeAdapter(AvatarName)


class AvatarLibrary:
    """All avatars of one folder, which is made with the first one."""

    def __init__(self, folder: Path) -> None:
        """Name the folder. Only its owner may look into it when it is made here."""
        self._folder = folder

    def names(self) -> tuple[str, ...]:
        """All avatars, in the order of the alphabet."""
        if not self._folder.is_dir():
            return ()
        with _told(self._folder):
            found = [entry.name for entry in self._folder.iterdir() if (entry / IDENTITY).is_file()]
        return tuple(sorted(name for name in found if is_name(name)))

    def load(self, name: str) -> AvatarIdentity:
        """The identity of an avatar.

        Raises: AvatarNotFound: there is none of this name. MediaUnreadable: its identity is damaged.
        """
        path = self._place(name) / IDENTITY
        try:
            if path.is_symlink() or path.stat().st_size > LARGEST_IDENTITY_BYTES:
                raise MediaUnreadable(self._damaged(name, IDENTITY))
            identity = AvatarIdentity.model_validate_json(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError) as exc:
            raise self._not_found(name) from exc
        except OSError as exc:
            raise MediaUnreadable(f"`{path}`: cannot be read ({exc.strerror}). Check its permissions.") from exc
        except ValidationError as exc:
            raise MediaUnreadable(self._damaged(name, IDENTITY)) from exc
        if identity.name != name:
            raise MediaUnreadable(self._damaged(name, IDENTITY))
        return identity

    def path(self, name: str, asset_name: str) -> Path:
        """Where a file of an avatar lies. Its content was just compared with its digest; it is not to be changed.

        Raises:
            AvatarNotFound: there is no such avatar.
            MediaNotFound: it has no such file.
            MediaUnreadable: the file is damaged.
        """
        identity = self.load(name)
        try:
            digest = identity.digest(asset_name)
        except KeyError as exc:
            known = [asset.name for asset in identity.assets]
            raise MediaNotFound(f"avatar `{name}` has no `{asset_name}`.{did_you_mean(asset_name, known)}") from exc
        path = self._place(name) / _file_name(asset_name, digest)
        try:
            whole = stat.S_ISREG(path.lstat().st_mode) and file_digest(path) == digest
        except (OSError, MediaError):
            whole = False
        if not whole:
            raise MediaUnreadable(self._damaged(name, asset_name))
        return path

    def save(self, identity: AvatarIdentity, files: Mapping[str, Path]) -> None:
        """Keep a new avatar: whole, or not at all.

        Args:
            files: of all its assets, by their names; they are copied.
        Raises:
            AvatarExists: there is one of this name.
            ValueError: a file is missing, or is not what its digest says.
            OutputNotWritable, DiskFull.
        """
        missing = {asset.name for asset in identity.assets} - files.keys()
        if missing:
            raise ValueError(f"no files for {sorted(missing)}")
        place = self._place(identity.name)
        with _told(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._alone() as unfinished:
                if place.exists():
                    raise self.exists(identity.name)
                work = unfinished / secrets.token_hex(6)
                work.mkdir(mode=0o700)
                for asset in identity.assets:
                    _copy(files[asset.name], work / _file_name(asset.name, asset.digest), asset.digest)
                _write(work / IDENTITY, identity.model_dump_json(indent=2).encode())
                keep_names(work)
                work.rename(place)
                keep_names(self._folder)

    def remove(self, name: str) -> None:
        """Remove an avatar and all its files.

        Raises: AvatarNotFound. OutputNotWritable: the folder cannot be changed.
        """
        place = self._place(name)
        if not place.is_dir():
            raise self._not_found(name)
        with _told(self._folder), self._alone() as unfinished:
            try:
                place.rename(unfinished / secrets.token_hex(6))
            except FileNotFoundError as exc:
                raise self._not_found(name) from exc

    def check_free(self, name: str) -> None:
        """Make sure, before the long work, that a new avatar of this name can be kept.

        Raises: UsageError: it is no name. AvatarExists. OutputNotWritable: there can be no library in the folder.
        """
        if not is_name(name):
            raise UsageError(
                f"`{name}`: no name for an avatar. Use 1 to 64 small letters, digits, `-` and `_`, such as `maya-2`."
            )
        if self._place(name).exists():
            raise self.exists(name)
        with _told(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def exists(self, name: str) -> AvatarExists:
        """What is said when a name is taken."""
        return AvatarExists(
            f"avatar `{name}`: there is one already. Choose another name, or `lipwright avatar remove {name}` first."
        )

    def _place(self, name: str) -> Path:
        """The folder of an avatar: a name is never a path."""
        if not is_name(name):
            raise self._not_found(name)
        return self._folder / name

    @contextmanager
    def _alone(self) -> Iterator[Path]:
        """Let nobody else change the library, and give a folder for what is unfinished.

        What is found in it was left by somebody who was killed, and is removed; so is all of it in the end.
        """
        with locked(self._folder / _LOCK):
            unfinished = self._folder / _UNFINISHED
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o700, exist_ok=True)
            try:
                yield unfinished
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)

    def _not_found(self, name: str) -> AvatarNotFound:
        names = self.names()
        hint = did_you_mean(name, names) or " `lipwright avatar list` shows those that there are."
        return AvatarNotFound(f"avatar `{name}`: there is none of this name in `{self._folder}`.{hint}")

    def _damaged(self, name: str, file: str) -> str:
        return (
            f"avatar `{name}`: its file `{file}` is missing or damaged. Copy its folder back from a backup, or"
            f" `lipwright avatar remove {name}` and create it again."
        )


def is_name(name: str) -> bool:
    """Whether an avatar may be called so."""
    try:
        _NAME.validate_python(name)
    except ValidationError:
        return False
    return True


def _file_name(asset_name: str, digest: str) -> str:
    suffix = _SUFFIX.search(asset_name)
    return f"{digest}{suffix.group() if suffix else ''}"


def _copy(source: Path, target: Path, digest: str) -> None:
    """Copy a file that is still what its digest says; two assets may be the same file."""
    if target.exists():
        return
    hashed = hashlib.sha256()
    with source.open("rb") as file, target.open("xb") as copy:
        while chunk := file.read(_CHUNK_BYTES):
            hashed.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    if hashed.hexdigest() != digest:
        raise ValueError(f"{source.name} is not what its digest says")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say what is wrong with the library's folder."""
    try:
        yield
    except OSError as exc:
        raise output_error(folder, exc) from exc
