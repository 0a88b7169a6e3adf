"""What an engine is given: plain text; and what needs no engine: sounds, numbers, descriptions of noises."""

import re
import unicodedata
from typing import Final

from lipwright.speech.translate.figures import rewritten

_MARKUP: Final = re.compile(r"</?[A-Za-z][^<>]*>|\{\\[^{}]*\}|\u200b|\ufeff|\u00ad")
_NOTES: Final = frozenset("♪♫♬°©®™\n\t ")
_PICTURES: Final = frozenset({"So", "Sk", "Cc", "Cf", "Co", "Cn", "Cs"})
_NOISE: Final = re.compile(r"[\s♪♫♬*]*(?:\[[^\]]*\]|\([^)]*\)|\*[^*]+\*|[♪♫♬][^♪♫♬]*[♪♫♬]?)[\s.♪♫♬*]*", re.DOTALL)
_SOUND: Final = re.compile(
    r"(?:(?:h+m+|m+|m+-?h+m+|u+h+|u+h+-?h+u+h+|u+h*m+|a+h+|o+h+|e+h+|e+r+m*|(?:ha)+h?|(?:he)+h?|sh+|psst|brr+"
    r"|la(?: la)*)[\s,.!?…-]*)+",
    re.IGNORECASE,
)
_INSIDE: Final = re.compile(r"(^[\s♪♫♬*\[(]*)(.*?)([\s.♪♫♬*\])]*$)", re.DOTALL)


def plain(text: str) -> str:
    """One line without the marks of subtitle files, emoji and control characters."""
    text = "".join(
        character
        for character in _MARKUP.sub(" ", text)
        if character in _NOTES or unicodedata.category(character) not in _PICTURES
    )
    return " ".join(text.split())


def is_noise(text: str) -> bool:
    """Whether a line describes a sound, such as `[Music]` or `(laughs)`, and nobody says it."""
    return _NOISE.fullmatch(text.strip()) is not None


def unwrapped(text: str) -> tuple[str, str, str]:
    """The description of a sound in three parts: what opens it, its words, what closes it."""
    match = _INSIDE.fullmatch(text.strip())
    assert match is not None  # noqa: S101  # every text has three parts, some of them empty
    return match[1], match[2], match[3]


def needs_no_engine(text: str) -> bool:
    """Whether a text is the same in every language but for the way in which figures are written."""
    return not any(character.isalpha() for character in text) or _SOUND.fullmatch(text.strip()) is not None


def without_engine(text: str, source: str, target: str) -> str:
    """The translation of what needs no engine."""
    return rewritten(text, source, target)
