"""Words by which pictures are found: those of a list, of file names and of folders."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")
_NEAR: Final = 5


def words_of(text: str) -> frozenset[str]:
    """The words of a tag or a name, without case and accents, in the singular as far as an `s` at the end tells it.

    `Café_Cities 02` has `cafe`, `city` and `02`.
    """
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return frozenset(_singular(word) for word in _WORD.findall(plain.casefold()))


def near_tags(wanted: Iterable[str], known: Iterable[str]) -> list[str]:
    """Known tags that look like the wanted ones, nearest first."""
    every = sorted(set(known))
    found = [near for tag in wanted for near in get_close_matches(tag.casefold(), every, n=_NEAR, cutoff=0.6)]
    return list(dict.fromkeys(found))[:_NEAR]


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
