"""Which words of a text are wrong: as recognised words are compared with those that were said."""

import re
from typing import NamedTuple


class WordErrors(NamedTuple):
    """What it takes to make one text of another."""

    words: int
    """Of the true text."""
    wrong: tuple[str, ...]
    """`true > heard`, with `-` for a word that is missing or was put in."""

    @property
    def share(self) -> float:
        """Wrong words by words of the true text."""
        return len(self.wrong) / max(self.words, 1)


def word_errors(true: str, heard: str, language: str) -> WordErrors:
    """Compare two texts word by word: case and punctuation do not count, numbers are those that are spoken.

    Args:
        language: BCP 47 tag of both.
    """
    wanted, found = _words(true, language), _words(heard, language)
    return WordErrors(len(wanted), _differences(wanted, found))


def _words(text: str, language: str) -> list[str]:
    from lipwright.speech.normalise import normalise

    if not text.strip():
        return []
    spoken = " ".join(token.spoken for token in normalise(text, language))
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", spoken.casefold())


def _differences(wanted: list[str], found: list[str]) -> tuple[str, ...]:
    """The fewest words to be put in, left out or changed (Levenshtein)."""
    rows = [list(range(len(found) + 1))]
    for number, word in enumerate(wanted, 1):
        row = [number]
        for at, other in enumerate(found, 1):
            row.append(min(row[-1] + 1, rows[-1][at] + 1, rows[-1][at - 1] + (word != other)))
        rows.append(row)
    wrong: list[str] = []
    number, at = len(wanted), len(found)
    while number or at:
        here = rows[number][at]
        if number and at and wanted[number - 1] == found[at - 1]:
            number, at = number - 1, at - 1
        elif number and here == rows[number - 1][at] + 1:
            number -= 1
            wrong.append(f"{wanted[number]} > -")
        elif at and here == rows[number][at - 1] + 1:
            at -= 1
            wrong.append(f"- > {found[at]}")
        else:
            number, at = number - 1, at - 1
            wrong.append(f"{wanted[number]} > {found[at]}")
    return tuple(reversed(wrong))
