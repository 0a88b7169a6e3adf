"""Voices behind OpenAI's speech API, at OpenAI or at any server that answers as it does."""

from dataclasses import replace
from typing import Any, Final

from pydantic import SecretStr

from lipwright.remote.answer import Answer
from lipwright.remote.client import Request
from lipwright.speech.openai import NO_KEY, TIMEOUT_S, URL, openai_client
from lipwright.speech.tts.base import MANY, Gender, TtsCapability, Voice
from lipwright.speech.tts.received import SAMPLE_RATE_HZ, NoSpeech, check_speech, decode
from lipwright.speech.tts.served import Said, ServedTts
from lipwright.speech.tts.wording import Wording

MODEL: Final = "gpt-4o-mini-tts"
VOICES: Final = "alloy,ash,ballad,coral,echo,fable,nova,onyx,sage,shimmer,verse,marin,cedar"
_FEMALE: Final = frozenset({"coral", "marin", "nova", "sage", "shimmer"})
_MALE: Final = frozenset({"ash", "ballad", "cedar", "echo", "onyx", "verse"})
"""How OpenAI's voices sound; OpenAI itself does not say."""
_LANGUAGES: Final = (
    *("en", "af", "ar", "az", "be", "bg", "bs", "ca", "cs", "cy", "da", "de", "el", "es", "et", "fa", "fi", "fil"),
    *("fr", "gl", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "kk", "kn", "ko", "lt", "lv", "mi", "mk"),
    *("mr", "ms", "nb", "ne", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "sw", "ta", "th", "tl"),
    *("tr", "uk", "ur", "vi", "zh"),
)
"""As OpenAI's guide to its voices says."""


class OpenAiTts(ServedTts):
    """OpenAI's voices, or those of a server that answers as OpenAI does.

    Each voice speaks every language. English words and phones are timed by the sound; of other languages none are told.

    Licence: code Apache-2.0, as Lipwright; the model is the server's, under its terms.
    """

    def __init__(
        self,
        *,
        openai_url: str = URL,
        openai_key: SecretStr = NO_KEY,
        openai_tts_model: str = MODEL,
        openai_tts_voices: str = VOICES,
        remote_timeout_s: float = TIMEOUT_S,
        remote_requests_per_minute: int = 0,
    ) -> None:
        """
        Args:
            openai_tts_voices: ids separated by commas, the default first.
            remote_timeout_s: for one answer.
            remote_requests_per_minute: 0 sets no limit.
        """
        super().__init__(openai_client(openai_url, openai_key, remote_timeout_s, remote_requests_per_minute))
        self._name = openai_tts_model
        self._voices = tuple(_voice(name.strip()) for name in openai_tts_voices.split(",") if name.strip())
        self.capability = replace(_CAPABILITY, voice_count=len(self._voices))

    def voices(self) -> tuple[Voice, ...]:
        return self._voices

    def _fetch(self, wording: Wording, voice: Voice, speed: float) -> Said:
        asked: dict[str, Any] = {
            "model": self._name,
            "input": wording.sent,
            "voice": voice.id,
            "response_format": "wav",
        }
        if speed != 1.0:
            asked["speed"] = speed
        if self._name.startswith("gpt-"):
            asked["instructions"] = f"Speak {voice.language} (BCP 47), as people do whose first language it is."

        def read(answer: Answer) -> Said:
            self.cost.add("characters", len(wording.sent))
            try:
                samples = decode(answer.sound())
                check_speech(samples, wording.sent, speed)
            except NoSpeech as exc:
                raise answer.invalid(str(exc)) from exc
            return Said(samples, None)

        return self._client.ask(Request("POST", "/audio/speech", json=asked), read)

    def _model(self) -> str:
        return self._name


def _voice(name: str) -> Voice:
    gender = Gender.FEMALE if name in _FEMALE else Gender.MALE if name in _MALE else Gender.NEUTRAL
    return Voice(name, MANY, gender, "openai", f"{gender}, {len(_LANGUAGES)} languages")


_CAPABILITY: Final = TtsCapability(
    name="openai",
    languages=_LANGUAGES,
    voice_count=0,
    accepts_voice_files=False,
    phoneme_timing_error_ms=None,
    sample_rate_hz=SAMPLE_RATE_HZ,
    streaming=False,
    cost_unit="characters",
    needs_gpu=False,
    code_licence="Apache-2.0",
    weights_licence="LicenseRef-Terms-Of-The-Server",
)
