"""Latin letters of every language, written with the letters that all voices know."""

import re
import unicodedata

_NAME = re.compile(r"LATIN (?:SMALL|CAPITAL) (?:LETTER|LIGATURE) ([A-Z]{1,3})(?: WITH .+)?$")
_NAMED_OTHERWISE = {"ß": "ss", "ẞ": "SS", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ŋ": "ng", "Ŋ": "Ng", "ı": "i",
                    "ſ": "s", "ə": "e", "Ə": "E", "ª": "a", "º": "o", "ŉ": "n"}  # fmt: skip


def plain_letters(letter: str) -> str | None:
    """The letters from a to z that come nearest: `Å` is `A`, `ł` is `l`, `ﬁ` is `fi`; None for a letter without any."""
    if letter.isascii() or letter in _NAMED_OTHERWISE:
        return _NAMED_OTHERWISE.get(letter, letter)
    named = _NAME.match(unicodedata.name(letter, ""))
    if named is None or named.group(1) in ("ETH", "ENG", "ESH", "EZH", "TAU", "PHI", "CHI"):
        return None
    return named.group(1) if letter.isupper() else named.group(1).lower()


def fold(word: str, known: frozenset[str]) -> str:
    """A word with every letter that is not `known` written plainly; a letter without any plain one stays."""
    return "".join(c if c in known or not c.isalpha() else plain_letters(c) or c for c in word)
