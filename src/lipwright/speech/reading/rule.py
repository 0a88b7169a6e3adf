"""One rule of reading: where it fits, and what is said there."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Reading = str | None
SHARE = "\u241f"
"""In a reading, between what is said for one stretch between spaces and for the next."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Where it fits and what is said; None leaves the place to later rules."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], Reading]


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of some texts, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
