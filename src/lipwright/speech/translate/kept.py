"""What a translation may not change: numbers, prices, times, addresses, names."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lipwright.errors import SpeechError
from lipwright.speech.normalise import normalise
from lipwright.speech.translate.figures import FIGURE, rewritten, worth
from lipwright.speech.translate.names import given_names, other_names


class Kind(StrEnum):
    """What a fact is, in the words of a note."""

    ADDRESS = "address"
    """Of the web, of mail, of a telephone: not a character may change."""
    PRICE = "price"
    TIME = "time"
    NUMBER = "number"
    FIRST_NAME = "name"
    NAME = "capitalised name"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a sentence says and its translation must say, too."""

    kind: Kind
    text: str
    start: int
    end: int
    behind: str = ""
    """What follows it."""


_ADDRESS: Final = re.compile(
    r"(?:https?://|www\.)[^\s<>\"“”]*[^\s<>\"“”.,;:!?)]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w@.])(?:[\w-]+\.)+(?:com|org|net"
    r"|edu|gov|io|ai|dev|info|eu|uk|br|pt|es|fr|it|de)\b(?:/[^\s<>\"“”]*[^\s<>\"“”.,;:!?)])?"
)
_TELEPHONE: Final = re.compile(r"(?<![\w+])\+\d[\d \u00a0().-]{6,}\d|(?<![\w-])\d{3}-(?:\d{3}-)?\d{4}(?![\w-])")
_CURRENCIES: Final = {
    "R$": r"R\$|\brea(?:l|is|les)\b",
    "US$": r"\$|dól?[aó]r|dol+ar",
    "$": r"\$|d[oó]l+a?r|dollar|\bpesos?\b",
    "€": r"€|\beuros?\b|\bEUR\b",
    "£": r"£|\bpounds?\b|libras?\b|livres?\b|sterlin|GBP",
    "¥": r"¥|\byens?\b|\bienes?\b|\byuan",
}
_PRICE: Final = re.compile(rf"(R\$|US\$|[$€£¥])\s?({FIGURE.pattern})|({FIGURE.pattern})\s?([€£¥])")
_HALF: Final = r"\s?([AaPp])\.?\s?[Mm]\b\.?"
_TIME: Final = re.compile(
    rf"(?<![\d:.,$€£])(\d{{1,2}})(?:(?::|h)(\d{{2}})(?::\d{{2}})?(?![\d:])(?:{_HALF})?|{_HALF}"
    rf"|(?=\s?(?:to|and|until|-|–)\s?\d{{1,2}}(?::\d{{2}})?{_HALF}))"
)
"""Of the clock; the last form is the beginning of `2 to 4 p.m.`"""
_PATTERNS: Final = (
    (Kind.ADDRESS, _ADDRESS),
    (Kind.ADDRESS, _TELEPHONE),
    (Kind.PRICE, _PRICE),
    (Kind.TIME, _TIME),
    (Kind.NUMBER, FIGURE),
)
_SEEN_BEHIND: Final = 16
_ROMAN: Final = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def facts_of(text: str, language: str) -> list[Fact]:
    """The facts of a sentence, in order, not overlapping."""
    found: list[Fact] = []

    def claim(kind: Kind, start: int, end: int) -> None:
        if all(end <= other.start or other.end <= start for other in found):
            found.append(Fact(kind, text[start:end], start, end, text[end : end + _SEEN_BEHIND]))

    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            claim(kind, *match.span())
    for start, end in given_names(text):
        claim(Kind.FIRST_NAME, start, end)
    if language.split("-", maxsplit=1)[0] != "de":
        for start, end in other_names(text):
            claim(Kind.NAME, start, end)
    return sorted(found, key=lambda fact: fact.start)


def is_kept(fact: Fact, translation: str, source: str, target: str) -> bool:
    """Whether a translation says a fact of its source, in the way in which its language writes it."""
    match fact.kind:
        case Kind.ADDRESS:
            return fact.text in translation
        case Kind.FIRST_NAME | Kind.NAME:
            return _folded(re.sub(r"['’]s?$", "", fact.text)) in _folded(translation)
        case Kind.TIME:
            return _time_is_kept(fact, translation, target)
        case Kind.PRICE:
            return _price_is_kept(fact.text, translation, source, target)
        case Kind.NUMBER:
            return _number_is_kept(fact.text, translation, source, target)


def as_written_in(fact: Fact, source: str, target: str) -> str:
    """A fact as the target language writes it."""
    if fact.kind in (Kind.NUMBER, Kind.PRICE):
        return rewritten(fact.text, source, target)
    return fact.text


def _number_is_kept(figure: str, translation: str, source: str, target: str) -> bool:
    value = worth(figure, source)
    if value is None:
        return figure in translation
    given = {worth(match.group(), target) for match in FIGURE.finditer(translation)}
    if value in given:
        return True
    if "." in value or int(value) > 10**6:
        return False
    if int(value) <= 39 and re.search(rf"\b{_roman(int(value))}\b", translation):
        return True
    return _spoken(value, target) in _spoken(translation, target)


def _price_is_kept(price: str, translation: str, source: str, target: str) -> bool:
    match = _PRICE.fullmatch(price)
    assert match is not None  # noqa: S101  # the same pattern has found it
    symbol, figure = match[1] or match[4], match[2] or match[3]
    named = re.search(_CURRENCIES[symbol], translation, re.IGNORECASE) is not None
    return named and _number_is_kept(figure, translation, source, target)


def _time_is_kept(fact: Fact, translation: str, target: str) -> bool:
    match = _TIME.match(fact.text + fact.behind)
    assert match is not None  # noqa: S101  # the same pattern has found it
    wanted = _minutes(match)
    if any((_minutes(given) - wanted) % (12 * 60) == 0 for given in _TIME.finditer(translation) if given[2]):
        return True
    hour, minute = divmod(wanted, 60)
    said = _spoken(translation, target)
    return any(_spoken(str(one), target) in said for one in (hour, (hour + 12) % 24)) and (
        not minute or _spoken(str(minute), target) in said
    )


def _minutes(match: re.Match[str]) -> int:
    """Since midnight."""
    half = (match[3] or match[4] or "").lower()
    hour = int(match[1]) % 12 + (12 if half == "p" else 0) if half else int(match[1])
    return hour * 60 + int(match[2] or 0)


def _spoken(text: str, language: str) -> str:
    """The words that a voice says for a text, between spaces; the text itself where no rules read the language."""
    try:
        tokens = normalise(text, "pt-BR" if language.startswith("pt") else language)
    except SpeechError:
        return f" {text.casefold()} "
    words = re.findall(r"[^\W_]+", " ".join(token.spoken for token in tokens).casefold())
    return f" {' '.join(words)} "


def _roman(value: int) -> str:
    written = ""
    for worth_of, letters in _ROMAN:
        written += letters * (value // worth_of)
        value %= worth_of
    return written or "0"


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))
