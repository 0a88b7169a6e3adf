"""Which voice speaks a row, and which one its translations. Every question is asked of an engine once."""

from collections.abc import Callable
from dataclasses import dataclass

from lipwright.errors import LanguageUnknown, LipwrightError
from lipwright.speech.speakers.base import Speaker
from lipwright.speech.speakers.cards import card_of
from lipwright.speech.speakers.voices import choose_voices
from lipwright.speech.tts.base import TextToSpeech, Voice, matches

_UNNAMED = "en-US"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a row, or its avatar, says of its voice."""

    tts: str | None
    voice: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Cast:
    """A voice and its engine."""

    tts: str
    voice: Voice
    language: str
    """BCP 47, of what is spoken."""


class Casting:
    """Finds voices, and remembers what it found or why it found none."""

    def __init__(self, engine: Callable[[str | None, str], TextToSpeech]) -> None:
        """
        Args:
            engine: from the name of an engine, or None for any, and of a voice, or empty for any.
        """
        self._engine = engine
        self._known: dict[tuple[object, ...], Cast | LipwrightError] = {}
        self._engines: dict[tuple[str | None, str], TextToSpeech] = {}

    def engine(self, tts: str | None, voice: str = "") -> TextToSpeech:
        """An engine, built once. Raises: ProviderError."""
        if (tts, voice) not in self._engines:
            self._engines[tts, voice] = self._engine(tts, voice)
        return self._engines[tts, voice]

    def cast(self, wish: Wish) -> Cast:
        """The voice that is wished for, or the default one.

        Raises: VoiceUnknown, LanguageUnknown, ProviderError.
        """
        return self._once((wish,), lambda: self._found(wish))

    def cast_translated(self, own: Cast, target: str) -> Cast:
        """The voice most like another one that speaks a language; of another engine where its own cannot.

        Raises: LanguageUnknown, ProviderError.
        """
        return self._once((own, target), lambda: self._alike(own, target))

    def _once(self, question: tuple[object, ...], answer: Callable[[], Cast]) -> Cast:
        if question not in self._known:
            try:
                self._known[question] = answer()
            except LipwrightError as exc:
                self._known[question] = exc
        known = self._known[question]
        if isinstance(known, LipwrightError):
            raise known
        return known

    def _found(self, wish: Wish) -> Cast:
        engine = self.engine(wish.tts, wish.voice)
        voice = (
            engine.find_voice(wish.voice, wish.language)
            if wish.voice
            else engine.default_voice(wish.language or _UNNAMED)
        )
        return Cast(engine.capability.name, voice, wish.language or voice.language)

    def _alike(self, own: Cast, target: str) -> Cast:
        engine = self.engine(own.tts)
        if not engine.supports(target):
            engine = self.engine(None)
        if not engine.supports(target):
            spoken = ", ".join(engine.capability.languages)
            raise LanguageUnknown(
                f"{target}: the engine {engine.capability.name} does not speak it. It speaks {spoken}. Name an engine"
                " behind a server, such as --tts elevenlabs or --tts openai, or leave the language out."
            )
        voices = {voice.id: voice for voice in engine.voices() if matches(target, voice.language)}
        if engine.capability.name == own.tts and own.voice.id in voices:
            return Cast(own.tts, own.voice, target)
        card = card_of(own.voice)
        speaker = Speaker(1, 1.0, card.embedding, card.pitch_hz, None)
        chosen = choose_voices([speaker], tuple(voices.values()), target).voices[1]
        return Cast(engine.capability.name, voices[chosen], target)
