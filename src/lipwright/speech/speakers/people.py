"""How many people speak, and how each of them sounds: pieces of speech are grouped, and small groups are taken in."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.speech.speakers.cluster import MOST, centres, labels_of, merges

_CLEAR_S: Final = 1.0
"""A piece this long tells of its voice."""
_ALIKE: Final = 0.72
"""Groups of pieces that are more alike on average are one person."""
_SAME: Final = 0.85
"""Two groups whose true mean voices are more alike are one person."""
_USUAL: Final = 0.7
"""Mean cosine of pieces of one person."""
_USUAL_S: Final = 5.0
"""So much speech of a group counts as much as what is usual."""
_LEAST_S: Final = 2.0
"""Whoever spoke less in clear pieces is nobody, unless they sound like nobody else."""
_STRANGE: Final = 0.4
"""A mean voice less like all others is somebody, however short."""


@dataclass(frozen=True, slots=True)
class Voices:
    """Embedded pieces of speech."""

    embeddings: NDArray[np.float32]
    """(n, 256), of length 1."""
    lengths_s: NDArray[np.float32]
    """(n,)."""


def find_people(voices: Voices, count: int | None = None) -> NDArray[np.float32]:
    """The mean voice of each person.

    Args:
        voices: at least one.
        count: how many people there are; None when nobody knows.
    Returns: (people, 256), of length 1; one at least, and never more than `count`.
    """
    order = np.argsort(-voices.lengths_s, kind="stable")[:MOST]
    clear = order[voices.lengths_s[order] >= _CLEAR_S]
    if len(clear) < (count or 2):
        clear = order
    found, lengths_s = voices.embeddings[clear], voices.lengths_s[clear]
    labels = np.array(labels_of(len(found), merges(found, lengths_s), _ALIKE, count))
    if count is None:
        labels = _without_small(found, lengths_s, _joined(found, lengths_s, labels))
    return centres(found, lengths_s, labels, int(labels.max()) + 1)


def _joined(
    voices: NDArray[np.float32], lengths_s: NDArray[np.float32], labels: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Join people whose true mean voices are the same: the cosine of their pieces, over that within each of them.

    Source: Spearman's correction for attenuation, 1904.
    """
    labels = labels.copy()
    while (people := int(labels.max()) + 1) > 1:
        share = np.zeros((people, len(voices)))
        share[labels, np.arange(len(voices))] = lengths_s
        sums = share @ voices
        pairs = sums @ sums.T
        weights = share.sum(axis=1)
        alone = np.square(share).sum(axis=1)
        # A piece is not compared with itself; what few pieces cannot tell is what is usual.
        inner = (np.diag(pairs) - alone + _USUAL * _USUAL_S**2) / (np.square(weights) - alone + _USUAL_S**2)
        alike = pairs / np.outer(weights, weights) / np.sqrt(np.outer(inner, inner))
        np.fill_diagonal(alike, -1)
        one, other = sorted(np.unravel_index(int(np.argmax(alike)), alike.shape))
        if alike[one, other] < _SAME:
            break
        labels[labels == other] = one
        labels[labels > other] -= 1
    return labels


def somebody(people: NDArray[np.float32], spoken_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Who spoke long enough to be a person, or sounds like nobody else.

    Args:
        people: (people, 256), their mean voices.
        spoken_s: (people,).
    Returns: (people,), true for one at least.
    """
    alike = people @ people.T
    np.fill_diagonal(alike, -1)
    stays = (spoken_s >= _LEAST_S) | ((alike.max(axis=1) < _STRANGE) & (spoken_s > 0))
    stays[int(np.argmax(spoken_s))] = True
    return np.asarray(stays)


def _without_small(
    voices: NDArray[np.float32], lengths_s: NDArray[np.float32], labels: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give the pieces of those who hardly spoke to those who sound most like them."""
    while (people := int(labels.max()) + 1) > 1:
        spoken_s = np.asarray(np.bincount(labels, lengths_s), np.float64)
        means = centres(voices, lengths_s, labels, people)
        small = np.flatnonzero(~somebody(means, spoken_s))
        if not len(small):
            break
        least = small[np.argmin(spoken_s[small])]
        alike = means @ means[least]
        alike[least] = -1
        labels = np.where(labels == least, int(alike.argmax()), labels)
        labels[labels > least] -= 1
    return labels
