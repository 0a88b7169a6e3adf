"""Voice models that take phonemes and also tell how long each one lasts: what Kokoro and Hibari have in common."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Speech
from lipwright.errors import TextEmpty, UsageError
from lipwright.speech import alphabet, timing
from lipwright.speech.finish import LEAD_S, TAIL_S, finish
from lipwright.speech.g2p.base import Pronouncer
from lipwright.speech.g2p.registry import pronouncer_for
from lipwright.speech.lexicon import Lexicon
from lipwright.speech.normalise import normalise
from lipwright.speech.tts.base import TextToSpeech, Voice

SAMPLE_RATE_HZ = 24_000
CLAUSE_PAUSE_S = 0.14
"""From sound to sound where one long sentence was said in parts."""
SLOWEST, FASTEST = 0.5, 2.0
_CLAUSE_ENDS = ";:,.!?—…)"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of phonemes that the model says at once."""

    symbols: str
    tokens: tuple[int, ...]
    """The token that each symbol belongs to."""


def split_parts(spoken: Sequence[str], longest: int) -> list[Part]:
    """Join the phonemes of the tokens with spaces, and cut where more than `longest` symbols would come together.

    The cut is behind the last clause end that fits, else behind the last token that fits.
    """
    parts: list[Part] = []
    symbols: list[tuple[str, int]] = []
    for i, text in enumerate(spoken):
        if not text:
            continue
        if symbols and len(symbols) + 1 + len(text) > longest:
            cut = _clause_end(symbols)
            parts.append(_part(symbols[:cut]))
            symbols = symbols[cut:]
        if symbols:
            symbols.append((" ", i))
        symbols += [(symbol, i) for symbol in text]
        while len(symbols) > longest:
            parts.append(_part(symbols[:longest]))
            symbols = symbols[longest:]
    parts.append(_part(symbols))
    return [part for part in parts if any(alphabet.is_phone(symbol) for symbol in part.symbols)]


def _clause_end(symbols: Sequence[tuple[str, int]]) -> int:
    """Index behind the last clause end of the second half, or the whole length."""
    for i in range(len(symbols) - 1, len(symbols) // 3, -1):
        if symbols[i][0] == " " and symbols[i - 1][0] in _CLAUSE_ENDS:
            return i
    return len(symbols)


def _part(symbols: Sequence[tuple[str, int]]) -> Part:
    start = 1 if symbols and symbols[0][0] == " " else 0
    return Part("".join(symbol for symbol, _ in symbols[start:]), tuple(token for _, token in symbols[start:]))


class DurationModel(TextToSpeech):
    """A voice model with phonemes in and sound with phoneme durations out."""

    longest_part: int
    """Symbols that the model says at once at most."""

    def __init__(self) -> None:
        self._pronouncers: dict[str, Pronouncer] = {}

    @abstractmethod
    def _synthesise(self, symbols: str, voice: Voice, speed: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Sound at 24 kHz (n,), and frames of 25 ms for pad, symbols, pad (len(symbols) + 2,)."""

    def speak(
        self,
        text: str,
        voice: str,
        *,
        language: str | None = None,
        speed: float = 1.0,
        lexicon: Lexicon | None = None,
    ) -> Speech:
        if not SLOWEST <= speed <= FASTEST:
            raise UsageError(
                f"speed {speed:g}: out of range. Use a speed from {SLOWEST:g} (slow) to {FASTEST:g} (fast)."
            )
        speaker = self.find_voice(voice, language)
        tokens = normalise(text, speaker.language, lexicon)
        spoken = self._pronouncer(speaker.language).pronounce(tokens)
        parts = split_parts(spoken, self.longest_part)
        if not parts:
            raise TextEmpty(f"`{text.strip()[:40]}`: there is nothing to say in this text. Write at least one word.")
        sounds, phones, clock_s = [], list[timing.Symbol](), 0.0
        for i, part in enumerate(parts):
            if i:
                gap = round((CLAUSE_PAUSE_S - LEAD_S - TAIL_S) * SAMPLE_RATE_HZ)
                sounds.append(np.zeros(gap, np.float32))
                clock_s += gap / SAMPLE_RATE_HZ
            samples, own = self._say(part, speaker, speed)
            phones += [timing.Symbol(p.text, p.token, p.start_s + clock_s, p.end_s + clock_s) for p in own]
            sounds.append(samples)
            clock_s += len(samples) / SAMPLE_RATE_HZ
        return Speech(
            text=text,
            language=speaker.language,
            samples=np.concatenate(sounds),
            sample_rate_hz=SAMPLE_RATE_HZ,
            phonemes=timing.to_phonemes(phones),
            words=timing.to_words(tokens, phones),
        )

    def _say(self, part: Part, voice: Voice, speed: float) -> tuple[NDArray[np.float32], list[timing.Symbol]]:
        """One part, finished, with its phones timed from its own first sample."""
        raw, durations = self._synthesise(part.symbols, voice, speed)
        finished = finish(raw, SAMPLE_RATE_HZ)
        symbols = [
            timing.Symbol(s.text, s.token, s.start_s - finished.removed_s, s.end_s - finished.removed_s)
            for s in timing.time_symbols(part.symbols, part.tokens, durations)
        ]
        last_sound_s = len(finished.samples) / SAMPLE_RATE_HZ - TAIL_S
        return finished.samples, timing.clip_phones(timing.join_phones(symbols), 0.0, last_sound_s)

    def _pronouncer(self, language: str) -> Pronouncer:
        if language not in self._pronouncers:
            self._pronouncers[language] = pronouncer_for(language)
        return self._pronouncers[language]
