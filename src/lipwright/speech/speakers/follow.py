"""Who says each word: the likeliest way through the people, who change where a sentence ends or a pause is.

Source: Viterbi, 1967.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Word

_SENTENCE_ENDS: Final = ".!?…。！？؟"
_CLAUSE_ENDS: Final = ",;:，；：、،"
_CLOSING: Final = "\"'”’»)]」』"
_CHANGE_INSIDE: Final = 0.5
"""What a change of speaker costs between two words that follow each other, in seconds of speech at a cosine of 1."""
_CHANGE_AFTER_CLAUSE: Final = 0.25
_CHANGE_AFTER_SENTENCE: Final = 0.04
_LONG_PAUSE_S: Final = 0.6
"""A pause this long costs as little as the end of a sentence; shorter ones in proportion."""
_LEAST_WORD_S: Final = 0.1


def follow(words: Sequence[Word], alike: NDArray[np.float64]) -> list[int]:
    """Give each word to somebody.

    Args:
        words: in order.
        alike: (words, people): cosine of what is heard there with each of the people.
    Returns: index of a person for each word.
    """
    if not words:
        return []
    length_s = np.array([max(word.end_s - word.start_s, _LEAST_WORD_S) for word in words])
    gain = alike * length_s[:, None]
    best = gain[0].copy()
    came_from = np.zeros(gain.shape, np.int64)
    people = np.arange(gain.shape[1])
    for at in range(1, len(words)):
        change = best.max() - _cost_of_change(words[at - 1], words[at])
        came_from[at] = np.where(best >= change, people, int(best.argmax()))
        best = np.maximum(best, change) + gain[at]
    path = [int(best.argmax())]
    for at in range(len(words) - 1, 0, -1):
        path.append(int(came_from[at, path[-1]]))
    return path[::-1]


def _cost_of_change(before: Word, after: Word) -> float:
    text = before.text.rstrip(_CLOSING)
    cost = _CHANGE_INSIDE
    if text.endswith(tuple(_SENTENCE_ENDS)):
        cost = _CHANGE_AFTER_SENTENCE
    elif text.endswith(tuple(_CLAUSE_ENDS)):
        cost = _CHANGE_AFTER_CLAUSE
    pause = min(max(after.start_s - before.end_s, 0.0) / _LONG_PAUSE_S, 1.0)
    return _CHANGE_AFTER_SENTENCE + (cost - _CHANGE_AFTER_SENTENCE) * (1 - pause)
