"""Words of a reader and their times, from what servers tell: segments with punctuation, timed words without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, pairwise

from lipwright.speech.stt.written import Written


@dataclass(frozen=True, slots=True)
class Told:
    """A piece of text with its time: a segment, or a word."""

    text: str
    start_s: float
    end_s: float


def timed_words(segments: Sequence[Told], words: Sequence[Told], *, spaced: bool) -> list[tuple[Written, ...]]:
    """Cut segments into words, each with the time of the timed word that is the same.

    Words without a time of their own share the time between their neighbours, by their letters.

    Args:
        segments: in order.
        words: in order; none from a server that times no words.
        spaced: whether the language puts spaces between words; else a word ends where a timed one does.
    Returns: the words of each segment, with a space before each where the language has one, all certain.
    """
    cut = [segment.text.split() if spaced else _pieces(segment, words) for segment in segments]
    texts = [text for own in cut for text in own]
    matcher = SequenceMatcher(None, [_plain(text) for text in texts], [_plain(word.text) for word in words], False)
    times: list[tuple[float, float] | None] = [None] * len(texts)
    for match in matcher.get_matching_blocks():
        for step in range(match.size):
            word = words[match.b + step]
            times[match.a + step] = (word.start_s, word.end_s)
    told: list[tuple[Written, ...]] = []
    place = 0
    for segment, own in zip(segments, cut, strict=True):
        found = _filled(own, times[place : place + len(own)], segment.start_s, segment.end_s)
        told.append(
            tuple(
                Written(f" {text}" if spaced else text, start_s, end_s, 1.0)
                for text, (start_s, end_s) in zip(own, found, strict=True)
            )
        )
        place += len(own)
    return told


def _filled(
    texts: Sequence[str], times: Sequence[tuple[float, float] | None], start_s: float, end_s: float
) -> list[tuple[float, float]]:
    """Times for all texts of a segment."""
    filled: list[tuple[float, float]] = []
    for is_timed, run in groupby(range(len(texts)), key=lambda index: times[index] is not None):
        indexes = list(run)
        if is_timed:
            filled += [span for index in indexes if (span := times[index]) is not None]
            continue
        behind = times[indexes[-1] + 1] if indexes[-1] + 1 < len(texts) else None
        left_s = filled[-1][1] if filled else start_s
        right_s = max(behind[0] if behind is not None else end_s, left_s)
        letters = [len(_plain(texts[index])) or 1 for index in indexes]
        clock_s = left_s
        for count in letters:
            filled.append((clock_s, clock_s + (right_s - left_s) * count / sum(letters)))
            clock_s = filled[-1][1]
    return filled


def _pieces(segment: Told, words: Sequence[Told]) -> list[str]:
    """The text of a segment cut where its timed words begin; the whole text where they are not found in it."""
    cuts: list[int] = []
    place = 0
    for word in words:
        text = word.text.strip()
        if not text or not segment.start_s <= (word.start_s + word.end_s) / 2 <= segment.end_s:
            continue
        at = segment.text.find(text, place)
        if at < 0:
            return [segment.text]
        cuts.append(at)
        place = at + len(text)
    edges = [0, *cuts[1:], len(segment.text)]
    return [segment.text[a:b] for a, b in pairwise(edges)]


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
