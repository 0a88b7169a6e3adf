"""What every engine that recognises words must do, the fake first; and what only Whisper does, with the same ears."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import SecretStr

from lipwright.contracts.speech import Transcript
from lipwright.errors import LanguageUnknown
from lipwright.media.audio import resample
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.stt.fake import FakeStt
from lipwright.speech.stt.openai import OpenAiStt
from lipwright.speech.stt.whisper import SAMPLE_RATE_HZ, Whisper, join_model
from lipwright.speech.tts.hibari import Hibari
from support.vendor_openai import KEY, OpenAi

RATE_HZ = SAMPLE_RATE_HZ
SENTENCE = "Please send the report to the finance team before Thursday."
LEAD_S = 1.0
HERE = "127.0.0.1"


@pytest.fixture(scope="module")
def no_network() -> Iterator[None]:
    """Every connection to elsewhere, and every question for an address, is refused."""
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def connect_here(end: socket.socket, address: Any) -> None:
        assert address[0] == HERE, "an engine that needs no network asks for it"
        connect(end, address)

    def look_here_up(host: Any, *rest: Any, **more: Any) -> Any:
        assert host == HERE, "an engine that needs no network asks for it"
        return getaddrinfo(host, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        patch.setattr(socket, "getaddrinfo", look_here_up)
        yield


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory, no_network: None) -> Iterator[Callable[[str], SpeechToText]]:
    whisper = Whisper(cache=tmp_path_factory.mktemp("models"))
    with OpenAi(ears=whisper).running() as server:
        openai = OpenAiStt(openai_url=f"{server.url}/v1", openai_key=SecretStr(KEY))
        engines: dict[str, SpeechToText] = {"fake": FakeStt(), "whisper": whisper, "openai": openai}
        yield engines.__getitem__


@pytest.fixture(params=["fake", "whisper", "openai"])
def engine(request: pytest.FixtureRequest, make: Callable[[str], SpeechToText]) -> SpeechToText:
    return make(request.param)


@pytest.fixture(scope="module")
def recording() -> NDArray[np.float32]:
    """A pause, the sentence, a pause, at 16 kHz."""
    speech = Hibari().speak(SENTENCE, "heart")
    pause = np.zeros(round(LEAD_S * RATE_HZ), np.float32)
    return np.concatenate([pause, *resample([speech.samples], speech.sample_rate_hz, RATE_HZ), pause])


@pytest.fixture(scope="module")
def written(make: Callable[[str], SpeechToText], recording: NDArray[np.float32]) -> Transcript:
    """What Whisper hears in it, loaded and used without a network."""
    return make("whisper").transcribe([recording], RATE_HZ, "en-US")


def plain(text: str) -> list[str]:
    return "".join(letter for letter in text.lower() if letter.isalpha() or letter == " ").split()


def test_engine_says_what_it_is(engine: SpeechToText) -> None:
    capability = engine.capability
    assert "en" in capability.languages
    assert len(set(capability.languages)) == len(capability.languages)
    assert capability.word_times
    assert capability.streaming
    assert capability.code_licence
    assert capability.weights_licence


def test_words_lie_in_order_inside_the_recording_and_chunks_change_nothing(
    engine: SpeechToText, recording: NDArray[np.float32]
) -> None:
    heard = engine.transcribe([recording], RATE_HZ)
    assert heard.language == "en"
    assert 0 < heard.probability <= 1
    assert heard.duration_s == pytest.approx(len(recording) / RATE_HZ)
    times = [t for word in heard.words for t in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert LEAD_S - 0.4 < times[0] < LEAD_S + 0.4
    assert times[-1] <= heard.duration_s
    for said in heard.utterances:
        assert (said.start_s, said.end_s) == (said.words[0].start_s, said.words[-1].end_s)
        assert said.text == " ".join(word.text for word in said.words)
        assert 0 <= said.certainty <= 1
    pieces = [recording[at : at + 3777] for at in range(0, len(recording), 3777)]
    assert engine.transcribe(pieces, RATE_HZ) == heard


@pytest.mark.parametrize("seconds", [0, 3])
def test_nobody_is_heard_in_silence(engine: SpeechToText, seconds: int) -> None:
    heard = engine.transcribe([np.zeros(seconds * RATE_HZ, np.float32)], RATE_HZ)
    assert heard == Transcript("und", 0.0, float(seconds), ())


def test_unknown_language_is_refused_before_anything_is_heard(engine: SpeechToText) -> None:
    def unheard() -> Iterator[NDArray[np.float32]]:
        yield pytest.fail("the recording was read")

    with pytest.raises(LanguageUnknown, match="tlh: the engine"):
        engine.transcribe(unheard(), RATE_HZ, "tlh")


def test_region_of_a_language_does_not_matter(engine: SpeechToText) -> None:
    assert engine.find_language("en-GB") == "en"
    assert engine.find_language("pt_BR") == "pt"


def test_stereo_is_refused(engine: SpeechToText) -> None:
    with pytest.raises(ValueError, match="mono"):
        engine.transcribe([np.zeros((100, 2), np.float32)], RATE_HZ)


def test_whisper_writes_what_a_voice_says(written: Transcript) -> None:
    assert plain(written.text) == plain(SENTENCE)
    assert (written.language, written.probability) == ("en", 1.0)


def test_whisper_takes_other_rates_and_hears_behind_a_long_silence(
    make: Callable[[str], SpeechToText], recording: NDArray[np.float32]
) -> None:
    low_hz, silence_s = 8_000, 40
    parts = [recording, np.zeros(silence_s * RATE_HZ, np.float32), recording]
    heard = make("whisper").transcribe(resample(parts, RATE_HZ, low_hz), low_hz, "en")
    first, second = heard.utterances
    assert plain(first.text) == plain(second.text) == plain(SENTENCE)
    assert second.start_s - first.start_s == pytest.approx(silence_s + len(recording) / RATE_HZ, abs=0.3)


@pytest.mark.parametrize("kind", ["noise", "hum", "melody"])
def test_whisper_writes_nothing_where_nobody_speaks(make: Callable[[str], SpeechToText], kind: str) -> None:
    time_s = np.arange(12 * RATE_HZ) / RATE_HZ
    rng = np.random.default_rng(5)
    steps = np.repeat(rng.integers(0, 12, 24), RATE_HZ // 2)
    sound = {
        "noise": 0.1 * rng.standard_normal(len(time_s)),
        "hum": 0.2 * np.sin(2 * np.pi * 50 * time_s) + 0.05 * np.sin(2 * np.pi * 150 * time_s),
        "melody": 0.2 * np.sin(2 * np.pi * np.cumsum(220 * 2 ** (steps / 12)) / RATE_HZ) * (1 - 2 * time_s % 1 * 0.8),
    }[kind]
    assert make("whisper").transcribe([sound.astype(np.float32)], RATE_HZ).words == ()


@pytest.mark.usefixtures("no_network")
def test_whisper_tells_nobody_what_it_hears(written: Transcript) -> None:
    assert written.words, "it was loaded without a network, too"
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"


def test_whisper_s_model_is_joined_once_and_mended_when_damaged(tmp_path: Path) -> None:
    folder = join_model(tmp_path)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["config.json", "model.bin", "tokenizer.json", "vocabulary.txt"]
    written = {name: (folder / name).stat().st_mtime_ns for name in names}
    with (folder / "vocabulary.txt").open("r+b") as file:
        file.write(b"damage")
    assert join_model(tmp_path) == folder
    again = {name: (folder / name).stat().st_mtime_ns for name in names}
    assert [name for name in names if written[name] != again[name]] == ["vocabulary.txt"]
