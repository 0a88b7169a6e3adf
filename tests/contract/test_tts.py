"""What every engine that speaks must do, the fake first."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

from lipwright.contracts.speech import Speech
from lipwright.errors import LanguageUnknown, ScriptUnsupported, TextEmpty, UsageError, VoiceUnknown
from lipwright.speech.finish import ACTIVE_LEVEL_DBFS, LEAD_S, TAIL_S, active_level_dbfs, sounding_range
from lipwright.speech.lexicon import Entry, Lexicon
from lipwright.speech.tts.base import MANY, TextToSpeech, matches
from lipwright.speech.tts.elevenlabs import ElevenLabs
from lipwright.speech.tts.fake import FakeTts
from lipwright.speech.tts.hibari import Hibari
from lipwright.speech.tts.kokoro import Kokoro
from lipwright.speech.tts.openai import OpenAiTts
from support import vendor_elevenlabs, vendor_openai

SENTENCE = "Dr. Lee paid $5 for two maps."


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], TextToSpeech]]:
    engines: dict[str, TextToSpeech] = {}
    cache: Path = tmp_path_factory.mktemp("models")
    with ExitStack() as servers:

        def openai() -> TextToSpeech:
            server = vendor_openai.OpenAi()
            servers.enter_context(server.running())
            return OpenAiTts(openai_url=server.base, openai_key=SecretStr(vendor_openai.KEY))

        def elevenlabs() -> TextToSpeech:
            server = vendor_elevenlabs.ElevenLabsServer()
            servers.enter_context(server.running())
            return ElevenLabs(elevenlabs_url=server.url, elevenlabs_key=SecretStr(vendor_elevenlabs.KEY))

        makers: dict[str, Callable[[], TextToSpeech]] = {
            "fake": FakeTts,
            "hibari": Hibari,
            "kokoro": lambda: Kokoro(cache=cache),
            "openai": openai,
            "elevenlabs": elevenlabs,
        }

        def engine(name: str) -> TextToSpeech:
            if name not in engines:
                engines[name] = makers[name]()
            return engines[name]

        yield engine


HERE = ["fake", "hibari", "kokoro"]
SERVED = ["openai", "elevenlabs"]


@pytest.fixture(params=[*HERE, *SERVED])
def engine(request: pytest.FixtureRequest, make: Callable[[str], TextToSpeech]) -> TextToSpeech:
    return make(request.param)


@pytest.fixture(params=HERE)
def reader(request: pytest.FixtureRequest, make: Callable[[str], TextToSpeech]) -> TextToSpeech:
    """An engine that is given phonemes, so that every word of a text is read here."""
    return make(request.param)


@pytest.fixture(params=SERVED)
def served(request: pytest.FixtureRequest, make: Callable[[str], TextToSpeech]) -> TextToSpeech:
    return make(request.param)


@pytest.fixture(scope="module")
def spoken() -> dict[str, Speech]:
    return {}


@pytest.fixture
def speech(engine: TextToSpeech, spoken: dict[str, Speech]) -> Speech:
    name = engine.capability.name
    if name not in spoken:
        spoken[name] = engine.speak(SENTENCE, engine.default_voice("en-US").id)
    return spoken[name]


def test_engine_says_what_it_is(engine: TextToSpeech) -> None:
    capability = engine.capability
    assert capability.languages
    assert capability.voice_count in {len(engine.voices()), 0}
    assert capability.phoneme_timing_error_ms is None or capability.phoneme_timing_error_ms <= 20
    assert capability.speeds[0] < 1 < capability.speeds[1]
    assert capability.name in engine.identity()
    assert capability.code_licence
    assert capability.weights_licence
    assert {voice.language for voice in engine.voices()} in ({MANY}, set(capability.languages))
    assert {voice.engine for voice in engine.voices()} == {capability.name}
    assert len({voice.id for voice in engine.voices()}) == len(engine.voices())


def test_language_without_region_is_supported(engine: TextToSpeech) -> None:
    assert engine.supports("en")
    assert engine.supports("en-US")
    assert not engine.supports("tlh")
    assert matches("en", engine.default_voice("en").language)
    assert engine.default_voice("en-US").language == "en-US"


def test_speech_is_mono_float_at_the_promised_rate(engine: TextToSpeech, speech: Speech) -> None:
    assert speech.samples.dtype == np.float32
    assert speech.samples.ndim == 1
    assert speech.sample_rate_hz == engine.capability.sample_rate_hz
    assert 1.0 < speech.duration_s < 6.0
    assert np.abs(speech.samples).max() <= 1.0
    assert speech.text == SENTENCE
    assert speech.language == "en-US"


def test_sound_starts_and_stops_where_promised(speech: Speech) -> None:
    sounding = sounding_range(speech.samples, speech.sample_rate_hz)
    assert sounding is not None
    assert sounding[0] == pytest.approx(LEAD_S, abs=0.006)
    assert speech.duration_s - sounding[1] == pytest.approx(TAIL_S, abs=0.006)


def test_level_is_the_same_for_every_engine(speech: Speech) -> None:
    assert active_level_dbfs(speech.samples, speech.sample_rate_hz) == pytest.approx(ACTIVE_LEVEL_DBFS, abs=1.5)


def test_ends_do_not_click(speech: Speech) -> None:
    assert abs(speech.samples[0]) < 1e-4
    assert abs(speech.samples[-1]) < 1e-4


def test_phonemes_lie_in_order_inside_the_samples(speech: Speech) -> None:
    times = [t for phoneme in speech.phonemes for t in (phoneme.start_s, phoneme.end_s)]
    assert len(speech.phonemes) > 10
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= speech.duration_s
    assert all(phoneme.end_s > phoneme.start_s for phoneme in speech.phonemes)
    assert not {"ˈ", "ˌ", " ", "A", "I", "O", "W", "Y"} & {phoneme.symbol for phoneme in speech.phonemes}


def test_words_are_what_a_reader_sees(speech: Speech) -> None:
    assert [word.text for word in speech.words] == SENTENCE.split()
    times = [t for word in speech.words for t in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[-1] <= speech.duration_s


def test_every_word_holds_its_phonemes(speech: Speech) -> None:
    for word in speech.words:
        inside = [p for p in speech.phonemes if word.start_s <= p.start_s and p.end_s <= word.end_s]
        assert inside, word.text


def test_same_call_gives_same_samples(engine: TextToSpeech, speech: Speech) -> None:
    again = engine.speak(SENTENCE, engine.default_voice("en-US").id)
    assert np.array_equal(again.samples, speech.samples)
    assert again.phonemes == speech.phonemes


def test_speed_changes_the_length(engine: TextToSpeech, speech: Speech) -> None:
    speed = min(1.5, engine.capability.speeds[1])
    fast = engine.speak(SENTENCE, engine.default_voice("en-US").id, speed=speed)
    assert fast.duration_s < speech.duration_s * (1 - 0.3 * (speed - 1))


@pytest.mark.parametrize("speed", [0.0, 0.4, 3.0, float("nan")])
def test_speed_out_of_range_is_refused(engine: TextToSpeech, speed: float) -> None:
    with pytest.raises(UsageError, match="out of range"):
        engine.speak("Hello.", engine.voices()[0].id, speed=speed)


def test_own_pronunciation_is_said(engine: TextToSpeech) -> None:
    lexicon = Lexicon([Entry("Xyz", "map")])
    said = engine.speak("Xyz.", engine.default_voice("en-US").id, lexicon=lexicon)
    assert [word.text for word in said.words] == ["Xyz."]
    assert {"m", "p"} <= {phoneme.symbol for phoneme in said.phonemes}


def test_unknown_voice_suggests_the_nearest(engine: TextToSpeech) -> None:
    near = engine.voices()[0].id
    with pytest.raises(VoiceUnknown, match=f"Did you mean .*{near}"):
        engine.speak("Hello.", near + "x")


def test_unknown_language_names_the_known_ones(engine: TextToSpeech) -> None:
    with pytest.raises(LanguageUnknown, match="en"):
        engine.speak("Hello.", engine.voices()[0].id, language="tlh")
    with pytest.raises(LanguageUnknown, match="en"):
        engine.default_voice("tlh")


@pytest.mark.parametrize("text", ["", "   \n", "…", "— ! —", "🙂"])
def test_text_without_words_is_refused(engine: TextToSpeech, text: str) -> None:
    with pytest.raises(TextEmpty):
        engine.speak(text, engine.voices()[0].id)


@pytest.mark.parametrize("text", ["a" * 200 + ".", "https://a.io/x_y?q=1 🙂", "f(x) { return HTTPS; }", "x"])
def test_no_word_is_too_odd_to_be_said(reader: TextToSpeech, text: str) -> None:
    said = reader.speak(text, reader.voices()[0].id)
    assert " ".join(word.text for word in said.words) == text
    assert said.phonemes


@pytest.mark.parametrize(
    ("text", "letters"), [("Привет", "П"), ("say 你好", "你"), ("שלום", "ש"), ("one сat", "с"), ("𝐇i", "𝐇")]
)
def test_foreign_letters_are_named(reader: TextToSpeech, text: str, letters: str) -> None:
    with pytest.raises(ScriptUnsupported, match=letters):
        reader.speak(text, reader.voices()[0].id)


@pytest.mark.parametrize(
    ("text", "language"), [("Olá, tudo bem?", "pt-BR"), ("こんにちは、世界。", "ja"), ("Привет!", "ru")]
)
def test_voice_behind_a_server_speaks_the_language_that_is_named(
    served: TextToSpeech, text: str, language: str
) -> None:
    voice = served.voices()[-1].id
    assert served.find_voice(voice, language).language == language
    said = served.speak(text, voice, language=language)
    assert said.language == language
    assert said.text == text
    assert said.duration_s > 0.5
    assert {word.text for word in said.words} <= set(text.split())
