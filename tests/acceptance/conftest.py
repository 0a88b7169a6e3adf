"""The demo photo, and videos and recordings made from it, in the folder of the real program."""

import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lipwright.media.audio import read_audio
from lipwright.media.frames import read_frames
from lipwright.media.writer import VideoFormat, VideoWriter
from lipwright.speech.tts.hibari import Hibari
from support.program import Program, Speak
from support.wav import write_wav

SMALL = ("--size", "256x256", "--fps", "12", "--tts", "hibari")
"""Quick to render; a later option of the same name wins."""
RATE_HZ = 24_000
LEAD_S, TAIL_S = 0.5, 5.0


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


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pause, a sentence, a long pause: longer than the clip."""
    engine = Hibari()
    speech = engine.speak("Papa may pay my bill for a warm apple pie.", engine.voices()[0].id)
    pauses = (np.zeros(int(pause_s * RATE_HZ), np.float32) for pause_s in (LEAD_S, TAIL_S))
    path = tmp_path_factory.mktemp("recording") / "new.wav"
    before, behind = pauses
    write_wav(path, np.concatenate([before, speech.samples, behind]), RATE_HZ)
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory, astronaut: Any) -> Path:
    """The demo photo says a few words and then nothing, 512 x 512."""
    folder = tmp_path_factory.mktemp("clip")
    Image.fromarray(astronaut).save(folder / "photo.png")
    made = Program(folder)(
        "speak", "--face", "photo.png", "--text", "Nobody knows it. [pause 4000ms]", "--tts", "hibari",
        "--fps", "12", "-o", "clip.mp4",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return folder / "clip.mp4"


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of nobody."""
    path = tmp_path_factory.mktemp("room") / "room.mp4"
    rng = np.random.default_rng(1)
    wall = np.kron(rng.integers(60, 200, (8, 8, 3)), np.ones((32, 32, 1))).astype(np.uint8)
    with VideoWriter(path, VideoFormat(256, 256, Fraction(12))) as writer:
        for _ in range(12):
            writer.write(wall)
    return path


@pytest.fixture
def at_hand(tmp_path: Path, clip: Path, recording: Path) -> Path:
    """The program's folder with `clip.mp4` and `new.wav`."""
    shutil.copy(clip, tmp_path)
    shutil.copy(recording, tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def faces(clip: Path) -> list[NDArray[np.uint8]]:
    """Two seconds of the clip, cut down to the face: (256, 256, 3) each."""
    pictures = [frame.image[:256, 96:352] for frame in read_frames(clip)]
    return [np.ascontiguousarray(picture) for picture in pictures[:24]]


@pytest.fixture(scope="session")
def word(recording: Path) -> NDArray[np.float32]:
    """A second of speech at 48 kHz."""
    return np.concatenate([*read_audio(recording, 48_000)])[24_000:72_000]
