"""A translated sentence is cut into as many parts as its source has lines."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

from lipwright.speech.translate.cuts import cut_cost, pieces_of
from lipwright.speech.wordlist import word_set

_COST: Final = 0.03
"""Of a cut that sounds ill by 1, against the square of how far it lies from its place; 1 is the whole text."""
_LINKED: Final = 0.6
"""A cut before a word that begins a clause costs so much of one between any two words."""
_LINKS: Final = word_set(
    "and or but because when what where how that which who whom whose if while than to for with from by e ou mas"
    " porque quando que se para com por como onde o y pero cuando si con donde lo et mais parce quand qui pour"
    " avec dans ma perché che per nel und oder aber weil dass wenn mit für"
)
"""Words that begin a clause or a phrase, in languages that have such words."""


def recut(text: str, shares: Sequence[float]) -> tuple[str, ...]:
    """Cut a text at ends of clauses where that is near enough, else between words, in proportion to the shares.

    Args:
        text: one sentence.
        shares: how much of the source each line says; positive, one or more.
    Returns: one part for each share, in order; joined with spaces they are the text. A part is empty only where there
        are fewer words than lines: then the lines with the largest shares speak.
    """
    pieces = pieces_of(" ".join(text.split()))
    if len(pieces) < len(shares):
        largest = sorted(sorted(range(len(shares)), key=lambda i: -shares[i])[: len(pieces)])
        said = dict(zip(largest, pieces, strict=True))
        return tuple(said.get(i, "").strip() for i in range(len(shares)))
    whole = sum(shares)
    wanted = [done / whole for done in accumulate(shares)][:-1]
    sizes = list(accumulate(len(piece) for piece in pieces))
    borders = _best_borders(pieces, [size / sizes[-1] for size in sizes], wanted)
    edges = [0, *borders, len(pieces)]
    return tuple("".join(pieces[a:b]).strip() for a, b in pairwise(edges))


def _best_borders(pieces: Sequence[str], places: Sequence[float], wanted: Sequence[float]) -> list[int]:
    """Numbers of the pieces before which the text is cut, for the least cost (dynamic programming)."""
    count = len(pieces)
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for cut, place in enumerate(wanted):
        left = len(wanted) - cut
        found: dict[int, tuple[float, list[int]]] = {}
        for border in range(cut + 1, count - left + 1):
            before = min((best[start] for start in best if start < border), key=lambda entry: entry[0], default=None)
            if before is not None:
                cost = before[0] + (places[border - 1] - place) ** 2 + _cut_cost(pieces[border - 1], pieces[border])
                found[border] = cost, [*before[1], border]
        best = found
    return min(best.values(), key=lambda entry: entry[0])[1]


def _cut_cost(piece: str, following: str) -> float:
    return _COST * cut_cost(piece, following) * (_LINKED if following.strip().lower() in _LINKS else 1.0)
