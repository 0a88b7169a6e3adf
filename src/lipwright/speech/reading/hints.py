"""Small judgements that the rules of reading need."""

import re

from lipwright.speech.reading.roman import roman_value


def hard_to_say(letters: str) -> bool:
    """Whether capitals can hardly be a word: two letters, or three consonants in a row, or two at the end."""
    return len(letters) == 2 or bool(re.search(r"[^aeiou]{3}|[^aeiou]{2}$|^[^aeioulrsnm][^aeioulrh]", letters))


def counts_something(before: str, after: str) -> bool:
    """Whether a number that could be a year counts what follows: `1500 people`, but not `in 1500 people`."""
    if re.search(r"\b(?:in|of|since|from|by|until|during|before|after|circa|year|around)\s$", before, re.IGNORECASE):
        return False
    return bool(re.match(r"\s(?:people|[a-z]{3,}s)\b", after)) and not re.match(r"\s(?:was|is|has|as)\b", after)


def integer(text: str) -> int:
    """Digits or a Roman numeral."""
    return int(text) if text.isdigit() else roman_value(text)


def plural(said: str) -> str:
    """`nineteen nineties`."""
    return said[:-1] + "ies" if said.endswith("y") else said + "s"
