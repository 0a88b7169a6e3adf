"""Who is at work in a store. Each user has a file that it keeps locked while it lives, and that names what it uses.

A process that dies frees its lock, so its file tells the others that what it left behind is nobody's any more. All that
is here happens while the store's own lock is held.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lipwright.store.lock import try_lock

_SUFFIX = ".lock"


@dataclass(frozen=True, slots=True)
class Living:
    """Everybody who is at work."""

    tokens: frozenset[str]
    in_use: frozenset[str]
    """Names of results that may not be removed."""


class Owner:
    """One user of a store: one job, one run of the program."""

    def __init__(self, folder: Path) -> None:
        """Enter the list of users.

        Args:
            folder: where their files are.
        Raises: OSError.
        """
        self.token = secrets.token_hex(8)
        self._path = folder / f"{self.token}{_SUFFIX}"
        self._path.touch(exist_ok=False)
        descriptor = try_lock(self._path)
        if descriptor is None:
            raise BlockingIOError(f"{self._path}: locked by another process although it is new")
        self._descriptor = descriptor
        self._uses: set[str] = set()

    def use(self, name: str) -> None:
        """Keep a result from being removed for as long as this user lives."""
        if name not in self._uses:
            os.write(self._descriptor, f"{name}\n".encode("ascii"))
            self._uses.add(name)

    def leave(self) -> None:
        """Give everything free."""
        os.close(self._descriptor)
        self._path.unlink(missing_ok=True)


def living(folder: Path) -> Living:
    """Read who is at work, and strike the dead off the list."""
    tokens, in_use = set(), set()
    for path in folder.glob(f"*{_SUFFIX}"):
        with _probed(path) as dead:
            if dead:
                path.unlink()
            else:
                tokens.add(path.name.removesuffix(_SUFFIX))
                in_use.update(path.read_text(encoding="ascii").split())
    return Living(frozenset(tokens), frozenset(in_use))


@contextmanager
def _probed(path: Path) -> Iterator[bool]:
    """Whether the owner of a file is gone."""
    descriptor = try_lock(path)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)
