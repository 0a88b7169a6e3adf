"""What every engine that speaks promises, and what it says of itself."""

import difflib
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from lipwright import __version__
from lipwright.contracts.speech import Speech
from lipwright.errors import LanguageUnknown, VoiceUnknown
from lipwright.speech.lexicon import Lexicon

MANY: Final = "mul"
"""The language of a voice that speaks all of its engine's languages (ISO 639-2)."""
_UNNAMED: Final = "en-US"
"""What such a voice speaks when no language is named."""


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
    """BCP 47 tag of the language that it speaks: `en-US`; `mul` for all of its engine's."""
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
    """How many voices are ready to use; 0 where a server is asked for them."""
    accepts_voice_files: bool
    """Whether a path to a voice of the user's own is accepted in place of a voice's id."""
    phoneme_timing_error_ms: float | None
    """Mean distance of word starts from a forced alignment of the sound, over its English voices at speed 1; None where
    nobody has measured it."""
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
    speeds: tuple[float, float] = (0.5, 2.0)
    """Slowest and fastest; 1 is a voice's own pace."""


class TextToSpeech(ABC):
    """An engine that speaks one sentence at a time."""

    capability: TtsCapability

    @abstractmethod
    def voices(self) -> tuple[Voice, ...]:
        """All voices that are ready to use, the default of each language first. Loads no model.

        Raises: ProviderError: the server that knows them does not tell.
        """

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
            language: BCP 47 tag; the voice's own when None, American English where it speaks many.
            speed: within the engine's speeds; 1 is the voice's own pace.
            lexicon: pronunciations that go before all others; engines behind a server take respellings alone.
        Returns: sound that starts 60 ms behind the first sample and stops 60 ms before the last, at a set level,
            with its phonemes and words. The same call gives the same samples, unless a server gives them.
        Raises: VoiceUnknown, LanguageUnknown, ScriptUnsupported, TextEmpty; UsageError for a speed out of range;
            ProviderUnavailable when the engine's files are missing; other ProviderErrors of a server.
        """

    def identity(self) -> str:
        """What sound depends on beside what `speak` is told: the engine, its version, its model. A key of the store."""
        return f"{self.capability.name} in {__version__}"

    def castable(self, language: str) -> tuple[Voice, ...]:
        """Voices from which one can be chosen for each of several people: those that `voices` lists for a language, the
        default first, and what the engine can make of its others.
        """
        return tuple(voice for voice in self.voices() if matches(language, voice.language))

    def variant(self, voice: str, take: int) -> str:
        """A voice that says everything in another way, for another take; the voice itself where the engine has none.

        Args:
            voice: id of a voice of the engine, or a path.
            take: from 1.
        """
        return voice

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
                if candidate.language == MANY:
                    return self._told(candidate, language)
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
        return self._told(next(voice for voice in self.voices() if matches(language, voice.language)), language)

    def _told(self, voice: Voice, language: str | None) -> Voice:
        """A voice with the one language that it is to speak."""
        if voice.language != MANY:
            return voice
        spoken = language or _UNNAMED
        self._check_language(spoken)
        return replace(voice, language=spoken)

    def _check_language(self, language: str) -> None:
        if not self.supports(language):
            spoken = ", ".join(self.capability.languages)
            raise LanguageUnknown(
                f"{language}: the engine {self.capability.name} does not speak it. It speaks {spoken}."
            )


def matches(asked: str, spoken: str) -> bool:
    """Whether a voice for `spoken` serves a request for `asked`: equal, or one is the other without its region.

    A voice of many languages serves every request; whether its engine does is told by `supports`.
    """
    if spoken == MANY:
        return True
    left, right = asked.lower().replace("_", "-").split("-"), spoken.lower().split("-")
    shared = min(len(left), len(right))
    return left[:shared] == right[:shared]
