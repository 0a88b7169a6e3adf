"""Copies of voices at ElevenLabs (instant voice cloning), in the user's own account."""

import io
import wave
from typing import Final
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, SecretStr

from lipwright.errors import ProviderRefused
from lipwright.remote.answer import Answer
from lipwright.remote.client import Request
from lipwright.remote.cost import CostLedger
from lipwright.speech.cloning.base import CloneCapability, Reference, VoiceCloner
from lipwright.speech.elevenlabs import MODEL, NO_KEY, TIMEOUT_S, URL, elevenlabs_client, languages_of
from lipwright.speech.tts.base import MANY, Gender, Voice

_GONE: Final = frozenset({"voice_does_not_exist", "voice_not_found"})
_LONGEST_S: Final = 180.0
"""ElevenLabs advises one to two minutes, and says that more than three may do harm."""
_SHORTEST_S: Final = 10.0


class _Added(BaseModel):
    """https://elevenlabs.io/docs/api-reference/voices/ivc/create"""

    voice_id: str
    requires_verification: bool = False


class ElevenLabsCloner(VoiceCloner):
    """Makes voices that the speech engine `elevenlabs` speaks with. They stay in the account until they are forgotten.

    Licence: code Apache-2.0, as Lipwright; the model is ElevenLabs', under its terms.
    """

    def __init__(
        self,
        *,
        elevenlabs_url: str = URL,
        elevenlabs_key: SecretStr = NO_KEY,
        elevenlabs_model: str = MODEL,
        remote_timeout_s: float = TIMEOUT_S,
        remote_requests_per_minute: int = 0,
    ) -> None:
        """
        Args:
            remote_timeout_s: for one answer.
            remote_requests_per_minute: 0 sets no limit.
        """
        self.cost = CostLedger()
        """What its use has cost so far."""
        self._client = elevenlabs_client(elevenlabs_url, elevenlabs_key, remote_timeout_s, remote_requests_per_minute)
        self.capability = CloneCapability(
            name="elevenlabs",
            tts="elevenlabs",
            shortest_s=_SHORTEST_S,
            longest_s=_LONGEST_S,
            languages=languages_of(elevenlabs_model),
            cost_unit="voices",
            needs_gpu=False,
            code_licence="Apache-2.0",
            weights_licence="LicenseRef-Terms-Of-The-Server",
        )

    def clone(self, reference: Reference, name: str) -> Voice:
        self.check_reference(reference)
        longest = round(self.capability.longest_s * reference.sample_rate_hz)
        sound = _wav(reference.samples[:longest], reference.sample_rate_hz)
        request = Request(
            "POST",
            "/v1/voices/add",
            form={"name": name, "remove_background_noise": "false"},
            files={"files": ("reference.wav", sound, "audio/wav")},
            repeatable=False,
        )

        def read(answer: Answer) -> _Added:
            self.cost.add("voices", 1)
            return answer.parsed(_Added)

        added = self._client.ask(request, read)
        voice = Voice(added.voice_id, MANY, Gender.NEUTRAL, "elevenlabs", f"{name}, a copy")
        if added.requires_verification:
            self.forget(voice)
            raise ProviderRefused(
                f"elevenlabs: the server wants proof that {name} agrees to be copied. Make this voice at ElevenLabs,"
                " and name it with --voice."
            )
        return voice

    def forget(self, voice: Voice) -> None:
        def read(answer: Answer) -> None:
            if answer.status == 400 and not answer.codes() & _GONE:
                raise answer.invalid("does not remove a voice")

        path = f"/v1/voices/{quote(voice.id, safe='')}"
        self._client.ask(Request("DELETE", path, accepted=(400, 404)), read)


def _wav(samples: NDArray[np.float32], sample_rate_hz: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(sample_rate_hz)
        writer.writeframes((np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes())
    return file.getvalue()
