"""English, American and British: the dictionary, tagger and network that come with Hibari (Apache-2.0)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lipwright.inference import load_onnxruntime
from lipwright.speech import alphabet
from lipwright.speech.g2p.base import Pronouncer
from lipwright.speech.g2p.pieces import split_word
from lipwright.speech.letters import fold
from lipwright.speech.tokens import Token

_MARKUP = str.maketrans({"[": "(", "]": ")"})
"""Square brackets would read as pronunciation markup."""


class _UnknownWords:
    """The network that reads words which the dictionaries lack.

    By itself it reads the first 24 letters and leaves the rest unsaid, and passes over letters that it never met.
    """

    def __init__(self, *, british: bool) -> None:
        self._file = "oov_gb.onnx" if british else "oov.onnx"
        self._network: Any = None

    def __call__(self, word: str) -> str:
        """Phonemes of a whole word, however long."""
        from hibari.g2p.oov import ASSETS, OOV

        if self._network is None:
            self._network = OOV(str(Path(ASSETS) / self._file))
        known = frozenset(self._network.cin)
        said = self._read(fold(word, known))
        return said if any(map(alphabet.is_phone, said)) else self._read(fold(word, frozenset()))

    def _read(self, word: str) -> str:
        return "".join(self._network(piece) or "" for piece in split_word(word, self._network.maxlen))


class English(Pronouncer):
    """American (`en-US`) or British (`en-GB`) English.

    Licence: code Apache-2.0 (hibari-tts, after misaki); dictionaries Apache-2.0.
    """

    def __init__(self, language: str = "en-US") -> None:
        load_onnxruntime()  # the package below imports it
        from hibari.g2p import G2P

        self.language = language
        british = language == "en-GB"
        self._g2p = G2P(oov=_UnknownWords(british=british), british=british)

    def pronounce(self, tokens: Sequence[Token]) -> tuple[str, ...]:
        words = [token.spoken.split() for token in tokens]
        heard = iter(self._chunks(" ".join(self._marked(token) for token in tokens if token.spoken.strip())))
        spoken = tuple(" ".join(next(heard) for _ in own).strip() for own in words)
        return tuple("".join(symbol for symbol in text if symbol in alphabet.SYMBOL_IDS) for text in spoken)

    def _marked(self, token: Token) -> str:
        """The token's words with given pronunciations as `[word](/phonemes/)`."""
        parts = []
        for piece in token.pieces:
            text = piece.text.translate(_MARKUP)
            if piece.ipa is not None:
                said = alphabet.from_ipa(piece.ipa, english=True)
                text = f"[{text}](/{said}/)"
            parts.append(text)
        return "".join(parts).strip()

    def _chunks(self, text: str) -> list[str]:
        """Phonemes for each stretch between spaces."""
        chunks: list[str] = []
        current = ""
        for token in self._g2p.phonemize_tokens(self._g2p.tokenize(text)):
            current += token.phonemes or ""
            if token.whitespace:
                chunks.append(current)
                current = ""
        return [*chunks, current]
