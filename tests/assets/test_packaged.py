"""Packaged files are what their lists say, and nothing else is handed out."""

import tomllib
from pathlib import Path

import pytest

from lipwright import assets
from lipwright.assets import packaged
from lipwright.errors import ProviderUnavailable

ROOT = Path(next(iter(assets.__path__)))
LISTED = [
    f"{listing.parent.name}/{name}"
    for listing in sorted(ROOT.glob("*/ASSETS.toml"))
    for name in tomllib.loads(listing.read_text(encoding="utf-8"))["files"]
]


@pytest.mark.parametrize("name", LISTED)
def test_file_matches_its_digest(name: str) -> None:
    assert packaged.read_asset(name)


@pytest.mark.parametrize("listing", sorted(ROOT.glob("*/ASSETS.toml")), ids=lambda path: path.parent.name)
def test_every_file_is_listed_with_source_and_licence(listing: Path) -> None:
    listed = tomllib.loads(listing.read_text(encoding="utf-8"))
    entries = listed["files"]
    present = {path.name for path in listing.parent.iterdir() if path.is_file()} - {"ASSETS.toml"}
    assert present == set(entries)
    # What is common to all files of a folder may stand once, above the list.
    described = [{**listed, **entry} for entry in entries.values()]
    assert all(entry["source"] and entry["licence"] for entry in described)


def test_unlisted_file_is_refused() -> None:
    with pytest.raises(ProviderUnavailable, match=r"^face/ASSETS\.toml\.bak: not listed in face/ASSETS\.toml"):
        packaged.read_asset("face/ASSETS.toml.bak")


def test_folder_without_a_list_is_refused() -> None:
    with pytest.raises(ProviderUnavailable, match=r"^nowhere/ASSETS\.toml: this packaged file is missing"):
        packaged.read_asset("nowhere/x.onnx")


def test_changed_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "_digests", lambda folder: {"canonical_face.npz": "0" * 64})
    with pytest.raises(ProviderUnavailable, match="damaged"):
        packaged.read_asset("face/canonical_face.npz")
