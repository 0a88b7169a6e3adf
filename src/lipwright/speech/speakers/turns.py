"""Words that one person says one after the other are a turn."""

from collections.abc import Sequence
from typing import Final

from lipwright.contracts.speech import Word
from lipwright.speech.pauses import Stretch
from lipwright.speech.speakers.base import Turn

_PAUSE_S: Final = 1.0
"""A longer silence ends a turn."""
_LEAST_REFERENCE_S: Final = 1.0
_LONGEST_REFERENCE_S: Final = 15.0


def turns_of(words: Sequence[Word], speakers: Sequence[int]) -> tuple[Turn, ...]:
    """Join words to turns.

    Args:
        words: in order, not overlapping.
        speakers: of each word.
    Returns: in order, not overlapping.
    """
    turns: list[Turn] = []
    for word, speaker in zip(words, speakers, strict=True):
        last = turns[-1] if turns else None
        if last is not None and last.speaker == speaker and word.start_s - last.end_s <= _PAUSE_S:
            turns[-1] = Turn(speaker, last.start_s, max(last.end_s, word.end_s))
        else:
            turns.append(Turn(speaker, word.start_s, word.end_s))
    return tuple(turns)


def reference_of(turns: Sequence[Turn], overlaps: Sequence[Stretch]) -> Stretch | None:
    """The longest stretch of one speaker's turns in which nobody else is heard, its first 15 s.

    Returns: None when it is shorter than a second.
    """
    best: Stretch | None = None
    for turn in turns:
        start_s = turn.start_s
        for hole in [*overlaps, Stretch(turn.end_s, turn.end_s)]:
            if hole.end_s <= start_s or hole.start_s > turn.end_s:
                continue
            end_s = min(hole.start_s, start_s + _LONGEST_REFERENCE_S)
            if end_s - start_s >= (best.end_s - best.start_s if best else _LEAST_REFERENCE_S):
                best = Stretch(start_s, end_s)
            start_s = hole.end_s
        if turn.end_s - start_s >= (best.end_s - best.start_s if best else _LEAST_REFERENCE_S):
            best = Stretch(start_s, min(turn.end_s, start_s + _LONGEST_REFERENCE_S))
    return best
