"""Avatars are kept whole or not at all, and what is damaged is never given out."""

import hashlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from lipwright.contracts.avatar import AvatarAsset, AvatarIdentity, Consent, FaceFacts, Use
from lipwright.errors import AvatarExists, AvatarNotFound, MediaNotFound, MediaUnreadable, OutputNotWritable, UsageError
from lipwright.pipeline.avatar.library import IDENTITY, AvatarLibrary

FACE = FaceFacts(width_px=1, height_px=1, eye_distance_px=1, sharpness=1, brightness=1, yaw_degrees=0, pitch_degrees=0)
CONSENT = Consent(person="Nobody", granted_on=date(2026, 1, 1), uses=frozenset({Use.VIDEO}))


def made(folder: Path, name: str = "maya", content: bytes = b"a picture") -> tuple[AvatarIdentity, dict[str, Path]]:
    """An identity with two assets, one of them in a folder."""
    files = {"photo.png": folder / "photo", "sheet/0-0.png": folder / "part"}
    assets = []
    for number, (asset, path) in enumerate(files.items()):
        path.write_bytes(content + bytes([number]))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assets.append(AvatarAsset(name=asset, digest=digest, media_type="image/png"))
    return AvatarIdentity(
        name=name, kind="photo", assets=tuple(assets), face=FACE, consent=CONSENT, created_at="2026-01-01T00:00:00Z"
    ), files


@pytest.fixture
def library(tmp_path: Path) -> AvatarLibrary:
    return AvatarLibrary(tmp_path / "library")


def test_what_was_saved_is_loaded_though_the_upload_is_gone(library: AvatarLibrary, tmp_path: Path) -> None:
    identity, files = made(tmp_path)
    library.save(identity, files)
    for path in files.values():
        path.unlink()

    assert library.names() == ("maya",)
    assert library.load("maya") == identity
    assert library.path("maya", "sheet/0-0.png").read_bytes() == b"a picture\x01"


def test_a_library_works_wherever_it_is_moved(library: AvatarLibrary, tmp_path: Path) -> None:
    library.save(*made(tmp_path))
    (tmp_path / "library").rename(tmp_path / "elsewhere")

    moved = AvatarLibrary(tmp_path / "elsewhere").path("maya", "photo.png")
    assert moved.is_relative_to(tmp_path / "elsewhere")
    assert moved.read_bytes() == b"a picture\x00"


def test_a_library_that_is_not_there_is_empty(library: AvatarLibrary) -> None:
    assert library.names() == ()
    with pytest.raises(AvatarNotFound):
        library.load("maya")


def test_a_name_that_is_nearly_right_gets_a_suggestion(library: AvatarLibrary, tmp_path: Path) -> None:
    library.save(*made(tmp_path))

    with pytest.raises(AvatarNotFound, match="Did you mean `maya`"):
        library.load("maja")


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/etc", "MAYA", ".unfinished", "maya\n", "ma\0ya", "x" * 65])
def test_a_name_is_never_a_path(library: AvatarLibrary, tmp_path: Path, name: str) -> None:
    library.save(*made(tmp_path))

    with pytest.raises(AvatarNotFound):
        library.load(name)
    with pytest.raises(AvatarNotFound):
        library.remove(name)
    with pytest.raises(UsageError, match="small letters"):
        library.check_free(name)
    assert library.names() == ("maya",)


def test_a_name_that_is_taken_is_refused(library: AvatarLibrary, tmp_path: Path) -> None:
    library.save(*made(tmp_path))

    with pytest.raises(AvatarExists, match="lipwright avatar remove maya"):
        library.save(*made(tmp_path, content=b"another"))
    with pytest.raises(AvatarExists):
        library.check_free("maya")
    assert library.path("maya", "photo.png").read_bytes() == b"a picture\x00"


def test_a_file_that_was_changed_is_never_given_out(library: AvatarLibrary, tmp_path: Path) -> None:
    library.save(*made(tmp_path))
    library.path("maya", "photo.png").write_bytes(b"another person")

    with pytest.raises(MediaUnreadable, match=r"photo\.png"):
        library.path("maya", "photo.png")


def test_a_link_out_of_the_library_is_never_followed(library: AvatarLibrary, tmp_path: Path) -> None:
    library.save(*made(tmp_path))
    kept = library.path("maya", "photo.png")
    outside = tmp_path / "outside"
    kept.rename(outside)
    kept.symlink_to(outside)

    with pytest.raises(MediaUnreadable):
        library.path("maya", "photo.png")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"{" * 5_000_000])
def test_an_identity_that_is_damaged_says_so(library: AvatarLibrary, tmp_path: Path, content: bytes) -> None:
    library.save(*made(tmp_path))
    (tmp_path / "library" / "maya" / IDENTITY).write_bytes(content)

    with pytest.raises(MediaUnreadable, match=r"identity\.json"):
        library.load("maya")


def test_an_identity_of_another_name_is_damaged(library: AvatarLibrary, tmp_path: Path) -> None:
    library.save(*made(tmp_path))
    (tmp_path / "library" / "maya").rename(tmp_path / "library" / "noah")

    with pytest.raises(MediaUnreadable):
        library.load("noah")


def test_a_file_that_there_is_not_is_named(library: AvatarLibrary, tmp_path: Path) -> None:
    library.save(*made(tmp_path))

    with pytest.raises(MediaNotFound, match=r"no `photo.jpg`. Did you mean `photo.png`"):
        library.path("maya", "photo.jpg")


def test_a_file_that_is_not_what_its_digest_says_is_not_kept(library: AvatarLibrary, tmp_path: Path) -> None:
    identity, files = made(tmp_path)
    files["sheet/0-0.png"].write_bytes(b"changed since")

    with pytest.raises(ValueError, match="digest"):
        library.save(identity, files)
    assert library.names() == ()
    assert not list((tmp_path / "library").rglob("*photo*"))


def test_an_avatar_that_is_removed_is_gone_with_all_its_files(library: AvatarLibrary, tmp_path: Path) -> None:
    library.save(*made(tmp_path))
    library.remove("maya")

    assert library.names() == ()
    assert [path.name for path in (tmp_path / "library").rglob("*") if path.is_file()] == [".lock"]
    with pytest.raises(AvatarNotFound):
        library.remove("maya")


def test_of_many_who_save_one_name_at_once_one_succeeds(library: AvatarLibrary, tmp_path: Path) -> None:
    def save(number: int) -> bool:
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            AvatarLibrary(tmp_path / "library").save(*made(folder, content=bytes([65 + number])))
        except AvatarExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(save, range(8)))

    assert sum(saved) == 1
    assert library.path("maya", "photo.png").read_bytes() == bytes([65 + saved.index(True), 0])


def test_a_process_that_is_killed_while_it_saves_leaves_nothing(library: AvatarLibrary, tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "sys.path[:0] = sys.argv[2:]\n"
        "from test_library import made\n"
        "from lipwright.pipeline.avatar import library\n"
        "library._write = lambda path, content: os.kill(os.getpid(), signal.SIGKILL)\n"
        "folder = Path(sys.argv[1])\n"
        "library.AvatarLibrary(folder / 'library').save(*made(folder))\n"
    )
    paths = [str(Path(__file__).parent), *(path for path in sys.path if path)]
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path), *paths], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert library.names() == ()
    assert list((tmp_path / "library" / ".unfinished").iterdir()), "it was in the middle"

    library.save(*made(tmp_path))

    assert library.path("maya", "photo.png").is_file()
    assert not (tmp_path / "library" / ".unfinished").exists(), "the next one cleans up"


def test_a_library_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(OutputNotWritable, match="file"):
        AvatarLibrary(tmp_path / "file").save(*made(tmp_path))
    with pytest.raises(OutputNotWritable, match="file"):
        AvatarLibrary(tmp_path / "file").check_free("maya")


@pytest.mark.skipif(os.name != "posix", reason="permissions of folders are POSIX's")
def test_only_its_owner_may_look_into_a_new_library(library: AvatarLibrary, tmp_path: Path) -> None:
    library.save(*made(tmp_path))

    assert (tmp_path / "library").stat().st_mode & 0o077 == 0
