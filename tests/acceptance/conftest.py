"""The demo photo in the folder of the real program."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from support.program import Program, Speak

SMALL = ("--size", "256x256", "--fps", "12", "--tts", "hibari")
"""Quick to render; a later option of the same name wins."""


@pytest.fixture(scope="session")
def astronaut() -> Any:
    """scikit-image's public-domain photo, uint8 RGB (512, 512, 3), from the installed package."""
    data = pytest.importorskip("skimage.data", reason='pip install "lipwright[demo]"')
    return np.asarray(data.astronaut(), np.uint8)


@pytest.fixture
def photo(tmp_path: Path, astronaut: Any) -> Path:
    """The demo photo as a file in the program's folder."""
    path = tmp_path / "photo.png"
    Image.fromarray(astronaut).save(path)
    return path


@pytest.fixture
def speak(lipwright: Program) -> Speak:
    """`speak("photo.png", "--text", "Mama.")` runs `lipwright speak` for a small `talk.mp4`."""

    def run(face: str, *arguments: str, environment: dict[str, str] | None = None) -> Any:
        return lipwright("speak", "--face", face, "--output", "talk.mp4", *SMALL, *arguments, environment=environment)

    return run
