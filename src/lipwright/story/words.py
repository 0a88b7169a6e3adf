"""The words of a scene's text, counted as directions count them, and where sentences end among them."""

import re
from dataclasses import dataclass
from typing import Final

from lipwright.speech.script import split_sentences

PAUSE: Final = re.compile(r"\[\s*pause\b[^\]\n]*\]", re.IGNORECASE)
"""A mark for the voice: never a word."""
_UNSPACED: Final = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Japanese, Chinese
)
_WORD: Final = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")
_IS_UNSPACED: Final = re.compile(rf"[{_UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word in a text."""

    start: int
    """Of its first character in the text."""
    end: int
    letters: int
    """Letters and digits in it, never 0."""


def tokens_of(text: str) -> list[Token]:
    """The words of a text in order: what stands between spaces, and each letter of a script that writes none.

    Marks alone, such as a dash, are no words, and pauses are none.
    """
    hidden = PAUSE.sub(lambda mark: " " * len(mark[0]), text)
    found: list[Token] = []
    for match in _WORD.finditer(hidden):
        if letters := sum(character.isalnum() for character in match[0]):
            found.append(Token(match.start(), match.end(), letters))
    return found


def is_unspaced(character: str) -> bool:
    """Whether a character is of a script that writes no spaces between words."""
    return _IS_UNSPACED.match(character) is not None


def sentence_ends(text: str) -> list[int]:
    """Where each sentence of a text ends: the number of words up to there; rises, and ends with all of them."""
    starts = [token.start for token in tokens_of(text)]
    ends: list[int] = []
    for _, end in sentence_spans(text):
        count = sum(start < end for start in starts)
        if count > (ends[-1] if ends else 0):
            ends.append(count)
    return ends


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends in a text; together with the spaces between them, they are the text.

    A pause belongs to the sentence before it, or begins the text.
    """
    spans: list[tuple[int, int]] = []
    for line in re.finditer(r"[^\n]+", text):
        hidden = PAUSE.sub(lambda mark: " " * len(mark[0]), line[0])
        place = 0
        for sentence in split_sentences(hidden):
            begin = hidden.index(sentence, place)
            place = begin + len(sentence)
            spans.append((line.start() + begin, line.start() + place))
    closed: list[tuple[int, int]] = []
    for number, (begin, _) in enumerate(spans):
        after = spans[number + 1][0] if number + 1 < len(spans) else len(text)
        first = begin if number else 0
        closed.append((first, len(text[:after].rstrip())))
    return closed
