"""What every grapheme-to-phoneme converter promises."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from lipwright.speech.tokens import Token


class Pronouncer(ABC):
    """Turns the words of one sentence into phonemes of the Kokoro alphabet, token by token.

    The same tokens give the same phonemes on every machine.
    """

    language: str
    """BCP 47 tag."""

    @abstractmethod
    def pronounce(self, tokens: Sequence[Token]) -> tuple[str, ...]:
        """One string for each token, with its punctuation; an empty one for a token that is not said.

        Every character is in `alphabet.SYMBOL_IDS`. A piece with IPA of its own is said exactly so.
        """
