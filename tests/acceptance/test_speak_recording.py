"""`lipwright speak --audio`: a recording is said as it is."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from lipwright.contracts.sidecar import Sidecar
from lipwright.media.probe import probe
from lipwright.speech.tts.hibari import Hibari
from support.program import Program
from support.wav import write_wav

RATE_HZ = 24_000
LEAD_S, TAIL_S = 0.7, 1.0


@pytest.fixture(scope="module")
def spoken() -> np.ndarray:
    """Silence, a sentence, silence: float32 mono at 24 kHz."""
    engine = Hibari()
    speech = engine.speak("Papa may pay my bill for a warm apple pie.", engine.voices()[0].id)
    assert speech.sample_rate_hz == RATE_HZ
    silence = np.zeros(int(LEAD_S * RATE_HZ), np.float32), np.zeros(int(TAIL_S * RATE_HZ), np.float32)
    return np.concatenate([silence[0], speech.samples, silence[1]])


def say(
    lipwright: Program, audio: str, *more: str, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    asked = ("speak", "--face", "photo.png", "--audio", audio, "-o", "talk.mp4", "--size", "256x256", "--fps", "25")
    return lipwright(*asked, *more, environment=environment)


def test_a_recording_moves_the_mouth_for_as_long_as_it_lasts(
    lipwright: Program, photo: Path, tmp_path: Path, spoken: np.ndarray
) -> None:
    write_wav(tmp_path / "talk.wav", spoken, RATE_HZ)
    before = (tmp_path / "talk.wav").read_bytes()
    done = say(lipwright, "talk.wav", "--json")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "talk.wav").read_bytes() == before
    clip = probe(tmp_path / "talk.mp4")
    assert float(clip.duration_s) == pytest.approx(len(spoken) / RATE_HZ, abs=0.041)
    assert len(clip.audio) == 1
    sidecar = Sidecar.from_json((tmp_path / "talk.lipwright.json").read_text(), "talk")
    gap, closed = np.array(sidecar.gap), np.array(sidecar.closed)
    leading, trailing = round((LEAD_S - 0.2) * 25), round((TAIL_S - 0.35) * 25)
    assert not gap[:leading].any()
    assert not gap[-trailing:].any()
    assert (closed[:leading] == 1).all()
    assert gap.max() > 0.04
    assert ((gap[1:] == 0) & (gap[:-1] > 0))[leading:-trailing].any()
    assert sidecar.silences[0].start_s == 0
    assert sidecar.silences[-1].end_s == pytest.approx(sidecar.duration_s, abs=0.05)
    assert {stage["name"] for stage in json.loads(done.stdout)["stages"]} == {"prepare", "listen", "render"}


def test_its_model_is_kept_where_the_settings_say(
    lipwright: Program, photo: Path, tmp_path: Path, spoken: np.ndarray
) -> None:
    write_wav(tmp_path / "talk.wav", spoken[: 2 * RATE_HZ], RATE_HZ)
    home = tmp_path / "home"
    home.mkdir()
    done = say(
        lipwright,
        "talk.wav",
        environment={"LIPWRIGHT_CACHE_DIR": str(tmp_path / "cache"), "XDG_CACHE_HOME": str(home)},
    )
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "cache").glob("whisper-base-*/model.bin"))
    assert not list(home.iterdir())


def test_a_telephone_recording_in_stereo_works(
    lipwright: Program, photo: Path, tmp_path: Path, spoken: np.ndarray
) -> None:
    write_wav(tmp_path / "phone.wav", spoken[::3], 8_000, channels=2)
    done = say(lipwright, "phone.wav")
    assert done.returncode == 0, done.stderr
    gap = json.loads((tmp_path / "talk.lipwright.json").read_text())["gap"]
    assert max(gap) > 0.03


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.wav", None, "there is no such file"),
        ("empty.wav", b"", "empty"),
        ("words.wav", b"these are words, and no sound at all", "words.wav"),
        ("photo.png", None, "still picture"),
        ("silent.wav", "silence", "nothing to hear"),
    ],
)
def test_what_is_no_recording_is_refused(
    lipwright: Program, photo: Path, tmp_path: Path, name: str, content: bytes | str | None, said: str
) -> None:
    if content == "silence":
        write_wav(tmp_path / name, np.zeros(16_000, np.float32), 16_000)
    elif isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    done = say(lipwright, name)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "talk.mp4").exists()


@pytest.mark.parametrize("option", [("--text", "Hi."), ("--voice", "af_heart"), ("--subtitles", "srt")])
def test_what_needs_words_is_refused_beside_a_recording(
    lipwright: Program, photo: Path, option: tuple[str, str]
) -> None:
    done = say(lipwright, "talk.wav", *option)
    assert done.returncode == 2
    assert option[0] in done.stderr
