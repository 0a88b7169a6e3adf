"""A translated sentence is cut into as many parts as its source has lines."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

from lipwright.speech.translate.cuts import CLOSING, ends_clause, pieces_of

_INSIDE_CLAUSE: Final = 0.06
"""What a cut between two words costs, against the square of how far it lies from its place; 1 is the whole text."""
_AFTER_SHORT_WORD: Final = 0.03
_SHORT_WORD: Final = 3


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
                cost = before[0] + (places[border - 1] - place) ** 2 + _cut_cost(pieces[border - 1])
                found[border] = cost, [*before[1], border]
        best = found
    return min(best.values(), key=lambda entry: entry[0])[1]


def _cut_cost(piece: str) -> float:
    if ends_clause(piece):
        return 0.0
    short = len(piece.strip().strip(CLOSING)) <= _SHORT_WORD
    return _INSIDE_CLAUSE + (_AFTER_SHORT_WORD if short else 0.0)
