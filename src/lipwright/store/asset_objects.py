"""Where assets are, as the store of assets sees it: files under keys, whole or not there at all."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """A stored file."""

    key: str
    size_bytes: int
    modified_ms: int
    """When it was last published, by the storage's own clock; UTC."""


class Objects(ABC):
    """A place for files. Any number of processes may use one. Raises StorageFailed from everything."""

    folder: Path | None = None
    """Where the files lie if this machine can open them, else None."""

    @abstractmethod
    def check(self) -> None:
        """See that it is there and can be written. Nothing that anybody reads is stored."""

    @abstractmethod
    def info(self, key: str) -> ObjectInfo | None:
        """None when it is not there."""

    @abstractmethod
    def read(self, key: str, start: int, end: int) -> bytes:
        """Bytes of a file that is there, from `start` up to `end`, at least one; fewer where it ends earlier."""

    @abstractmethod
    def publish(self, key: str, path: Path, media_type: str) -> None:
        """Store a file, or store it again: it counts as new in any case. With a `folder`, `path` lies in the same file
        system and is gone afterwards."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove it, if it is there."""

    @abstractmethod
    def delete_unchanged(self, known: ObjectInfo) -> bool:
        """Remove it unless it was published again, or is just being published, since `known` was read.

        Returns: whether it was removed.
        """

    @abstractmethod
    def listed(self, prefix: str) -> Iterator[ObjectInfo]:
        """All files whose keys begin with `prefix`, which ends with a slash."""

    @abstractmethod
    def sign(self, key: str, expires_s: int) -> str | None:
        """A link that the storage itself serves for so long; None when it serves none."""
