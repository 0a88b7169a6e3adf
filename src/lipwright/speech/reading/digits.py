"""Which runs of digits are one number."""

import re

from lipwright.speech.reading.words import Words

_COUNTS = r"(?=,\d|\s?[%€$£°]|\s(?!(?:et|ou|puis|à|ni)\b)[^\W\d_])"
"""Behind a number that counts something."""


def number_pattern(words: Words) -> str:
    """A pattern for one number: whole part with or without groups of three, and a fraction.

    Where a plain space may stand between groups, it can as well stand between two numbers: `250 000` and `12 500` are
    one number; `100 200` is one only when it counts something.
    """
    sure = words.group_marks.replace(" ", "")
    grouped = [rf"\d{{1,3}}(?:[{re.escape(sure)}]\d{{3}})+(?!\d)"]
    if " " in words.group_marks:
        grouped.append(r"[1-9]\d?(?: \d{3})+(?!\d)")
        grouped.append(r"[1-9]\d{2}(?: \d{3})* 000(?! ?\d)")
        grouped.append(rf"[1-9]\d{{2}}(?: \d{{3}})+(?!\d){_COUNTS}")
    return rf"(?:{'|'.join(grouped)}|\d+)(?:{re.escape(words.decimal_mark)}\d+)?"
