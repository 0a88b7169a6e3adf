"""From a sentence as written to tokens as spoken."""

import re

from lipwright.speech.lexicon import Lexicon
from lipwright.speech.tokens import Piece, Token


def normalise(text: str, language: str, lexicon: Lexicon | None = None) -> tuple[Token, ...]:
    """Cut a sentence at its spaces."""
    return tuple(Token(m.group(), m.start(), m.end(), (Piece(m.group()),)) for m in re.finditer(r"\S+", text))
