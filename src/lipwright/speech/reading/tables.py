"""Compact ways to write the tables of a language."""

from collections.abc import Mapping

from lipwright.speech.reading.words import Currency, Noun


def letters(names: str) -> Mapping[str, str]:
    """The names of a to z, with commas between them."""
    return dict(zip("abcdefghijklmnopqrstuvwxyz", names.split(","), strict=True))


def currencies(
    dollar: Currency, euro: Currency, pound: Currency, yen: Currency, franc: Currency
) -> dict[str, Currency]:
    """Symbols and codes of the five currencies that every language names."""
    return {
        "$": dollar,
        "US$": dollar,
        "USD": dollar,
        "€": euro,
        "EUR": euro,
        "£": pound,
        "GBP": pound,
        "¥": yen,
        "JPY": yen,
        "CHF": franc,
    }


def units(names: str, feminine: str = "") -> dict[str, Noun]:
    """`km:kilómetro:kilómetros, ...`; `feminine` names the feminine symbols."""
    units = {}
    for entry in names.split(","):
        symbol, one, many = entry.strip().split(":")
        units[symbol] = Noun(one, many, symbol in feminine.split())
    return units
