"""`lipwright transcribe`, and recognised words in `lipwright sync`, run as a user runs them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lipwright.contracts.sidecar import Sidecar
from lipwright.speech.tts.hibari import Hibari
from support.program import Program
from support.wav import write_wav

SPOKEN = "Please send the report to the finance team before Thursday."


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One cache for all, so that the model is joined once."""
    return {"LIPWRIGHT_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    speech = Hibari().speak(SPOKEN, "heart")
    write_wav(tmp_path / "talk.wav", speech.samples, speech.sample_rate_hz)
    return tmp_path / "talk.wav"


@pytest.mark.usefixtures("recording")
def test_words_of_a_recording_become_subtitles_and_the_second_time_at_once(
    lipwright: Program, models: dict[str, str]
) -> None:
    done = lipwright("transcribe", "talk.wav", "-o", "talk.srt", "--json", environment=models)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    text = (lipwright.folder / "talk.srt").read_text("utf-8")
    assert "".join(text.splitlines()[2:]).replace(" ", "") == SPOKEN.replace(" ", "")
    assert (report["language"], report["words"]) == ("en", len(SPOKEN.split()))

    again = lipwright("transcribe", "talk.wav", "-o", "talk.json", environment=models)
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("talk.json: ")
    assert "10 words, language en" in again.stdout
    words = json.loads((lipwright.folder / "talk.json").read_text("utf-8"))["utterances"][0]["words"]
    assert [word["text"] for word in words] == SPOKEN.split()
    assert sorted(path.name for path in lipwright.folder.iterdir()) == ["talk.json", "talk.srt", "talk.wav"]


def test_what_cannot_be_transcribed_is_told(lipwright: Program, recording: Path, models: dict[str, str]) -> None:
    write_wav(recording.with_name("silent.wav"), np.zeros(16_000, np.float32), 16_000)
    for arguments, exit_code, told in (
        (("silent.wav", "-o", "talk.srt"), 2, "there is nothing to hear in it"),
        (("talk.wav", "-o", "talk.mp4"), 2, ".srt, .vtt, .ass, .json"),
        (("talk.wav", "-o", "talk.wav"), 2, "that is the source"),
        (("talk.wav", "-o", "talk.srt", "--language", "tlh"), 2, "does not recognise this language"),
        (("talk.wav", "-o", "talk.srt", "--stt", "wisper"), 3, "Did you mean `whisper`?"),
        (("none.wav", "-o", "talk.srt"), 2, "none.wav"),
    ):
        done = lipwright("transcribe", *arguments, environment=models)
        assert done.returncode == exit_code, done.stderr
        assert told in done.stderr
        assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in lipwright.folder.iterdir()) == ["silent.wav", "talk.wav"]


@pytest.mark.usefixtures("recording")
def test_a_mouth_follows_recognised_words_and_the_report_says_so(
    lipwright: Program, astronaut: np.ndarray, models: dict[str, str]
) -> None:
    Image.fromarray(astronaut).save(lipwright.folder / "photo.png")
    made = lipwright(
        "speak", "--face", "photo.png", "--text", "Nobody knows it.", "--tts", "hibari", "--fps", "12", "-o", "clip.mp4"
    )
    assert made.returncode == 0, made.stderr
    command = ("sync", "clip.mp4", "--audio", "talk.wav", "-o", "out.mp4", "--preset", "fast", "--json")

    done = lipwright(*command, "--transcript", "auto", environment=models)
    assert done.returncode == 0, done.stderr
    (note,) = (note for note in json.loads(done.stdout)["notes"] if "recognised" in note)
    assert note.startswith("10 words are recognised in the recording (language en, ")
    assert note.endswith(" sure): the mouth follows them")
    sidecar = Sidecar.from_json((lipwright.folder / "out.lipwright.json").read_text(), "out.lipwright.json")
    assert sidecar.rewritten is not None
    assert sidecar.rewritten.heard == "recognition"
    assert (sidecar.text, sidecar.language) == (SPOKEN, "en-US")
    assert [word.text for word in sidecar.words] == SPOKEN.split()
