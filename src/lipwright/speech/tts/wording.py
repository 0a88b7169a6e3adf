"""What a server is given to say for a written sentence, and when each word and phone of its answer is said."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Phoneme, Word
from lipwright.errors import ScriptUnsupported, TextEmpty, TranscriptMismatch
from lipwright.speech import alphabet, timing
from lipwright.speech.align import align
from lipwright.speech.g2p.base import Pronouncer
from lipwright.speech.g2p.registry import pronouncer_for
from lipwright.speech.lexicon import Lexicon
from lipwright.speech.normalise import normalise
from lipwright.speech.tokens import Token

Times = tuple[tuple[Phoneme, ...], tuple[Word, ...]]

_RULES: Final = {"en": "en-US", "es": "es", "fr": "fr", "it": "it", "pt": "pt-BR"}
"""Languages whose spelling tells their phones here, and the kind of each that does for all others."""
_PAUSING: Final = frozenset(".,;:!?…-–—\"'“”‘’«»()[]¿¡。、，！？")
"""Letters whose time is a silence."""
_SAME: Final = 0.8
"""The part of the letters that are those that were sent; servers write a quote or a dash otherwise."""
_VOWELS: Final = frozenset("AIOQWYᵊᵻaeiouyɑɐɒæɔəɚɛɜɪɨɯøœʊʌɤ")
_VOWEL, _LENGTH, _CONSONANT = 1.5, 0.75, 1.0
"""How long the sounds of a word are against each other."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One character of what a server was given, and when it is said."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Wording:
    """A sentence as it is written and as it is sent."""

    text: str
    language: str
    lexicon: Lexicon
    parts: tuple[str, ...]
    """What is sent for each stretch between spaces; empty where the one before says it, too."""

    @property
    def sent(self) -> str:
        return " ".join(part for part in self.parts if part)

    def timed_by_letters(self, letters: Sequence[Letter], end_s: float) -> Times:
        """Words by the times of their letters, phones spread within their words.

        Args:
            letters: of what was sent, in order; spaces do not matter, and a few others may be told differently.
            end_s: nothing is said behind it.
        Raises: ValueError: these are the letters of another text.
        """
        spans = self.spans(letters)
        tokens, symbols = self._pronounced()
        phones = [
            symbol
            for index, span in enumerate(spans)
            if span is not None and symbols[index]
            for symbol in _spread(symbols[index], index, *span)
        ]
        if phones:
            clipped = timing.clip_phones(timing.join_phones(phones), 0.0, end_s)
            return timing.to_phonemes(clipped), timing.to_words(tokens, clipped)
        whole = [timing.Symbol("", index, *span) for index, span in enumerate(spans) if span is not None]
        return (), timing.to_words(tokens, timing.clip_phones(whole, 0.0, end_s))

    def timed_by_sound(self, samples: NDArray[np.float32], sample_rate_hz: int) -> Times:
        """Words and phones as they are heard: English alone, and only if every word is heard; else nothing."""
        if self.language.split("-", maxsplit=1)[0].lower() != "en":
            return (), ()
        try:
            found = align([samples], sample_rate_hz, self.text, self.language, lexicon=self.lexicon)
        except (ScriptUnsupported, TextEmpty, TranscriptMismatch):
            return (), ()
        return ((), ()) if found.unfound else (found.phonemes, found.words)

    def spans(self, letters: Sequence[Letter]) -> list[tuple[float, float] | None]:
        """Start and end of each part; None for one that says nothing, or of whose letters none is told.

        Args:
            letters: as in `timed_by_letters`.
        Raises: ValueError: these are the letters of another text.
        """
        letters = [letter for letter in letters if not letter.text.isspace()]
        own = ["".join(part.split()) for part in self.parts]
        sent = "".join(own)
        matcher = SequenceMatcher(None, sent, [letter.text for letter in letters], autojunk=False)
        found = {
            block.a + i: letters[block.b + i] for block in matcher.get_matching_blocks() for i in range(block.size)
        }
        if len(found) < _SAME * max(len(sent), len(letters)):
            raise ValueError("the letters are those of another text")
        spans: list[tuple[float, float] | None] = []
        place = 0
        for part in own:
            told = [found[index] for index in range(place, place + len(part)) if index in found]
            place += len(part)
            said = [letter for letter in told if letter.text not in _PAUSING] or told
            spans.append((said[0].start_s, said[-1].end_s) if said else None)
        return spans

    def _pronounced(self) -> tuple[Sequence[Token], Sequence[str]]:
        """The stretches between spaces, and what the voices' alphabet writes for each; empty for other languages."""
        rules = _rules(self.language)
        if rules is not None:
            try:
                tokens = normalise(self.text, rules, self.lexicon)
            except ScriptUnsupported:
                pass  # a name in other letters: the server may know it, the rules do not
            else:
                return tokens, _pronouncer(rules).pronounce(tokens)
        found = [Token(match.group(), match.start(), match.end(), ()) for match in re.finditer(r"\S+", self.text)]
        return found, [""] * len(found)


def wording_of(text: str, language: str, lexicon: Lexicon | None) -> Wording:
    """Prepare a sentence: respellings of the lexicon take the place of their words.

    Raises: TextEmpty: it has no words.
    """
    if not any(letter.isalnum() for letter in text):
        raise TextEmpty(f"`{text.strip()[:40]}`: there is nothing to say in this text. Write at least one word.")
    known = lexicon or Lexicon()
    said = [(start, end, piece.text) for start, end, piece in known.find(text, language) if piece.ipa is None]
    parts: list[str] = []
    for match in re.finditer(r"\S+", text):
        place, part, goes_on = match.start(), "", False
        for start, end, respelled in said:
            if start < match.end() and end > match.start():
                goes_on |= start < match.start()
                part += text[place : max(start, place)] + (respelled if start >= match.start() else "")
                place = min(end, match.end())
        part += text[place : match.end()]
        if goes_on:
            parts[-1] += part
        parts.append("" if goes_on else part)
    return Wording(text, language, known, tuple(parts))


@functools.cache
def _pronouncer(rules: str) -> Pronouncer:
    """Loaded once: a dictionary takes a quarter of a second."""
    return pronouncer_for(rules)


def _rules(language: str) -> str | None:
    return "en-GB" if language.lower() == "en-gb" else _RULES.get(language.split("-", maxsplit=1)[0].lower())


def _spread(symbols: str, token: int, start_s: float, end_s: float) -> list[timing.Symbol]:
    """The symbols of one word, one behind the other from its start to its end."""
    weights = [_weight(symbol) for symbol in symbols]
    whole = sum(weights)
    if not whole:
        return []
    edges_s = start_s + (end_s - start_s) * np.cumsum([0.0, *weights]) / whole
    return [
        timing.Symbol(symbol, token, float(begin_s), float(stop_s))
        for symbol, begin_s, stop_s in zip(symbols, edges_s[:-1], edges_s[1:], strict=True)
        if symbol not in alphabet.PUNCTUATION and symbol != " "
    ]


def _weight(symbol: str) -> float:
    if symbol == "ː":
        return _LENGTH
    if not alphabet.is_phone(symbol):
        return 0.0
    return _VOWEL if symbol in _VOWELS else _CONSONANT
