"""Long words cut at places where a speaker would take them apart."""

import re

_CASE_CHANGE = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_SYLLABLE = re.compile(r"(?=(?:[cpst]h|[bcdfgjklmnpqrstvwxz]|(?<![bcdgkprstw])h)[aeiouy])", re.IGNORECASE)
_REACH = 4
"""How many letters a cut may move to come before a syllable."""


def split_word(word: str, longest: int) -> list[str]:
    """Cut a word into pieces of at most `longest` letters: at capitals inside, else about evenly before syllables.

    A word that is short enough stays whole. Joining the pieces gives the word.
    """
    if len(word) <= longest:
        return [word]
    parts = _CASE_CHANGE.split(word)
    if len(parts) > 1:
        return [piece for part in parts for piece in split_word(part, longest)]
    count = -(-len(word) // max(longest - _REACH, 1))
    ideal = round(len(word) / count)
    places = [match.start() for match in _SYLLABLE.finditer(word) if abs(match.start() - ideal) <= _REACH]
    cut = min(places, key=lambda place: abs(place - ideal), default=ideal)
    cut = min(max(cut, 1), longest)
    return [word[:cut], *split_word(word[cut:], longest)]
