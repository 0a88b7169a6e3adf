"""How a time of day is said."""

from lipwright.speech.reading.numerals import Numerals
from lipwright.speech.reading.words import Words


def say_time(words: Words, numerals: Numerals, hour: int, minute: int, half: str = "") -> str:
    """A time as words.

    Args:
        hour: 0 to 24.
        minute: 0 to 59.
        half: `AM` or `PM` when it was written, English only.
    """
    match words.language:
        case "en":
            return _english(numerals, hour, minute, half)
        case "fr":
            hours = numerals.cardinal(hour, feminine=True) + (" heure" if hour < 2 else " heures")
            return f"{hours} {numerals.cardinal(minute, feminine=True)}" if minute else hours
        case "it":
            hours = numerals.cardinal(hour, feminine=hour == 1)
            return f"{hours} e {numerals.cardinal(minute)}" if minute else hours
        case "pt":
            hours = numerals.cardinal(hour, feminine=True)
            if not minute:
                return hours + (" hora" if hour == 1 else " horas")
            return f"{hours} e {numerals.cardinal(minute)}"
        case _:
            hours = numerals.cardinal(hour, feminine=True)
            return f"{hours} y {numerals.cardinal(minute)}" if minute else f"{hours} en punto"


def _english(numerals: Numerals, hour: int, minute: int, half: str) -> str:
    said = numerals.cardinal(hour)
    if minute:
        said += (" oh " if minute < 10 else " ") + numerals.cardinal(minute)
    elif not half:
        said += " o'clock"
    return f"{said} {half}" if half else said
