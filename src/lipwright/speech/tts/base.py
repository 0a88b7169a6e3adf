"""What every engine that speaks promises, and what it says of itself."""

import difflib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum

from lipwright.contracts.speech import Speech
from lipwright.errors import LanguageUnknown, VoiceUnknown
from lipwright.speech.lexicon import Lexicon


class Gender(StrEnum):
    """How a voice sounds."""

    FEMALE = "female"
    MALE = "male"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice that a user can ask for."""

    id: str
    """Unique within its engine: `af_heart`."""
    language: str
    """BCP 47 tag of the language that it speaks: `en-US`."""
    gender: Gender
    engine: str
    """Name of the engine that speaks it: `kokoro`."""
    description: str
    """Gender and accent, for a person who chooses."""


@dataclass(frozen=True, slots=True)
class TtsCapability:
    """What an engine can do."""

    name: str
    """The name that settings and requests use: `kokoro`."""
    languages: tuple[str, ...]
    """BCP 47 tags of the languages that it speaks."""
    voice_count: int
    """How many voices are ready to use."""
    accepts_voice_files: bool
    """Whether a path to a voice of the user's own is accepted in place of a voice's id."""
    phoneme_timing_error_ms: float
    """Mean distance of word starts from a forced alignment of the sound, over its English voices at speed 1."""
    sample_rate_hz: int
    """Of every Speech that it returns."""
    streaming: bool
    """Whether sound arrives before a sentence is finished; sentences always stream one by one."""
    cost_unit: str
    """What use is counted in; `none` for an engine that costs nothing but time."""
    needs_gpu: bool
    """Whether it works only with a GPU."""
    code_licence: str
    """SPDX expression of the engine's code."""
    weights_licence: str
    """SPDX expression of the model and the voices."""


class TextToSpeech(ABC):
    """An engine that speaks one sentence at a time."""

    capability: TtsCapability

    @abstractmethod
    def voices(self) -> tuple[Voice, ...]:
        """All voices that are ready to use, the default of each language first. Loads nothing."""

    @abstractmethod
    def speak(
        self,
        text: str,
        voice: str,
        *,
        language: str | None = None,
        speed: float = 1.0,
        lexicon: Lexicon | None = None,
    ) -> Speech:
        """Speak one sentence.

        Args:
            text: one sentence as a reader sees it; numbers, money, abbreviations are spelled out here.
            voice: id of a voice, or a path where the engine accepts voice files.
            language: BCP 47 tag; the voice's own when None.
            speed: .5 to 2; 1 is the voice's own pace.
            lexicon: pronunciations that go before all others.
        Returns: sound that starts 60 ms behind the first sample and stops 60 ms before the last, at a set level,
            with its phonemes and words. The same call gives the same samples.
        Raises: VoiceUnknown, LanguageUnknown, ScriptUnsupported, TextEmpty; UsageError for a speed out of range;
            ProviderUnavailable when the engine's files are missing.
        """

    def supports(self, language: str) -> bool:
        """Whether the engine speaks a language: `en` is supported by a voice for `en-US`."""
        return any(matches(language, spoken) for spoken in self.capability.languages)

    def find_voice(self, voice: str, language: str | None = None) -> Voice:
        """The voice with an id.

        Raises:
            VoiceUnknown: no voice has the id; the message suggests the nearest ones.
            LanguageUnknown: the engine, or this voice, does not speak the language.
        """
        ready = self.voices()
        for candidate in ready:
            if candidate.id == voice:
                if language is not None and not matches(language, candidate.language):
                    self._check_language(language)
                    fitting = ", ".join(other.id for other in ready if matches(language, other.language))
                    raise LanguageUnknown(
                        f"{voice}: this voice speaks {candidate.language}, not {language}. Use one of: {fitting}."
                    )
                return candidate
        near = difflib.get_close_matches(voice.lower(), [candidate.id for candidate in ready], n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else "`lipwright voices` lists all voices."
        raise VoiceUnknown(f"{voice}: the engine {self.capability.name} has no such voice. {hint}")

    def default_voice(self, language: str) -> Voice:
        """The first voice of a language. Raises LanguageUnknown."""
        self._check_language(language)
        return next(voice for voice in self.voices() if matches(language, voice.language))

    def _check_language(self, language: str) -> None:
        if not self.supports(language):
            spoken = ", ".join(self.capability.languages)
            raise LanguageUnknown(
                f"{language}: the engine {self.capability.name} does not speak it. It speaks {spoken}."
            )


def matches(asked: str, spoken: str) -> bool:
    """Whether a voice for `spoken` serves a request for `asked`: equal, or one is the other without its region."""
    left, right = asked.lower().replace("_", "-").split("-"), spoken.lower().split("-")
    shared = min(len(left), len(right))
    return left[:shared] == right[:shared]
