"""The face scan of a clip, kept among the files of its avatar, and put back into a stage store.

A later `sync` with the clip finds it there, wherever the avatar was moved, and though the cache was emptied. A scan
that another version of Lipwright made is put back under its own key, where nobody looks for it: it is made again.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from lipwright.contracts.avatar import AvatarIdentity
from lipwright.errors import MediaUnreadable
from lipwright.pipeline.avatar.library import AvatarLibrary
from lipwright.store.key import StageKey
from lipwright.store.manifest import MANIFEST_NAME, Manifest
from lipwright.store.stages import StageStore

PREFIX = "scan/"
"""Of the names of its assets: `scan/<number of the window>/<file>`."""
STAGE = "scan"


@contextmanager
def scanning(folder: Path) -> Iterator[StageStore]:
    """A stage store of its own for one scan, in an existing folder."""
    with StageStore(folder / "stages") as store:
        yield store


def scan_files(folder: Path) -> dict[str, Path]:
    """The files of the scan that was made in `scanning(folder)`, by the names of the assets."""
    windows = sorted(
        (key.parameters["first"], manifest.parent)
        for manifest in (folder / "stages" / "results").glob(f"*/*/{MANIFEST_NAME}")
        if (key := _key(manifest)).stage == STAGE
    )
    return {
        f"{PREFIX}{number}/{path.name}": path
        for number, (_, window) in enumerate(windows)
        for path in sorted(window.iterdir())
    }


def put_back(files: Mapping[str, Path], store: StageStore) -> None:
    """Put a kept scan into a stage store.

    Args:
        files: by the names of the assets; others are left alone.
    Raises: MediaUnreadable: a file is none of a scan. OutputNotWritable, DiskFull.
    """
    for name, manifest in sorted(files.items()):
        if not (name.startswith(PREFIX) and name.endswith(f"/{MANIFEST_NAME}")):
            continue
        key = _key(manifest)
        if store.get(key) is not None:
            continue
        window = name.removesuffix(MANIFEST_NAME)
        with store.making(key) as folder:
            for other, path in files.items():
                if other.startswith(window) and other != name:
                    shutil.copyfile(path, folder / other.removeprefix(window))


def restore_scan(identity: AvatarIdentity, library: AvatarLibrary, store: StageStore) -> None:
    """Put the scan of an avatar's clip into the stage store of a job; nothing for an avatar of a photo.

    Raises: AvatarNotFound, MediaUnreadable, OutputNotWritable, DiskFull.
    """
    names = [asset.name for asset in identity.assets if asset.name.startswith(PREFIX)]
    put_back({name: library.path(identity.name, name) for name in names}, store)


def _key(manifest: Path) -> StageKey:
    """The key that a result was made for."""
    try:
        text = Manifest.model_validate_json(manifest.read_bytes()).key
        fields = json.loads(text, object_hook=_value)
        key = StageKey(**fields)
        same = key.canonical == text
    except (OSError, ValueError, TypeError) as exc:
        raise MediaUnreadable(f"`{manifest}`: no record of a scan. Create the avatar again.") from exc
    if not same:
        raise MediaUnreadable(f"`{manifest}`: no record of a scan. Create the avatar again.")
    return key


def _value(document: dict[str, Any]) -> Any:
    """As `StageKey` writes fractions."""
    return Fraction(*document["fraction"]) if document.keys() == {"fraction"} else document
