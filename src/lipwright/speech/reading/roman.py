"""Roman numerals."""

import re

NUMERAL = r"(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
"""I to XCIX, in capitals."""
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def roman_value(text: str) -> int:
    """XIV is 14. Raises ValueError for what is no Roman numeral below 100."""
    if not re.fullmatch(NUMERAL, text):
        raise ValueError(f"not a Roman numeral: {text}")
    values = [_VALUES[letter] for letter in text]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))
