"""Words cut into pieces that one person says: between two pauses, or two ends of sentences, and never long."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lipwright.contracts.speech import Word

_PAUSE_S: Final = 0.25
_LONGEST_S: Final = 3.0
_ENDS: Final = ".!?…。！？؟,;:，；：、،"
_CLOSING: Final = "\"'”’»)]」』"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words."""

    first: int
    """Index of its first word."""
    last: int
    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


def pieces_of(words: Sequence[Word]) -> tuple[Piece, ...]:
    """Cut words into pieces, each word in one; a piece without a mark or a pause inside is cut every 3 s.

    Args:
        words: in order.
    """
    pieces: list[Piece] = []
    first = 0
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else None
        if (
            following is None
            or following.start_s - word.end_s >= _PAUSE_S
            or word.text.rstrip(_CLOSING).endswith(tuple(_ENDS))
            or following.end_s - words[first].start_s > _LONGEST_S
        ):
            pieces.append(Piece(first, at, words[first].start_s, max(word.end_s, words[first].start_s)))
            first = at + 1
    return tuple(pieces)
