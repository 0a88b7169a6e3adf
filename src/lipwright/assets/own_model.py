"""The file of a model that the user brings."""

import hashlib
from pathlib import Path

from lipwright.errors import ProviderUnavailable


def find_file(engine: str, path: Path | None, variable: str) -> Path:
    """The file of a model that the user brings.

    Raises: ProviderUnavailable: none is set, or it is not there.
    """
    if path is None:
        raise ProviderUnavailable(f"{engine}: it needs a model of your own. Set {variable} to its file.")
    if not path.is_file():
        raise ProviderUnavailable(f"{engine}: `{path}`: there is no such model. Set {variable} to its file.")
    return path


def file_digest(engine: str, path: Path | None, variable: str) -> str:
    """The SHA-256 of that file.

    Raises: ProviderUnavailable: as `find_file`.
    """
    with find_file(engine, path, variable).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
