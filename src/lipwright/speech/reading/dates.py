"""How dates are read."""

import re
from collections.abc import Callable, Iterator

from lipwright.speech.reading.hints import plural
from lipwright.speech.reading.numerals import Numerals
from lipwright.speech.reading.rule import SHARE, Reading, Rule, alternatives
from lipwright.speech.reading.words import Words


class Dates:
    """The rules for dates of one language."""

    def __init__(self, words: Words, language: str) -> None:
        """`language`: the full tag; British English puts the day first."""
        self._words = words
        self._british = language == "en-GB"
        self._day_first = words.day_first or self._british
        self._numerals = Numerals(words, language)

    def rules(self) -> Iterator[Rule]:
        """Every rule, the most particular first."""
        words = self._words
        yield Rule(
            re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])"),
            lambda m: self._date(m.group(1), int(m.group(2)), int(m.group(3))),
        )

        def numeric(match: re.Match[str]) -> Reading:
            first, second, year = int(match.group(1)), int(match.group(2)), match.group(3)
            if len(year) == 2:
                year = ("19" if int(year) > 50 else "20") + year
            day, month = (first, second) if self._day_first else (second, first)
            if month > 12:
                day, month = month, day
            return self._date(year, month, day)

        yield Rule(re.compile(r"(?<![\d/.])(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})(?![\d/]|\.\d)"), numeric)
        names = alternatives((*words.months, *(name + "." for name in words.month_abbreviations)))
        short = {name.lower(): words.months[i] for i, name in enumerate(words.month_abbreviations)}

        def month_name(text: str) -> str:
            return short.get(text.lower().rstrip("."), text)

        if words.language == "en":
            plain = rf"{names}|{alternatives(words.month_abbreviations)}"
            yield Rule(
                re.compile(rf"\b({plain}) (\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.,]\d|\d|%)(?:(,?) (\d{{4}})(?!\d))?"),
                self._english_month_day(month_name),
            )
            yield Rule(
                re.compile(rf"\b([Tt]he )?(\d{{1,2}})(?:st|nd|rd|th)? (of )?({plain})(?!\w)(?:(,?) (\d{{4}})(?!\d))?"),
                self._english_day_month(month_name),
            )
            yield Rule(re.compile(r"(?<![\w.,])(\d{1,3}0)s(?!\w)"), lambda m: plural(self._numerals.year(int(m[1]))))
            return

        def day_month(match: re.Match[str]) -> Reading:
            day = int(match.group(1))
            if not 1 <= day <= 31:
                return None
            first = day == 1 and words.language != "pt"
            said = self._numerals.ordinal(1) if first or match.group(2) else self._numerals.cardinal(day)
            return f"{said}{match.group(3).replace(' ', SHARE)}{month_name(match.group(4))}"

        yield Rule(re.compile(rf"\b(\d{{1,2}})(er|º|°)?( (?:de )?)({names})(?!\w)", re.IGNORECASE), day_month)

    def _date(self, year: str | None, month: int, day: int) -> Reading:
        words, numerals = self._words, self._numerals
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        name = words.months[month - 1]
        if words.language == "en":
            said = f"{name} {numerals.ordinal(day)}"
            if self._british:
                said = f"the {numerals.ordinal(day)} of {name}"
                return f"{said} {numerals.year(int(year))}" if year else said
            return f"{said}, {numerals.year(int(year))}" if year else said
        said_day = numerals.ordinal(1) if day == 1 and words.language != "pt" else numerals.cardinal(day)
        joiner = " de " if words.of == "de" and words.language != "fr" else " "
        said = f"{said_day}{joiner}{name}"
        return f"{said}{joiner}{numerals.year(int(year))}" if year else said

    def _english_month_day(self, month_name: Callable[[str], str]) -> Callable[[re.Match[str]], Reading]:
        def read(match: re.Match[str]) -> Reading:
            day = int(match.group(2))
            if not 1 <= day <= 31:
                return None
            said = f"{month_name(match.group(1))}{SHARE}{self._numerals.ordinal(day)}"
            return (
                f"{said}{match.group(3)}{SHARE}{self._numerals.year(int(match.group(4)))}" if match.group(4) else said
            )

        return read

    def _english_day_month(self, month_name: Callable[[str], str]) -> Callable[[re.Match[str]], Reading]:
        def read(match: re.Match[str]) -> Reading:
            day = int(match.group(2))
            if not 1 <= day <= 31:
                return None
            said = f"the {self._numerals.ordinal(day)}"
            if match.group(1):
                said = f"{match.group(1).strip()}{SHARE}{self._numerals.ordinal(day)}"
            said += f"{SHARE if match.group(3) else ' '}of{SHARE}{month_name(match.group(4))}"
            return (
                f"{said}{match.group(5)}{SHARE}{self._numerals.year(int(match.group(6)))}" if match.group(6) else said
            )

        return read
