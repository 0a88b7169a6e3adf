"""Fixtures that every room shares."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.program import Program

pytest_plugins = ["support.databases", "support.storages", "support.outboxes"]

SHARED_MEDIA = Path(__file__).parents[2] / "shared" / "media"
DRAW_PORTRAIT = Path(__file__).parents[1] / "tools" / "draw_portrait.py"


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """The folder of real clips and pictures beside the checkout; tests that need it skip without it."""
    if not SHARED_MEDIA.is_dir():
        pytest.skip("no folder ../shared/media beside the checkout: real clips are never part of the repository")
    return SHARED_MEDIA


@pytest.fixture(scope="session")
def drawn_portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait of nobody, 384 x 384 px, mouth shut, drawn once for all tests."""
    path = tmp_path_factory.mktemp("drawn") / "portrait.png"
    subprocess.run([sys.executable, str(DRAW_PORTRAIT), str(path), "--side", "384"], check=True)
    return path


@pytest.fixture
def lipwright(tmp_path: Path) -> Program:
    """The real program, run in an empty folder: `lipwright("voices", "--json").stdout`."""
    return Program(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB; only root may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None:
        pytest.skip("needs the commands mount and umount")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip(f"this user may not mount a small disk: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run([umount, str(folder)], check=True)
