"""Voices that sound alike are one person: agglomerative clustering with average linkage.

Source: Murtagh, A survey of recent advances in hierarchical clustering algorithms, 1983: the chain of nearest
neighbours takes n² steps and n² numbers. More than 2,000 voices are not clustered: those heard longest are, and the
others go to the nearest of the people so found.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 2_000
"""Voices that are clustered: 32 MB of likenesses."""

Floats = NDArray[np.float32]


def merges(voices: Floats, weights: Floats) -> list[tuple[int, int, float]]:
    """The tree of average linkage.

    Args:
        voices: (n, width), of length 1.
        weights: (n,), more than 0: how much each one counts in an average.
    Returns: n - 1 times two members and the mean cosine of the two groups that are joined there, most alike first.
    """
    count = len(voices)
    alike = (voices @ voices.T).astype(np.float64)
    np.fill_diagonal(alike, -np.inf)
    weight = weights.astype(np.float64)
    alive = np.ones(count, bool)
    found: list[tuple[int, int, float]] = []
    chain: list[int] = []
    while len(found) < count - 1:
        if not chain:
            chain.append(int(np.argmax(alive)))
        here = chain[-1]
        row = alike[here]
        nearest = int(np.argmax(row))
        if len(chain) > 1 and row[chain[-2]] >= row[nearest]:
            other = chain[-2]
            del chain[-2:]
            found.append((here, other, float(row[other])))
            joined = (weight[here] * alike[here] + weight[other] * alike[other]) / (weight[here] + weight[other])
            weight[here] += weight[other]
            joined[[here, other]] = -np.inf
            alike[here] = alike[:, here] = joined
            alike[other] = alike[:, other] = -np.inf
            alive[other] = False
        else:
            chain.append(nearest)
    return sorted(found, key=lambda merge: -merge[2])


def labels_of(count: int, tree: Sequence[tuple[int, int, float]], least: float, groups: int | None = None) -> list[int]:
    """Cut a tree.

    Args:
        least: groups that are less alike are not joined.
        groups: how many there are to be, whatever `least` says; None when nobody knows.
    Returns: a label from 0 for each voice.
    """
    above = list(range(count))

    def root(index: int) -> int:
        while above[index] != index:
            above[index] = above[above[index]]
            index = above[index]
        return index

    left = count
    for one, other, cosine in tree:
        if left <= groups if groups is not None else cosine < least:
            break
        above[root(one)] = root(other)
        left -= 1
    names: dict[int, int] = {}
    return [names.setdefault(root(index), len(names)) for index in range(count)]
