"""`lipwright sync` is killed at random moments and run again: nothing is lost, and the result is that of one run."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from lipwright.speech.tts.hibari import Hibari
from support.killing import run_until_finished, seconds_of
from support.program import Program, command_line
from support.wav import write_wav

SPOKEN = "Mama baked a plum pie. " * 14
"""Longer than two windows."""
MADE = ("out.mp4", "out.lipwright.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A talking clip of the demo photo, and a recording that is longer."""
    data = pytest.importorskip("skimage.data", reason='pip install "lipwright[demo]"')
    Image.fromarray(data.astronaut()).save(tmp_path / "photo.png")
    made = Program(tmp_path)(
        "speak", "--face", "photo.png", "--text", "How do you do?", "--tts", "hibari", "--fps", "10", "-o", "clip.mp4"
    )
    assert made.returncode == 0, made.stderr
    engine = Hibari()
    speech = engine.speak(SPOKEN, engine.voices()[0].id)
    write_wav(tmp_path / "new.wav", speech.samples, speech.sample_rate_hz)
    return tmp_path


def test_a_killed_run_goes_on_after_its_last_finished_window_and_gives_the_same_bytes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIPWRIGHT_CACHE_DIR", str(folder / "cache"))
    command = command_line("sync", "clip.mp4", "--audio", "new.wav", "-o", "out.mp4", "--json", "--preset", "fast")
    unbroken_s = seconds_of(command, folder)
    unbroken = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in MADE]
    shutil.rmtree(folder / "cache")
    for name in MADE:
        (folder / name).unlink()

    done = run_until_finished(command, seed=3, kills=4, longest_s=unbroken_s, folder=folder)

    assert done.kills
    assert [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in MADE] == unbroken
    report = json.loads(done.output)
    windows = report["frames"] / 10 / 12
    assert windows > 1.5, "the recording is too short to have several windows"
    left = [path.name for path in folder.iterdir() if path.name not in {*MADE, "cache"}]
    assert sorted(left) == ["clip.lipwright.json", "clip.mp4", "new.wav", "photo.png"], "no litter"
