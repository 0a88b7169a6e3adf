"""How many people speak, and how each of them sounds: pieces of speech are grouped, and small groups are taken in."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.speech.speakers.cluster import MOST, labels_of, merges
from lipwright.speech.speakers.embed import unit

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
_LEAST_SHARE: Final = 0.005
"""The same, of all speech: in an hour, laughs and noises add up."""
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
    groups = _Groups(found, lengths_s, labels)
    if count is None:
        _join_same(groups)
        _give_away_small(groups)
    return unit(groups.sums)


class _Groups:
    """Pieces that are thought to be one person's each."""

    def __init__(self, voices: NDArray[np.float32], lengths_s: NDArray[np.float32], labels: NDArray[np.int64]) -> None:
        count = int(labels.max()) + 1
        self.sums = np.zeros((count, voices.shape[1]))
        """(groups, 256): embeddings times lengths, summed."""
        np.add.at(self.sums, labels, voices * lengths_s[:, None].astype(np.float64))
        self.spoken_s: NDArray[np.float64] = np.bincount(labels, lengths_s).astype(np.float64)
        self.squares: NDArray[np.float64] = np.bincount(labels, np.square(lengths_s)).astype(np.float64)
        """Of lengths, summed."""

    def __len__(self) -> int:
        return len(self.sums)

    def join(self, one: int, other: int) -> None:
        """The other group becomes part of the one, and is gone."""
        for values in (self.sums, self.spoken_s, self.squares):
            values[one] += values[other]
        self.sums = np.delete(self.sums, other, 0)
        self.spoken_s, self.squares = np.delete(self.spoken_s, other), np.delete(self.squares, other)


def _join_same(groups: _Groups) -> None:
    """Join people whose true mean voices are the same: the cosine of their pieces, over that within each of them.

    Source: Spearman's correction for attenuation, 1904.
    """
    pairs = groups.sums @ groups.sums.T
    while len(groups) > 1:
        # A piece is not compared with itself; what few pieces cannot tell is what is usual.
        other_pieces = np.square(groups.spoken_s) - groups.squares
        inner = (np.diag(pairs) - groups.squares + _USUAL * _USUAL_S**2) / (other_pieces + _USUAL_S**2)
        scale = groups.spoken_s * np.sqrt(np.maximum(inner, 1e-3))
        alike = pairs / np.outer(scale, scale)
        np.fill_diagonal(alike, -1)
        one, other = sorted(divmod(int(np.argmax(alike)), len(groups)))
        if alike[one, other] < _SAME:
            break
        groups.join(one, other)
        pairs[one] += pairs[other]
        pairs[:, one] += pairs[:, other]
        pairs = np.delete(np.delete(pairs, other, 0), other, 1)


def _give_away_small(groups: _Groups) -> None:
    """Give the pieces of those who hardly spoke to those who sound most like them."""
    while len(groups) > 1:
        means = unit(groups.sums)
        small = np.flatnonzero(~somebody(means, groups.spoken_s))
        if not len(small):
            break
        least = int(small[np.argmin(groups.spoken_s[small])])
        alike = means @ means[least]
        alike[least] = -1
        groups.join(int(alike.argmax()), least)


def somebody(people: NDArray[np.float32], spoken_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Who spoke long enough to be a person, or sounds like nobody else.

    Args:
        people: (people, 256), their mean voices.
        spoken_s: (people,).
    Returns: (people,), true for one at least.
    """
    alike = people @ people.T
    np.fill_diagonal(alike, -1)
    least_s = max(_LEAST_S, _LEAST_SHARE * float(spoken_s.sum()))
    stays = (spoken_s >= least_s) | ((alike.max(axis=1) < _STRANGE) & (spoken_s > 0))
    stays[int(np.argmax(spoken_s))] = True
    return np.asarray(stays)
