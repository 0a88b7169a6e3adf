"""Copies of voices at ElevenLabs: what is sent, and what becomes of refusals."""

from collections.abc import Iterator

import numpy as np
import pytest
from pydantic import SecretStr

from lipwright.errors import ProviderAnswerInvalid, ProviderError, ProviderRefused, ProviderUnavailable, QuotaExhausted
from lipwright.speech.cloning.base import Reference
from lipwright.speech.cloning.elevenlabs import ElevenLabsCloner
from lipwright.speech.tts.received import decode
from support.vendor import Reply, dropped, page, said
from support.vendor_elevenlabs import KEY, RACHEL, ElevenLabsServer

RATE_HZ = 16_000


@pytest.fixture
def server() -> Iterator[ElevenLabsServer]:
    vendor = ElevenLabsServer()
    with vendor.running():
        yield vendor


@pytest.fixture
def cloner(server: ElevenLabsServer) -> ElevenLabsCloner:
    return ElevenLabsCloner(elevenlabs_url=server.url, elevenlabs_key=SecretStr(KEY))


def reference(length_s: float) -> Reference:
    noise = np.random.default_rng(1).standard_normal(round(length_s * RATE_HZ)) * 0.1
    return Reference(noise.astype(np.float32), RATE_HZ)


def test_reference_is_sent_as_a_file_with_a_name_and_no_longer_than_is_listened_to(
    cloner: ElevenLabsCloner, server: ElevenLabsServer
) -> None:
    voice = cloner.clone(reference(200), "Ada")
    form = server.received[0].form()
    assert form["name"] == [b"Ada"]
    assert len(decode(form["files"][0])) == 180 * 24_000
    assert voice.id in {known["voice_id"] for known in server.voices}
    assert cloner.cost.total() == {"voices": 1}
    cloner.forget(voice)
    assert voice.id not in {known["voice_id"] for known in server.voices}


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (said({"detail": {"status": "invalid_api_key", "message": "Invalid API key"}}, 401), ProviderRefused, "KEY"),
        (said({"detail": {"status": "can_not_use_instant_voice_cloning", "message": "Your plan has no cloning"}}, 403),
         ProviderRefused, "Your plan has no cloning"),
        (said({"detail": {"status": "voice_limit_reached", "message": "Remove a voice"}}, 400), ProviderUnavailable,
         "Remove a voice"),
        (said({"detail": {"status": "quota_exceeded", "message": "none left"}}, 401), QuotaExhausted, "none left"),
        (dropped, ProviderAnswerInvalid, "breaks its answer off"),
        (page(), ProviderAnswerInvalid, "text/html"),
        (said({"voice": "x"}), ProviderAnswerInvalid, "another shape"),
    ],
)  # fmt: skip
def test_refused_copy_is_told_and_not_tried_again(
    cloner: ElevenLabsCloner, server: ElevenLabsServer, reply: Reply, error: type[ProviderError], words: str
) -> None:
    server.script = [reply]
    with pytest.raises(error, match=words):
        cloner.clone(reference(12), "Ada")
    assert len(server.received) == 1


def test_copy_that_needs_proof_of_consent_is_not_kept(cloner: ElevenLabsCloner, server: ElevenLabsServer) -> None:
    server.script = [said({"voice_id": RACHEL, "requires_verification": True})]
    with pytest.raises(ProviderRefused, match="Ada agrees"):
        cloner.clone(reference(12), "Ada")
    assert server.received[-1].method == "DELETE"
    assert RACHEL not in {known["voice_id"] for known in server.voices}


def test_voice_that_cannot_be_removed_is_told(cloner: ElevenLabsCloner, server: ElevenLabsServer) -> None:
    voice = cloner.clone(reference(12), "Ada")
    server.script = [said({"detail": {"status": "voice_in_use", "message": "in use"}}, 400)] * 2
    with pytest.raises(ProviderAnswerInvalid, match="does not remove"):
        cloner.forget(voice)
