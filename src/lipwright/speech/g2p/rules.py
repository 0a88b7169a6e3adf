"""Pronunciation by rules: what Spanish, Italian, French and Portuguese have in common.

The phonemes are those that the Kokoro voices were trained on: broad IPA with a stress mark in front of the stressed
vowel, closing diphthongs of Spanish, Italian and Portuguese as one symbol.
"""

import re
import unicodedata
from abc import abstractmethod
from collections.abc import Iterable, Sequence

from lipwright.speech import alphabet
from lipwright.speech.g2p.base import Pronouncer
from lipwright.speech.letters import fold
from lipwright.speech.tokens import Token

Rules = Sequence[tuple[re.Pattern[str], str]]
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*['’]?")
_SPLIT = re.compile(rf"({_WORD.pattern})|(\s+)|([^\w\s])")

_NASALS = str.maketrans({"ã": "a\u0303", "ẽ": "e\u0303", "ĩ": "i\u0303", "õ": "o\u0303", "ũ": "u\u0303"})
"""The alphabet holds the tilde as a symbol of its own."""


def compile_rules(rules: Iterable[tuple[str, str]]) -> Rules:
    """Ready a list of `spelling pattern, phonemes`; patterns may look around."""
    return tuple((re.compile(pattern), phonemes) for pattern, phonemes in rules)


def letters_of(rules: Rules) -> frozenset[str]:
    """Every letter that the rules name."""
    return frozenset(c for pattern, _ in rules for c in pattern.pattern if c.isalpha())


def apply_rules(word: str, rules: Rules) -> str:
    """Walk through a word; at each place the first rule that fits gives the phonemes. Other letters are silent."""
    out = []
    place = 0
    while place < len(word):
        for pattern, phonemes in rules:
            match = pattern.match(word, place)
            if match and match.end() > place:
                out.append(phonemes)
                place = match.end()
                break
        else:
            place += 1
    return "".join(out)


def mark_stress(phonemes: str, vowels: str, from_end: int) -> str:
    """Put the stress mark in front of the vowel that is `from_end` vowels from the end (1 is the last one)."""
    places = [i for i, symbol in enumerate(phonemes) if symbol in vowels]
    if not places:
        return phonemes
    place = places[max(len(places) - from_end, 0)]
    return f"{phonemes[:place]}ˈ{phonemes[place:]}"


class RuleBased(Pronouncer):
    """Words by rules, given pronunciations as they are, punctuation kept where the voices know it."""

    letters: frozenset[str]
    """Letters that the rules know; others are said as the plain ones that come nearest."""

    def pronounce(self, tokens: Sequence[Token]) -> tuple[str, ...]:
        said = [""] * len(tokens)
        phrase: list[tuple[int, str]] = []
        slots: list[tuple[int, str | None]] = []
        for i, token in enumerate(tokens):
            for piece in token.pieces:
                if piece.ipa is not None:
                    slots.append((i, alphabet.from_ipa(piece.ipa, english=False)))
                    continue
                for word, space, mark in _SPLIT.findall(unicodedata.normalize("NFC", piece.text)):
                    if word:
                        phrase.append((len(slots), fold(word.lower().replace("’", "'"), self.letters)))
                        slots.append((i, None))
                    elif space:
                        slots.append((i, " "))
                    elif mark in alphabet.PUNCTUATION:
                        slots.append((i, mark))
        heard = dict(zip((slot for slot, _ in phrase), self._phrases(phrase, slots), strict=True))
        for place, (i, fixed) in enumerate(slots):
            said[i] += heard[place] if fixed is None else fixed
        return tuple(text.strip().translate(_NASALS) for text in said)

    def _phrases(self, words: Sequence[tuple[int, str]], slots: Sequence[tuple[int, str | None]]) -> list[str]:
        """Say the words between two marks of punctuation together."""
        out: list[str] = []
        phrase: list[str] = []
        previous = -1
        for place, word in words:
            between = [fixed for _, fixed in slots[previous + 1 : place]]
            if phrase and any(fixed is not None and fixed != " " for fixed in between):
                out += self.say(phrase)
                phrase = []
            phrase.append(word)
            previous = place
        return out + (self.say(phrase) if phrase else [])

    @abstractmethod
    def say(self, words: Sequence[str]) -> list[str]:
        """The phonemes of each word of a phrase.

        Args:
            words: lower case, NFC, apostrophes straight; nothing but spaces stands between them.
        """
