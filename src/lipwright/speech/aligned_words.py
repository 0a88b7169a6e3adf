"""A transcript as the words that an aligner looks for, each with how it may be pronounced."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lipwright.speech import arpabet
from lipwright.speech.g2p.registry import pronouncer_for
from lipwright.speech.lexicon import Lexicon
from lipwright.speech.normalise import normalise
from lipwright.speech.script import split_sentences
from lipwright.speech.tokens import Token

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")


@dataclass(frozen=True, slots=True)
class SoughtWord:
    """One spoken word."""

    token: int
    """Index of the written word that it belongs to: `$5` is spoken as two."""
    name: str
    """Lower case letters and apostrophes."""
    said: tuple[arpabet.Said, ...]
    """How the voices say it; empty where only the aligner's dictionary knows."""

    @property
    def phones(self) -> tuple[str, ...]:
        """The same in ARPAbet."""
        return tuple(phone.name for phone in self.said)


def sought_words(
    transcript: str, language: str, lexicon: Lexicon | None, is_known: Callable[[str], bool]
) -> tuple[tuple[str, ...], tuple[SoughtWord, ...]]:
    """Read a transcript: numbers, money, abbreviations and symbols are spelled out as the voices do.

    Args:
        transcript: any text; line breaks count as spaces.
        language: `en-US` or `en-GB`.
        lexicon: pronunciations that go before all others.
        is_known: whether the aligner's dictionary has a word.
    Returns: the written words, and what is spoken for them, in order.
    Raises: ScriptUnsupported: letters that English is not written in.
    """
    pronouncer = pronouncer_for(language)
    written: list[str] = []
    spoken: list[SoughtWord] = []
    for sentence in split_sentences(" ".join(transcript.split())):
        tokens = normalise(sentence, language, lexicon)
        for token, symbols in zip(tokens, pronouncer.pronounce(tokens), strict=True):
            spoken += _spoken(token, len(written), symbols, is_known)
            written.append(token.text)
    return tuple(written), tuple(spoken)


def _spoken(token: Token, number: int, symbols: str, is_known: Callable[[str], bool]) -> Sequence[SoughtWord]:
    parts = token.spoken.split()
    said = symbols.split()
    dictated = any(piece.ipa is not None for piece in token.pieces)
    if dictated or len(said) != len(parts):
        names = [name for part in parts for name in _WORD.findall(part.lower())]
        if not dictated and names and all(map(is_known, names)):
            return [SoughtWord(number, name, ()) for name in names]
        parts, said = ["".join(parts)], ["".join(said)]
    words: list[SoughtWord] = []
    for part, own in zip(parts, said, strict=True):
        phones = arpabet.from_symbols(own)
        names = _WORD.findall(part.lower())
        if len(names) > 1 and not dictated and all(map(is_known, names)):
            words += [SoughtWord(number, name, ()) for name in names]
        elif phones:
            name = "".join(names) or "_".join(phone.name for phone in phones).lower()
            words.append(SoughtWord(number, name, phones))
    return words
