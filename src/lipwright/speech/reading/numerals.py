"""Numbers as words, through the rules that Unicode keeps for every language (unicode-rbnf, MIT)."""

import functools
import re
from typing import Any

from lipwright.speech.reading.words import Noun, Words

LARGEST = 10**15
"""Longer numbers are read digit by digit."""
_PARTS = re.compile(r"^(\d+)(?:\.(\d+))?$")


@functools.cache
def _engine(language: str) -> Any:
    from unicode_rbnf import RbnfEngine

    return RbnfEngine.for_language(language)


@functools.cache
def _rulesets(language: str) -> frozenset[str]:
    return frozenset(name for name in _engine(language).rulesets)


class Numerals:
    """Numbers of one language."""

    def __init__(self, words: Words, language: str) -> None:
        """`language`: the full tag; British English says `and` behind hundreds."""
        self._words = words
        self._british = language == "en-GB"

    def cardinal(self, number: int, *, feminine: bool = False, counted: bool = False) -> str:
        """`twenty-one`; `counted` gives the form before a noun (veintiún), `feminine` the feminine one."""
        if number >= LARGEST:
            return self.digits(str(number))
        names = []
        if feminine:
            names.append("spellout-cardinal-feminine")
        elif counted:
            names.append("spellout-cardinal-masculine")
        if self._words.language == "it" and counted and not feminine and number != 1:
            names = []
        text = self._format(number, [*names, "spellout-numbering", "spellout-cardinal"])
        return _with_and(text) if self._british else text

    def ordinal(self, number: int, *, feminine: bool = False) -> str:
        """`twenty-first`."""
        gender = "feminine" if feminine else "masculine"
        return self._format(number, [f"spellout-ordinal-{gender}", "spellout-ordinal"])

    def year(self, number: int) -> str:
        """`nineteen oh-five` in English, a cardinal in the other languages."""
        if self._words.language == "en":
            text = self._format(number, ["spellout-numbering-year"])
            return _with_and(text) if self._british else text
        return self.cardinal(number)

    def digits(self, text: str) -> str:
        """Digit by digit."""
        return " ".join(self.cardinal(int(character)) for character in text if character.isdigit())

    def number(self, text: str, *, feminine: bool = False, counted: bool = False) -> str:
        """A number in plain digits with `.` before a fraction: `3.14`, `007`."""
        match = _PARTS.match(text)
        if match is None:
            raise ValueError(f"not a plain number: {text}")
        whole, fraction = match.groups()
        if len(whole) > 1 and whole[0] == "0" and fraction is None:
            return self.digits(whole)
        if fraction is None:
            return self.cardinal(int(whole), feminine=feminine, counted=counted)
        return f"{self.cardinal(int(whole))} {self._words.point} {self._fraction(fraction)}"

    def counted(self, text: str, noun: Noun, space: str = " ") -> str:
        """A number with its noun: `two meters`, with `space` between them."""
        name = noun.one if text == "1" or (self._words.language == "fr" and text == "0") else noun.many
        return f"{self.number(text, feminine=noun.feminine, counted=True)}{space}{name}"

    def _fraction(self, digits: str) -> str:
        """What stands behind the decimal mark: digits in English, a number of up to two digits elsewhere."""
        if self._words.language == "en" or len(digits) > 2 or digits[0] == "0":
            return self.digits(digits)
        return self.cardinal(int(digits))

    def _format(self, number: int, names: list[str]) -> str:
        engine = _engine(self._words.language)
        known = _rulesets(self._words.language)
        name = next(name for name in names if name in known)
        text: str = engine.format_number(number, ruleset_names=[name]).text
        return text.replace("\u00ad", "")


def _with_and(text: str) -> str:
    """British English: `one hundred and five`, `two thousand and five`."""
    text = re.sub(r"\bhundred (?!and\b|thousand|million|billion|trillion)", "hundred and ", text)
    return re.sub(r"\b(thousand|million|billion) (?=[a-z-]+$)(?!hundred)", r"\1 and ", text)
