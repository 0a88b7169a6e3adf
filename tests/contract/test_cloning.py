"""What every engine that copies a voice must do, the fake first."""

from collections.abc import Iterator

import numpy as np
import pytest
from pydantic import SecretStr

from lipwright.errors import UsageError
from lipwright.speech.cloning.base import Reference, VoiceCloner
from lipwright.speech.cloning.elevenlabs import ElevenLabsCloner
from lipwright.speech.cloning.fake import FakeCloner
from lipwright.speech.tts.base import TextToSpeech
from lipwright.speech.tts.elevenlabs import ElevenLabs
from lipwright.speech.tts.fake import FakeTts
from support.vendor_elevenlabs import KEY, ElevenLabsServer

RATE_HZ = 16_000


@pytest.fixture
def server() -> Iterator[ElevenLabsServer]:
    vendor = ElevenLabsServer()
    with vendor.running():
        yield vendor


@pytest.fixture(params=["fake", "elevenlabs"])
def pair(request: pytest.FixtureRequest, server: ElevenLabsServer) -> tuple[VoiceCloner, TextToSpeech]:
    """An engine, and the one that speaks with its voices."""
    if request.param == "fake":
        return FakeCloner(), FakeTts()
    key = SecretStr(KEY)
    return (
        ElevenLabsCloner(elevenlabs_url=server.url, elevenlabs_key=key),
        ElevenLabs(elevenlabs_url=server.url, elevenlabs_key=key),
    )


def reference(length_s: float, language: str = "en-US") -> Reference:
    noise = np.random.default_rng(1).standard_normal(round(length_s * RATE_HZ)) * 0.1
    return Reference(noise.astype(np.float32), RATE_HZ, language=language)


def test_engine_says_what_it_is(pair: tuple[VoiceCloner, TextToSpeech]) -> None:
    cloner, tts = pair
    capability = cloner.capability
    assert capability.tts == tts.capability.name
    assert 0 < capability.shortest_s < capability.longest_s
    assert set(capability.languages) == set(tts.capability.languages)
    assert capability.code_licence
    assert capability.weights_licence


def test_copy_speaks_at_once(pair: tuple[VoiceCloner, TextToSpeech]) -> None:
    cloner, tts = pair
    tts.voices()
    voice = cloner.clone(reference(cloner.capability.shortest_s), "Speaker 1 of talk.mp4")
    assert voice.engine == tts.capability.name
    assert tts.speak("Hello there.", voice.id).duration_s > 0.3


def test_copies_are_made_again_and_again(pair: tuple[VoiceCloner, TextToSpeech]) -> None:
    cloner, tts = pair
    for language in ("en-US", "und", "fi"):
        voice = cloner.clone(reference(12.0, language), "Someone")
        assert tts.find_voice(voice.id).id == voice.id


def test_short_reference_is_refused(pair: tuple[VoiceCloner, TextToSpeech]) -> None:
    cloner, _ = pair
    with pytest.raises(UsageError, match=r"too little to copy a voice.*--voice"):
        cloner.clone(reference(cloner.capability.shortest_s / 2), "Someone")


def test_stereo_is_refused(pair: tuple[VoiceCloner, TextToSpeech]) -> None:
    cloner, _ = pair
    with pytest.raises(UsageError, match="mono"):
        cloner.clone(Reference(np.zeros((RATE_HZ * 20, 2), np.float32), RATE_HZ), "Someone")


def test_copy_that_is_forgotten_twice_is_no_failure(pair: tuple[VoiceCloner, TextToSpeech]) -> None:
    cloner, _ = pair
    voice = cloner.clone(reference(12.0), "Someone")
    cloner.forget(voice)
    cloner.forget(voice)
