"""Pieces of a long work that several runs share out: windows of a picture, lines of a dub, stretches of a sound.

Each run makes its own pieces and ends behind them; what they made is joined by one that finds them all in its store.
"""

from dataclasses import dataclass, field
from itertools import pairwise

MOST_PARTS = 8
"""Each one begins with what the whole work begins with: a dub of a minute takes about 1.6 s of a core to begin."""


class Partly(Exception):
    """A run has done its share and ends, since the rest is done by others. No failure."""


@dataclass
class Share:
    """What one run does of a work."""

    pieces: range | None = None
    """By number, from 0; None for all. Those that are not there are nobody's."""
    whole: bool = field(default=True, init=False)
    """Whether the run did all of them."""

    def of(self, count: int) -> range:
        """The pieces that this run makes, of so many."""
        mine = range(count) if self.pieces is None else range(count)[self.pieces.start : self.pieces.stop]
        self.whole = len(mine) == count
        return mine

    def end(self) -> None:
        """Go on where all pieces are there.

        Raises: Partly: they are not.
        """
        if not self.whole:
            raise Partly


@dataclass
class Division(Share):
    """Makes no piece where the work is worth to be shared out, and says how; else all of them."""

    least: int = 1
    """Pieces of a part."""
    parts: tuple[range, ...] = field(default=(), init=False)
    """Empty where one run does it all."""

    def of(self, count: int) -> range:
        """None of them, or all."""
        number = min(count // self.least, MOST_PARTS)
        if number > 1:
            edges = [count * part // number for part in range(number + 1)]
            self.parts = tuple(range(first, end) for first, end in pairwise(edges))
            self.pieces = range(0)
        return super().of(count)


def part_name(what: str, pieces: range) -> str:
    """How a part is called: `windows-1-3`."""
    return f"{what}-{pieces.start + 1}-{pieces.stop}"


def pieces_of(name: str) -> range:
    """The pieces of a part by its name.

    Raises: ValueError: it is none of `part_name`.
    """
    _, first, end = name.split("-")
    return range(int(first) - 1, int(end))
