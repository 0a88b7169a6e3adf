"""The files of an avatar as a graph: what each was made from, and by which version of which stage."""

from collections.abc import Iterator

from lipwright.contracts.avatar import (
    CLIP,
    MATTE,
    MESH,
    NEUTRAL,
    PHOTO,
    SHEET,
    VOICE_SAMPLE,
    AvatarAsset,
    AvatarIdentity,
)
from lipwright.face.scan_window import SCAN_VERSION
from lipwright.pipeline.avatar import bank, kept_scan
from lipwright.pipeline.avatar.files import FACE, Files, read_facts
from lipwright.pipeline.avatar.neutral import NEUTRAL_VERSION
from lipwright.pipeline.avatar.picture import pose_files
from lipwright.pipeline.avatar.request import AvatarRequest
from lipwright.pipeline.avatar.sheet import SHEET_VERSION
from lipwright.pipeline.avatar.voice import PROFILE, read_profile
from lipwright.store.asset_names import HEAD_BYTES, media_type
from lipwright.store.digest import file_digest

VALIDATE_VERSION, MATTE_VERSION = 1, 1
_TYPES = {".json": "application/json", ".npz": "application/zip"}


def identity_of(request: AvatarRequest, files: Files, created_at: str) -> AvatarIdentity:
    """Join everything that the stages made to an identity.

    Args:
        files: by the names of the assets; files between stages, which are no assets, among them.
        created_at: UTC, ISO 8601.
    """
    return AvatarIdentity(
        name=request.name,
        kind="photo" if request.clip is None else "clip",
        assets=tuple(_assets(files)),
        face=read_facts(files[FACE]),
        voice=read_profile(files[PROFILE]) if PROFILE in files else None,
        consent=request.consent,
        created_at=created_at,
    )


def _assets(files: Files) -> Iterator[AvatarAsset]:
    """Sources first."""
    clip, scan = _named(files, CLIP), _named(files, kept_scan.PREFIX)
    yield from _all(files, clip, (), "")
    yield from _all(files, scan, clip, f"scan@{SCAN_VERSION}")
    yield from _all(files, _named(files, PHOTO), (*clip, *scan), f"validate@{VALIDATE_VERSION}")
    yield from _pictures(files, "", PHOTO)
    start = f"{PHOTO.removesuffix('.png')}-"
    for photo in _named(files, start):
        yield from _all(files, (photo,), (), f"validate@{VALIDATE_VERSION}")
        yield from _pictures(files, photo.removeprefix(start).removesuffix(".png"), photo)
    parts = _named(files, f"{SHEET.removesuffix('.png')}/")
    yield from _all(files, parts, (NEUTRAL, MATTE, MESH), f"sheet@{SHEET_VERSION}")
    yield from _all(files, _named(files, SHEET), parts, f"sheet@{SHEET_VERSION}")
    yield from _all(files, _named(files, bank.PREFIX), (*clip, *scan), bank.MADE_BY)
    yield from _all(files, _named(files, VOICE_SAMPLE), (), "")


def _pictures(files: Files, pose: str, photo: str) -> Iterator[AvatarAsset]:
    image, matte, mesh = pose_files(pose)
    yield from _all(files, (image, mesh), (photo,), f"neutral@{NEUTRAL_VERSION}")
    yield from _all(files, (matte,), (image, mesh), f"matte@{MATTE_VERSION}")


def _named(files: Files, start: str) -> tuple[str, ...]:
    """Those that begin so; a whole name begins with itself."""
    return tuple(sorted(name for name in files if name.startswith(start)))


def _all(files: Files, names: tuple[str, ...], made_from: tuple[str, ...], made_by: str) -> Iterator[AvatarAsset]:
    for name in names:
        yield AvatarAsset(
            name=name,
            digest=file_digest(files[name]),
            media_type=_type(files, name),
            made_from=made_from,
            made_by=made_by,
        )


def _type(files: Files, name: str) -> str:
    known = next((kind for suffix, kind in _TYPES.items() if name.endswith(suffix)), None)
    if known is not None:
        return known
    with files[name].open("rb") as file:
        return media_type(file.read(HEAD_BYTES))
