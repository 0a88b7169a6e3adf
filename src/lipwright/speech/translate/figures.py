"""Numbers as they are written in a language: what they are worth, and how another language writes them."""

import re
from typing import Final

_POINT: Final = frozenset("en ja zh ko he th hi bn ta te ur ms fil tl sw yue".split())
"""Languages that write a point before a fraction and a comma between groups."""
_SPACED: Final = frozenset("fr ru uk pl cs sk sv nb nn no fi bg hu lt lv et".split())
"""Languages that write a narrow space between groups."""
_SPACES: Final = "'\u2019\u00a0\u202f"
"""May stand between groups in any language."""
FIGURE: Final = re.compile(rf"\d+(?:[.,{_SPACES}]\d+)*")


def marks(language: str) -> tuple[str, str]:
    """What a language writes before a fraction, and between groups of three digits."""
    primary = language.replace("_", "-").split("-", maxsplit=1)[0].lower()
    if primary in _POINT:
        return ".", ","
    return ",", "\u00a0" if primary in _SPACED else "."


def worth(figure: str, language: str) -> str | None:
    """The value of a figure as digits with a point before the fraction; None for what is no number in this language.

    `1,250.50` and, in Portuguese, `1.250,50` are both `1250.5`. A single mark that does not stand before three digits
    begins a fraction in every language.
    """
    parts = _parts(figure, language)
    if parts is None:
        return None
    whole, fraction = parts[0].lstrip("0") or "0", parts[1].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def rewritten(text: str, source: str, target: str) -> str:
    """A text with its figures as the target language writes them; what is no number, such as 2.0.1, stays."""
    decimal, group = marks(target)

    def rewrite(match: re.Match[str]) -> str:
        parts = _parts(match.group(), source)
        if parts is None or match.group().isdigit():
            return match.group()
        whole, fraction = parts
        if len(match.group()) > len(whole) + len(fraction) + bool(fraction):
            whole = f"{int(whole):,}".replace(",", group)
        return f"{whole}{decimal}{fraction}" if fraction else whole

    return FIGURE.sub(rewrite, text)


def _parts(figure: str, language: str) -> tuple[str, str] | None:
    """Digits before and behind the mark of the fraction."""
    decimal, _ = marks(language)
    other = "," if decimal == "." else "."
    plain = re.sub(rf"[{_SPACES}](?=\d{{3}})", "", figure)
    if plain.isdigit():
        return plain, ""
    if re.fullmatch(rf"\d{{1,3}}(?:{re.escape(other)}\d{{3}})+", plain):
        return plain.replace(other, ""), ""
    if re.fullmatch(r"\d+[.,]\d+", plain):
        whole, _, fraction = plain.replace(",", ".").partition(".")
        return whole, fraction
    groups, _, fraction = plain.rpartition(decimal)
    if fraction.isdigit() and re.fullmatch(rf"\d{{1,3}}(?:{re.escape(other)}\d{{3}})+", groups):
        return groups.replace(other, ""), fraction
    return None
