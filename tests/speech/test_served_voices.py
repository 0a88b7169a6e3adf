"""Voices behind servers: what is sent, when each word is said, and what becomes of bad sound."""

import base64
import json
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from lipwright.contracts.speech import Speech
from lipwright.errors import (
    ProviderAnswerInvalid,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    QuotaExhausted,
    UsageError,
    VoiceUnknown,
)
from lipwright.remote.cost import cost_of
from lipwright.settings import Settings
from lipwright.speech.lexicon import Entry, Lexicon
from lipwright.speech.tts.base import Gender, TextToSpeech
from lipwright.speech.tts.elevenlabs import ElevenLabs
from lipwright.speech.tts.openai import VOICES, OpenAiTts
from lipwright.speech.tts.received import SAMPLE_RATE_HZ
from lipwright.speech.tts.wording import Letter, wording_of
from support import vendor_elevenlabs, vendor_openai
from support.vendor import Behaviour, Reply, never, page, redirect, said
from support.vendor_elevenlabs import ADAM, RACHEL, ElevenLabsServer, answer
from support.vendor_openai import STREAMED, OpenAi, wav

SENTENCE = "Peter bought six big maps from my mother."
SILENCE = np.zeros(SAMPLE_RATE_HZ * 2, np.float32)
NOISE = (np.random.default_rng(1).standard_normal(SAMPLE_RATE_HZ * 3) * 0.1).astype(np.float32)


@pytest.fixture(scope="module")
def openai_server() -> Iterator[OpenAi]:
    vendor = OpenAi()
    with vendor.running():
        yield vendor


@pytest.fixture(scope="module")
def elevenlabs_server() -> Iterator[ElevenLabsServer]:
    vendor = ElevenLabsServer()
    with vendor.running():
        yield vendor


@pytest.fixture
def openai(openai_server: OpenAi) -> OpenAiTts:
    openai_server.received.clear()
    return OpenAiTts(openai_url=openai_server.base, openai_key=SecretStr(vendor_openai.KEY), remote_timeout_s=0.5)


@pytest.fixture
def elevenlabs(elevenlabs_server: ElevenLabsServer) -> ElevenLabs:
    elevenlabs_server.received.clear()
    return served(elevenlabs_server)


def served(server: ElevenLabsServer, model: str = "eleven_multilingual_v2") -> ElevenLabs:
    return ElevenLabs(
        elevenlabs_url=server.url,
        elevenlabs_key=SecretStr(vendor_elevenlabs.KEY),
        elevenlabs_model=model,
        remote_timeout_s=0.5,
    )


def mean_error_s(speech: Speech, truth: Speech) -> float:
    assert [word.text for word in speech.words] == [word.text for word in truth.words]
    return float(np.mean([abs(a.start_s - b.start_s) for a, b in zip(speech.words, truth.words, strict=True)]))


def test_openai_is_told_model_voice_speed_and_language(openai: OpenAiTts, openai_server: OpenAi) -> None:
    openai.speak(SENTENCE, "nova", language="pt-BR", speed=1.2)
    asked = openai_server.received[0].json
    assert (asked["model"], asked["input"], asked["voice"]) == ("gpt-4o-mini-tts", SENTENCE, "nova")
    assert (asked["response_format"], asked["speed"]) == ("wav", 1.2)
    assert "pt-BR" in asked["instructions"]
    assert cost_of(openai) == {"characters": len(SENTENCE)}


def test_older_model_is_told_nothing_that_it_does_not_know(openai_server: OpenAi) -> None:
    openai_server.received.clear()
    engine = OpenAiTts(openai_url=openai_server.base, openai_key=SecretStr(vendor_openai.KEY), openai_tts_model="tts-1")
    engine.speak("Hello.", "alloy")
    assert set(openai_server.received[0].json) == {"model", "input", "voice", "response_format"}


def test_english_words_of_openai_are_timed_by_the_sound(openai: OpenAiTts, elevenlabs_server: ElevenLabsServer) -> None:
    speech = openai.speak(SENTENCE, "nova", language="en-US")
    truth = elevenlabs_server.spoken(SENTENCE)
    assert mean_error_s(speech, truth) < 0.03
    assert len(speech.phonemes) > 20


def test_other_languages_of_openai_have_no_times(openai: OpenAiTts) -> None:
    speech = openai.speak("Bom dia a todos.", "nova", language="pt-BR")
    assert (speech.phonemes, speech.words, speech.language) == ((), (), "pt-BR")


def test_words_that_are_not_heard_are_not_told(openai: OpenAiTts, openai_server: OpenAi) -> None:
    openai_server.script = [Reply(200, {"content-type": "audio/wav"}, wav(NOISE))]
    speech = openai.speak(SENTENCE, "nova", language="en-US")
    assert (speech.phonemes, speech.words) == ((), ())


def test_voices_of_another_server_are_named_in_the_settings() -> None:
    engine = OpenAiTts(openai_tts_voices=" af_heart, bf_emma ,")
    assert [voice.id for voice in engine.voices()] == ["af_heart", "bf_emma"]
    assert engine.default_voice("fr").id == "af_heart"
    assert engine.capability.voice_count == 2
    with pytest.raises(VoiceUnknown):
        engine.find_voice("nova")


def test_times_of_elevenlabs_become_words_and_phones(
    elevenlabs: ElevenLabs, elevenlabs_server: ElevenLabsServer
) -> None:
    speech = elevenlabs.speak(SENTENCE, RACHEL)
    truth = elevenlabs_server.spoken(SENTENCE)
    assert mean_error_s(speech, truth) < 0.002
    assert [p.symbol for p in speech.phonemes] == [p.symbol for p in truth.phonemes]
    middles = [(p.start_s + p.end_s) / 2 for p in speech.phonemes]
    true_middles = [(p.start_s + p.end_s) / 2 for p in truth.phonemes]
    assert np.mean(np.abs(np.subtract(middles, true_middles))) < 0.03


@pytest.mark.parametrize(
    ("language", "text", "symbol"),
    [("es", "Hola a todos.", "o"), ("pt-PT", "Bom dia.", "b"), ("en-GB", "Hello all.", "h"), ("it", "Ciao.", "tʃ")],
)
def test_phones_are_told_for_languages_that_can_be_read(
    elevenlabs: ElevenLabs, language: str, text: str, symbol: str
) -> None:
    speech = elevenlabs.speak(text, ADAM, language=language)
    assert [word.text for word in speech.words] == text.split()
    assert symbol in {phoneme.symbol for phoneme in speech.phonemes}


@pytest.mark.parametrize(
    ("language", "text"), [("ja", "こんにちは、世界。"), ("en", "My name is Привет."), ("de", "Guten Tag.")]
)
def test_words_alone_are_told_for_others(elevenlabs: ElevenLabs, language: str, text: str) -> None:
    speech = elevenlabs.speak(text, ADAM, language=language)
    assert [word.text for word in speech.words] == text.split()
    assert speech.phonemes == ()


def test_model_is_told_a_language_only_if_it_takes_one(elevenlabs_server: ElevenLabsServer) -> None:
    for model, told in (("eleven_multilingual_v2", None), ("eleven_flash_v2_5", "pt")):
        elevenlabs_server.received.clear()
        served(elevenlabs_server, model).speak("Bom dia.", ADAM, language="pt-BR")
        asked = elevenlabs_server.received[-1].json
        assert (asked["model_id"], asked.get("language_code")) == (model, told)


def test_voice_is_found_by_id_and_by_name(elevenlabs: ElevenLabs, elevenlabs_server: ElevenLabsServer) -> None:
    assert elevenlabs.find_voice("rachel").id == RACHEL
    assert elevenlabs.find_voice(ADAM, "pt-BR").language == "pt-BR"
    assert elevenlabs.find_voice("Adam").gender is Gender.MALE
    assert [request.path for request in elevenlabs_server.received] == ["/v1/voices"], "the list is kept"
    with pytest.raises(VoiceUnknown, match="no such voice"):
        elevenlabs.find_voice("Nobody")


def test_account_without_voices_is_told(elevenlabs: ElevenLabs, elevenlabs_server: ElevenLabsServer) -> None:
    elevenlabs_server.script = [said({"voices": []})] * 2
    with pytest.raises(VoiceUnknown, match="no voices"):
        elevenlabs.default_voice("en")


@pytest.mark.parametrize("speed", [0.69, 1.21])
def test_speed_that_elevenlabs_does_not_have_is_refused(elevenlabs: ElevenLabs, speed: float) -> None:
    with pytest.raises(UsageError, match=r"from 0\.7 \(slow\) to 1\.2 \(fast\)"):
        elevenlabs.speak("Hello.", ADAM, speed=speed)


def test_elevenlabs_without_times_is_timed_by_the_sound(elevenlabs_server: ElevenLabsServer) -> None:
    server = ElevenLabsServer(tells_letters=False)
    with server.running():
        speech = served(server).speak(SENTENCE, RACHEL, language="en-US")
    assert mean_error_s(speech, elevenlabs_server.spoken(SENTENCE)) < 0.03


@pytest.mark.parametrize("engine", ["openai", "elevenlabs"])
def test_respelling_is_said_and_the_written_word_is_shown(
    engine: str, openai: OpenAiTts, elevenlabs: ElevenLabs, openai_server: OpenAi, elevenlabs_server: ElevenLabsServer
) -> None:
    lexicon = Lexicon([Entry("New York", "Nu Jork"), Entry("GIF", "/dʒɪf/"), Entry("acme", "ack me")])
    text = 'In New York, a GIF of "Acme".'
    if engine == "openai":
        speech = openai.speak(text, "nova", lexicon=lexicon)
        assert openai_server.received[-1].json["input"] == 'In Nu Jork, a GIF of "ack me".'
    else:
        speech = elevenlabs.speak(text, ADAM, lexicon=lexicon)
        assert elevenlabs_server.received[-1].json["text"] == 'In Nu Jork, a GIF of "ack me".'
    assert " ".join(word.text for word in speech.words) == text


def audio(samples: np.ndarray[tuple[int], np.dtype[np.float32]], length: int | None = None) -> Reply:
    return Reply(200, {"content-type": "audio/wav"}, wav(samples, length=length))


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (audio(SILENCE), ProviderAnswerInvalid, "silence"),
        (audio(NOISE[:2000], STREAMED), ProviderAnswerInvalid, "cut short"),
        (audio(NOISE, 10**6), ProviderAnswerInvalid, "cut short"),
        (Reply(200, {"content-type": "audio/wav"}, b"hello"), ProviderAnswerInvalid, "no sound that is known"),
        (Reply(200, {"content-type": "audio/mpeg"}), ProviderAnswerInvalid, "nothing instead of sound"),
        (page(), ProviderAnswerInvalid, "text/html instead of sound"),
        (said({"error": "x"}), ProviderAnswerInvalid, "json instead of sound"),
        (redirect("http://127.0.0.1:9/"), ProviderUnavailable, "elsewhere"),
        (said({"error": {"code": "insufficient_quota", "message": "pay"}}, 429), QuotaExhausted, "pay"),
    ],
)
def test_bad_answer_to_openai_s_request_has_its_error(
    openai: OpenAiTts, openai_server: OpenAi, reply: Reply, error: type[ProviderError], words: str
) -> None:
    openai_server.script = [reply] * 2
    try:
        with pytest.raises(error, match=words):
            openai.speak(SENTENCE, "nova")
    finally:
        openai_server.script = []


def spoken(**changes: object) -> Reply:
    """An answer of ElevenLabs with other parts."""
    truth = vendor_elevenlabs.Hibari().speak("Hello there.", "heart")
    whole = answer("Hello there.", truth)
    return said({**json.loads(whole.body), **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"audio_base64": base64.b64encode(bytes(48_000)).decode()}, "silence"),
        ({"audio_base64": "not base64!"}, "broken speech"),
        ({"audio_base64": base64.b64encode(bytes(101)).decode()}, "broken speech"),
        ({"audio_base64": None}, "another shape"),
        ({"alignment": {"characters": ["H"]}}, "another shape"),
        (
            {
                "alignment": {
                    "characters": list("Other words."),
                    "character_start_times_seconds": [0.1] * 12,
                    "character_end_times_seconds": [0.2] * 12,
                }
            },
            "letters are those of another text",
        ),
        (
            {
                "alignment": {
                    "characters": list("Hello there."),
                    "character_start_times_seconds": [0.1] * 12,
                    "character_end_times_seconds": [0.2] * 11,
                }
            },
            "broken speech",
        ),
        (
            {
                "alignment": {
                    "characters": list("Hello there."),
                    "character_start_times_seconds": [0.1] * 12,
                    "character_end_times_seconds": [9.0] * 12,
                }
            },
            "cut short",
        ),
    ],
)
def test_bad_answer_of_elevenlabs_has_its_error(
    elevenlabs: ElevenLabs, elevenlabs_server: ElevenLabsServer, changes: dict[str, object], words: str
) -> None:
    elevenlabs.voices()
    elevenlabs_server.script = [spoken(**changes)] * 2
    with pytest.raises(ProviderAnswerInvalid, match=words):
        elevenlabs.speak("Hello there.", ADAM)


def test_one_bad_answer_is_asked_for_again(openai: OpenAiTts, openai_server: OpenAi) -> None:
    openai_server.script = [audio(SILENCE)]
    assert openai.speak(SENTENCE, "nova").duration_s > 1
    assert cost_of(openai) == {"characters": 2 * len(SENTENCE)}, "both were paid for"


def test_server_that_never_answers_is_given_up(openai_server: OpenAi) -> None:
    engine = OpenAiTts(openai_url=openai_server.base, openai_key=SecretStr(vendor_openai.KEY), remote_timeout_s=0.05)
    behaviours: list[Reply | Behaviour | None] = [never] * 4
    openai_server.script = behaviours
    engine._client._sleep = lambda _: None
    with pytest.raises(ProviderTimeout, match="LIPWRIGHT_REMOTE_TIMEOUT_S"):
        engine.speak(SENTENCE, "nova")


@pytest.mark.parametrize(
    ("engine", "variable"),
    [(OpenAiTts(), "LIPWRIGHT_OPENAI_KEY"), (ElevenLabs(), "LIPWRIGHT_ELEVENLABS_KEY")],
    ids=["openai", "elevenlabs"],
)
def test_missing_key_is_told_without_a_network(engine: TextToSpeech, variable: str) -> None:
    with pytest.raises(ProviderRefused, match=f"Set {variable}"):
        engine.speak("Hello.", "alloy")
    assert variable.removeprefix("LIPWRIGHT_").lower() in Settings.model_fields


def test_settings_name_the_same_defaults() -> None:
    fields = Settings.model_fields
    assert fields["openai_tts_voices"].default == VOICES
    assert OpenAiTts().identity() == OpenAiTts(openai_url=fields["openai_url"].default).identity()
    assert ElevenLabs().identity() == ElevenLabs(elevenlabs_model=fields["elevenlabs_model"].default).identity()


def test_model_and_address_are_part_of_the_identity() -> None:
    assert OpenAiTts().identity() != OpenAiTts(openai_tts_model="tts-1").identity()
    assert ElevenLabs().identity() != ElevenLabs(elevenlabs_model="eleven_v3").identity()
    assert ElevenLabs(elevenlabs_model="eleven_v3").supports("af")


def test_letters_that_a_server_writes_otherwise_are_passed_over() -> None:
    wording = wording_of("He said \u201cno\u201d \u2014 twice.", "de", None)
    told = 'He said "no" - twice.'
    letters = [Letter(c, i / 10, (i + 1) / 10) for i, c in enumerate(told)]
    _, words = wording.timed_by_letters(letters, 3.0)
    assert [(word.text, word.start_s) for word in words] == [
        ("He", 0.0),
        ("said", 0.3),
        ("\u201cno\u201d \u2014", 0.9),
        ("twice.", 1.5),
    ]


PIECES = st.lists(st.sampled_from(["Hi", "you,", "—", "$5", "(yes)", "é!"]), min_size=1, max_size=6)


@settings(deadline=None)  # the first example loads a dictionary
@given(pieces=PIECES, steps=st.lists(st.floats(0, 0.5), min_size=40, max_size=40))
def test_words_lie_in_order_whatever_the_times_are(pieces: list[str], steps: list[float]) -> None:
    text = " ".join(["So", *pieces])
    wording = wording_of(text, "en-US", None)
    edges = np.cumsum([0.0, *steps[: len(text)]])
    letters = [Letter(c, float(a), float(b)) for c, a, b in zip(text, edges[:-1], edges[1:], strict=True)]
    phonemes, words = wording.timed_by_letters(letters, float(edges[-1]) + 1.0)
    assert " ".join(word.text for word in words) == text
    times = [t for word in words for t in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert [t for p in phonemes for t in (p.start_s, p.end_s)] == sorted(
        t for p in phonemes for t in (p.start_s, p.end_s)
    )
