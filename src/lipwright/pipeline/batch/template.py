"""Texts with variables: `Hello {first_name}` says what the row has in that column; `{{` is a brace."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lipwright.errors import UsageError, did_you_mean
from lipwright.pipeline.batch.table import folded

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
LONGEST_KEPT_WORDS = 4
"""A value of more words is prose, which a translation does not leave as it is."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text, and what its variables brought into it."""

    text: str
    kept: tuple[str, ...]
    """Values that are names rather than prose or numbers."""
    used: frozenset[str]
    """Folded names of the variables."""


def fill(text: str, variables: Mapping[str, str]) -> Filled:
    """Put values in the place of variables.

    Args:
        variables: by folded names.
    Raises: UsageError: an unknown variable, or a brace that stands alone.
    """
    kept: dict[str, None] = {}
    used: set[str] = set()

    def value(match: re.Match[str]) -> str:
        piece = match.group()
        if piece in ("{{", "}}"):
            return piece[0]
        if match[1] is None:
            raise UsageError(f"`{piece}` stands alone. Write `{piece * 2}` for a brace, `{{name}}` for a variable.")
        name = folded(match[1])
        if name not in variables:
            there = ", ".join(variables)
            raise UsageError(
                f"`{piece}`: there is no such column.{did_you_mean(name, variables)} There are: {there}."
                " Write `{{` for a brace."
            )
        used.add(name)
        found = variables[name]
        if _is_name(found):
            kept[found] = None
        return found

    return Filled(_PIECE.sub(value, text), tuple(kept), frozenset(used))


def _is_name(value: str) -> bool:
    words = value.split()
    return 0 < len(words) <= LONGEST_KEPT_WORDS and any(c.isalpha() for c in value) and value[-1] not in ".!?…"
