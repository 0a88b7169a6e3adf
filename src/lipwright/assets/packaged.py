"""Reads packaged files. Bytes that do not match their recorded digest are never handed out."""

import hashlib
import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from lipwright.errors import ProviderUnavailable


def read_asset(name: str) -> bytes:
    """Read one packaged file.

    Args:
        name: folder and file, such as `face/selfie_segmentation.onnx`.
    Raises: ProviderUnavailable: the file is missing, unlisted, or its bytes were changed.
    """
    folder, _, file_name = name.rpartition("/")
    directory = files(__name__.rpartition(".")[0]).joinpath(folder)
    expected = _digests(folder).get(file_name)
    if expected is None:
        raise ProviderUnavailable(f"{name}: not listed in {folder}/ASSETS.toml. Install Lipwright again.")
    path = directory.joinpath(file_name)
    if not path.is_file():
        raise ProviderUnavailable(f"{name}: this packaged file is missing. Install Lipwright again.")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != expected:
        raise ProviderUnavailable(f"{name}: this packaged file is damaged (wrong SHA-256). Install Lipwright again.")
    return data


def asset_names() -> tuple[str, ...]:
    """Every packaged file as `read_asset` takes it, folder by folder."""
    folders = sorted(entry.name for entry in files(__name__.rpartition(".")[0]).iterdir() if _holds_assets(entry))
    return tuple(f"{folder}/{file_name}" for folder in folders for file_name in _digests(folder))


def _holds_assets(entry: Traversable) -> bool:
    return entry.is_dir() and entry.joinpath("ASSETS.toml").is_file()


@cache
def _digests(folder: str) -> dict[str, str]:
    listing: Traversable = files(__name__.rpartition(".")[0]).joinpath(folder, "ASSETS.toml")
    if not listing.is_file():
        raise ProviderUnavailable(f"{folder}/ASSETS.toml: this packaged file is missing. Install Lipwright again.")
    entries = tomllib.loads(listing.read_text(encoding="utf-8"))["files"]
    return {str(file_name): str(entry["sha256"]) for file_name, entry in entries.items()}
