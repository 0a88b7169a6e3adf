"""A dub by the packaged engines: what is said in it, by whom, and what is not."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.media.audio import read_audio, resample
from lipwright.speech.stt.whisper import Whisper
from lipwright.speech.tts.kokoro import Kokoro
from support.clips import plain
from support.dubbed import RATE_HZ, Dubbing, chords, write_talk

ENGLISH = (
    ("af_heart", "Good evening and welcome to the evening news."),
    ("am_michael", "Please bring a warm coat and something to eat."),
)
PAUSE_S = 1.2
LEVEL = 0.02
SECONDS_OF_MUSIC = 6.0
QUICK = ("--no-lip-sync", "--quiet")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where models are joined once."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def dubbing(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Dubbing:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cache").symlink_to(models, target_is_directory=True)
    return Dubbing(tmp_path)


def conversation(models: Path) -> NDArray[np.float32]:
    """Two voices, one after the other, over music."""
    engine = Kokoro(cache=models)
    pause = np.zeros(round(PAUSE_S * RATE_HZ), np.float32)
    parts = [pause]
    for voice, text in ENGLISH:
        speech = engine.speak(text, voice)
        parts += [*resample([speech.samples], speech.sample_rate_hz, RATE_HZ), pause]
    sound = np.concatenate(parts)
    return sound + chords(len(sound) / RATE_HZ + 1, level=LEVEL)[: len(sound)]


def test_a_conversation_over_music_is_dubbed_into_other_words_and_two_voices(dubbing: Dubbing, models: Path) -> None:
    sound = conversation(models)
    seconds = len(sound) / RATE_HZ
    write_talk(dubbing.folder / "talk.mp4", [plain(90)], sound, seconds)

    made = dubbing.document("talk.mp4", "--to", "pt-BR", *QUICK)

    assert made["source_language"] == "en"
    assert [line["source"].replace(",", "") for line in made["lines"]] == [text for _, text in ENGLISH]
    first, second = made["lines"]
    assert first["speaker"] != second["speaker"]
    assert first["voice"] != second["voice"]
    for line in made["lines"]:
        assert line["fit"] not in {"failed", "silent"}
        assert 0 <= line["spoken"][0] < line["spoken"][1] <= seconds
    dubbed = [*read_audio(dubbing.folder / "talk.pt-BR.mp4", 16_000)]
    heard = Whisper(cache=models).transcribe(dubbed, 16_000, None)
    assert heard.language == "pt"
    words = {word.text.strip(".,").lower() for word in heard.words}
    assert {"boa", "noite", "casaco", "comer"} <= words, heard.text


def test_nothing_is_invented_in_music(dubbing: Dubbing) -> None:
    write_talk(dubbing.folder / "music.mp4", [plain(90)], chords(SECONDS_OF_MUSIC, level=0.3), SECONDS_OF_MUSIC)

    done = dubbing("music.mp4", "--to", "pt-BR", *QUICK)

    assert done.returncode == 2
    assert "no words are recognised in it. Use a video in which somebody speaks" in done.stderr
    assert not (dubbing.folder / "music.pt-BR.dub/transcript.srt").exists()
