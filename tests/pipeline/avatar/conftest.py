"""Avatars of nobody, made once for all tests of this folder, and thrown away."""

from pathlib import Path

import pytest

from lipwright.pipeline.avatar.library import AvatarLibrary
from support.avatars import Studio
from support.talking import write_talking_clip


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(AvatarLibrary(tmp_path / "avatars"))


@pytest.fixture(scope="session")
def of_photo(tmp_path_factory: pytest.TempPathFactory, drawn_portrait: Path) -> Studio:
    """A library with `nobody`, made from a photo, with the pose `again`."""
    made = Studio(AvatarLibrary(tmp_path_factory.mktemp("of-photo")))
    made(photo=drawn_portrait, poses={"again": drawn_portrait}, voice="tone_fr")
    return made


@pytest.fixture(scope="session")
def talking_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_talking_clip(tmp_path_factory.mktemp("clip"), frames=60).path


@pytest.fixture(scope="session")
def of_clip(tmp_path_factory: pytest.TempPathFactory, talking_clip: Path) -> Studio:
    """A library with `nobody`, made from a clip."""
    made = Studio(AvatarLibrary(tmp_path_factory.mktemp("of-clip")))
    made(clip=talking_clip)
    return made
