"""Routes with engines that are quick, and things for them to work on."""

from pathlib import Path

import cv2
import pytest

from lipwright.pipeline.avatar.library import AvatarLibrary
from lipwright.settings import Settings
from support.avatars import Studio
from support.talking import close_up


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        tts="fake",
        stt="fake",
        translate="fake",
        separate="fake",
        lipsync="fake",
        cache_dir=tmp_path / "cache",
        data_dir=tmp_path / "data",
    )


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    cv2.imwrite(str(path), close_up()[..., ::-1])
    return path


@pytest.fixture(scope="session")
def nobody(photo: Path, tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A library with the avatar `nobody`, who has a voice and the pose `sitting`."""
    made = Studio(AvatarLibrary(tmp_path_factory.mktemp("nobody")))
    made(photo=photo, poses={"sitting": photo}, voice="tone_en-us")
    return made
