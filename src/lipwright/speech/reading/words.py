"""What a language must tell for its numbers, dates and symbols to be read."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Noun:
    """A counted thing: a unit, a currency."""

    one: str
    many: str
    feminine: bool = False


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency with its hundredth."""

    whole: Noun
    part: Noun


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    language: str
    """BCP 47 tag without a region."""
    decimal_mark: str
    """Between whole and fraction: `.` or `,`."""
    group_marks: str
    """Between thousands; a class of characters."""
    point: str
    """How the decimal mark is said."""
    minus: str
    plus: str
    to: str
    """Between the ends of a range."""
    percent: str
    per: str
    """Before the unit of a rate: `five dollars per kilogram`."""
    months: tuple[str, ...]
    """January first; as written."""
    month_abbreviations: tuple[str, ...]
    """Without their period."""
    day_first: bool
    """Whether 3/4 is the third of April."""
    currencies: Mapping[str, Currency]
    """Symbol or code to currency."""
    money_joiner: str
    """Between whole and part: `and`."""
    of: str
    """Between a million and a noun; empty in English."""
    magnitudes: Mapping[str, Noun]
    """What may stand behind a number of money: `million`, `M`."""
    units: Mapping[str, Noun]
    """Symbol to unit."""
    degrees: Mapping[str, str]
    """`C`, `F` and the empty string to what follows the number."""
    symbols: Mapping[str, str]
    """Single characters."""
    url: Mapping[str, str]
    """Characters inside of addresses."""
    abbreviations: Mapping[str, str]
    """As written, with their period, to words."""
    number_sign: str
    """`#` or `No.` before a number."""
    roman_cardinal: frozenset[str]
    """Lower-case words before a Roman numeral that is read as a number: `chapter`."""
    roman_ordinal: frozenset[str]
    """Lower-case words before a Roman numeral that is read as an ordinal: `henry`."""
    letters: Mapping[str, str]
    """Names of the letters; empty where the voice spells capitals by itself."""
    fractions: Mapping[str, str]
    """`½` and its kin."""
