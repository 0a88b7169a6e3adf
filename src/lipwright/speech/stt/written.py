"""What a recogniser wrote down becomes an utterance, unless it was invented: Whisper writes words into noise, too."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from lipwright.contracts.speech import Utterance, Word

_STUCK: Final = 2.4
"""Text that zlib makes smaller by more than this repeats itself (OpenAI's own limit)."""
_TIMES_WORD, _TIMES_PHRASE, _LONGEST_PHRASE = 8, 4, 6
"""A word or a phrase in a row, as often as nobody says it, and how many words such a phrase has."""
_SILENT: Final = 0.6
"""OpenAI's own limit."""
_DOUBTFUL, _UNBELIEVABLE = -1.0, -1.5
"""Mean log chance of a token: the first is too little where silence is probable, the second everywhere."""
_LEAST_CERTAIN: Final = 0.25
SPACELESS: Final = frozenset({"zh", "ja", "th", "lo", "my", "km", "bo"})
"""Languages that write no spaces between words."""


@dataclass(frozen=True, slots=True)
class Written:
    """A word as the recogniser writes it: with the space before it, if there is one."""

    text: str
    start_s: float
    end_s: float
    chance: float


@dataclass(frozen=True, slots=True)
class Scrap:
    """What a recogniser wrote in one go. Times count from the start of what it heard."""

    words: tuple[Written, ...]
    mean_log_chance: float
    """Of a token."""
    silence_chance: float
    """0 to 1: that nobody speaks."""
    repetition: float
    """How many times smaller its text becomes when it is compressed."""


def is_stuck(scrap: Scrap) -> bool:
    """Whether the same is written again and again: the whole text, or a phrase in a row."""
    words = ["".join(filter(str.isalnum, word.text)).casefold() for word in scrap.words]
    return scrap.repetition > _STUCK or any(
        _is_in_a_row(words, length, _TIMES_PHRASE if length > 1 else _TIMES_WORD)
        for length in range(1, _LONGEST_PHRASE + 1)
    )


def _is_in_a_row(words: Sequence[str], length: int, times: int) -> bool:
    """Whether some words are the same as those `length` before, for so long that a phrase is said so many times."""
    run = 0
    for word, before in zip(words[length:], words, strict=False):
        run = run + 1 if word == before else 0
        if run >= length * (times - 1):
            return True
    return False


def utterance(scrap: Scrap, language: str, offset_s: float, floor_s: float = 0.0) -> Utterance | None:
    """The words of a scrap, `offset_s` later and none before `floor_s`; None for one that nobody said."""
    words = _words(scrap, language, offset_s, floor_s)
    if not words or is_stuck(scrap) or scrap.mean_log_chance < _UNBELIEVABLE:
        return None
    if scrap.silence_chance > _SILENT and scrap.mean_log_chance < _DOUBTFUL:
        return None
    certainty = math.fsum(word.chance for word in scrap.words) / len(scrap.words)
    if certainty < _LEAST_CERTAIN:
        return None
    return Utterance(
        text=_text(words, language),
        start_s=words[0].start_s,
        end_s=words[-1].end_s,
        language=language,
        words=words,
        certainty=certainty,
    )


def until(said: Utterance, end_s: float) -> Utterance:
    """The words that begin before a time; there is at least one."""
    if said.end_s <= end_s:
        return said
    words = tuple(word for word in said.words if word.start_s < end_s)
    return replace(said, text=_text(words, said.language), end_s=words[-1].end_s, words=words)


def _text(words: Sequence[Word], language: str) -> str:
    return ("" if language in SPACELESS else " ").join(word.text for word in words)


def _words(scrap: Scrap, language: str, offset_s: float, floor_s: float) -> tuple[Word, ...]:
    """In order, not overlapping; pieces without a space between them are one word, where a language writes spaces."""
    words: list[Word] = []
    for piece in scrap.words:
        text = piece.text.strip()
        if not text:
            continue
        start_s = max(piece.start_s + offset_s, words[-1].end_s if words else floor_s)
        end_s = max(piece.end_s + offset_s, start_s)
        goes_on = words and language not in SPACELESS and not piece.text[0].isspace()
        if goes_on or (words and not any(map(str.isalnum, text))):
            words[-1] = Word(words[-1].text + text, words[-1].start_s, end_s)
        else:
            words.append(Word(text, start_s, end_s))
    return tuple(words) if any(letter.isalnum() for word in words for letter in word.text) else ()
