"""ElevenLabs' voices, those of the user's account, with the times of what they say."""

import base64
import binascii
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

import numpy as np
from pydantic import BaseModel, Field, FiniteFloat, SecretStr

from lipwright.errors import VoiceUnknown
from lipwright.remote.answer import Answer
from lipwright.remote.client import Request
from lipwright.speech.elevenlabs import (
    MODEL,
    NO_KEY,
    TIMEOUT_S,
    URL,
    elevenlabs_client,
    is_told_its_language,
    languages_of,
)
from lipwright.speech.tts.base import MANY, Gender, TtsCapability, Voice
from lipwright.speech.tts.received import SAMPLE_RATE_HZ, NoSpeech, check_speech
from lipwright.speech.tts.served import Said, ServedTts
from lipwright.speech.tts.wording import Letter, Wording

_FORMAT: Final = f"pcm_{SAMPLE_RATE_HZ}"
_SLACK_S: Final = 0.5
"""Letters may end as much behind the sound."""


class _Alignment(BaseModel):
    characters: list[str]
    character_start_times_seconds: list[FiniteFloat]
    character_end_times_seconds: list[FiniteFloat]

    def letters(self) -> tuple[Letter, ...]:
        """Raises ValueError: the lists are not equally long."""
        return tuple(
            Letter(*told)
            for told in zip(
                self.characters,
                self.character_start_times_seconds,
                self.character_end_times_seconds,
                strict=True,
            )
        )


class _Spoken(BaseModel):
    """https://elevenlabs.io/docs/api-reference/text-to-speech/convert-with-timestamps"""

    audio_base64: str
    alignment: _Alignment | None = None


class _Listed(BaseModel):
    voice_id: str
    name: str
    category: str | None = None
    labels: dict[str, str | None] | None = None


class _Voices(BaseModel):
    """https://elevenlabs.io/docs/api-reference/voices/get-all"""

    voices: list[_Listed] = Field(default_factory=list)


class ElevenLabs(ServedTts):
    """The voices of an account at ElevenLabs, found by their ids or by their names.

    Words have the times of their letters, which the server tells; phones are spread within them for languages that
    Lipwright can read. The list of voices is asked for once, and again for a voice that is not in it.

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
        super().__init__(
            elevenlabs_client(elevenlabs_url, elevenlabs_key, remote_timeout_s, remote_requests_per_minute)
        )
        self._name = elevenlabs_model
        self.capability = replace(_CAPABILITY, languages=languages_of(elevenlabs_model))
        self._listed: dict[str, Voice] = {}
        """By id; in the order of the server."""
        self._names: dict[str, str] = {}
        """Id of each name, in lower case."""

    def voices(self) -> tuple[Voice, ...]:
        if not self._listed:
            self._list()
        return tuple(self._listed.values())

    def find_voice(self, voice: str, language: str | None = None) -> Voice:
        """A voice by its id, or by its name as the account lists it: `Rachel`."""
        if voice not in self._listed and voice.lower() not in self._names:
            self._list()
        return super().find_voice(voice if voice in self._listed else self._names.get(voice.lower(), voice), language)

    def default_voice(self, language: str) -> Voice:
        """The first voice of the account. Raises LanguageUnknown, VoiceUnknown: it has none."""
        self._check_language(language)
        if not self.voices():
            raise VoiceUnknown("elevenlabs: the account has no voices. Add one to it at ElevenLabs.")
        return super().default_voice(language)

    def _list(self) -> None:
        found = self._client.ask(Request("GET", "/v1/voices"), lambda answer: answer.parsed(_Voices))
        self._listed = {listed.voice_id: _voice(listed) for listed in found.voices}
        self._names = {listed.name.lower(): listed.voice_id for listed in reversed(found.voices)}

    def _fetch(self, wording: Wording, voice: Voice, speed: float) -> Said:
        asked: dict[str, Any] = {"text": wording.sent, "model_id": self._name}
        if speed != 1.0:
            asked["voice_settings"] = {"speed": speed}
        if is_told_its_language(self._name):
            asked["language_code"] = voice.language.split("-", maxsplit=1)[0]

        def read(answer: Answer) -> Said:
            self.cost.add("characters", len(wording.sent))
            spoken = answer.parsed(_Spoken)
            try:
                return _said(spoken, wording, speed)
            except (ValueError, binascii.Error) as exc:
                raise answer.invalid(str(exc) if isinstance(exc, NoSpeech) else f"sends broken speech ({exc})") from exc

        path = f"/v1/text-to-speech/{quote(voice.id, safe='')}/with-timestamps"
        return self._client.ask(Request("POST", path, query={"output_format": _FORMAT}, json=asked), read)

    def _model(self) -> str:
        return self._name


def _said(spoken: _Spoken, wording: Wording, speed: float) -> Said:
    """The sound and its letters. Raises ValueError: they cannot be what was asked for."""
    content = base64.b64decode(spoken.audio_base64, validate=True)
    samples = np.frombuffer(content, "<i2").astype(np.float32) / np.float32(32768)
    check_speech(samples, wording.sent, speed)
    letters = spoken.alignment.letters() if spoken.alignment is not None else None
    if letters is not None:
        wording.spans(letters)
        if max(letter.end_s for letter in letters) > len(samples) / SAMPLE_RATE_HZ + _SLACK_S:
            raise NoSpeech("sends speech that is cut short")
    return Said(samples, letters)


def _voice(listed: _Listed) -> Voice:
    labels = listed.labels or {}
    told = (labels.get("gender") or "").lower()
    gender = Gender(told) if told in set(Gender) else Gender.NEUTRAL
    about = ", ".join(part for part in (listed.name, gender, labels.get("accent"), listed.category) if part)
    return Voice(listed.voice_id, MANY, gender, "elevenlabs", about)


_CAPABILITY: Final = TtsCapability(
    name="elevenlabs",
    languages=(),
    voice_count=0,
    accepts_voice_files=False,
    phoneme_timing_error_ms=None,
    sample_rate_hz=SAMPLE_RATE_HZ,
    streaming=False,
    cost_unit="characters",
    needs_gpu=False,
    code_licence="Apache-2.0",
    weights_licence="LicenseRef-Terms-Of-The-Server",
    speeds=(0.7, 1.2),
)
