"""A sentence cut at its spaces: each token keeps what a reader sees beside what a voice says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a token that is pronounced in one way."""

    text: str
    """Spelled-out words and punctuation, single spaces between words."""
    ipa: str | None = None
    """When given, said exactly so, whatever the spelling."""


@dataclass(frozen=True, slots=True)
class Token:
    """What stood between two spaces."""

    text: str
    """As a reader sees it: `$5,`, `Dr.`."""
    start: int
    """Index of its first character in the sentence."""
    end: int
    """Index after its last character."""
    pieces: tuple[Piece, ...]
    """What is said: `five dollars,`, `Doctor`. Empty where nothing is said."""

    @property
    def spoken(self) -> str:
        """The said words as one string."""
        return "".join(piece.text for piece in self.pieces)
