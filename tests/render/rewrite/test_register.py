"""Meshes laid more exactly on the pictures of their mouths."""

from dataclasses import replace

import numpy as np
import pytest

from lipwright.render.portrait.rows import LOWER_LIP, UPPER_LIP
from lipwright.render.rewrite.bank import Bank
from lipwright.render.rewrite.exemplar import Exemplar
from lipwright.render.rewrite.register import LEAST, NOISE_IOD, registered

LIPS = np.unique(np.concatenate([UPPER_LIP, LOWER_LIP]))


def shaken(bank: Bank) -> tuple[tuple[Exemplar, ...], np.ndarray]:
    """Meshes that are off sideways as a whole, each by something else, and by how much, IOD."""
    off = np.random.default_rng(3).normal(0, NOISE_IOD, len(bank.exemplars))
    moved = []
    for exemplar, across in zip(bank.exemplars, off, strict=True):
        points = exemplar.points.copy()
        points[:, 0] += exemplar.pose.scale * across
        moved.append(replace(exemplar, points=points))
    return tuple(moved), off


def away(exemplars: tuple[Exemplar, ...], bank: Bank) -> np.ndarray:
    """(n,) how far lips lie beside those of the bank, on average, IOD."""
    return np.array(
        [
            (one.points - other.points)[LIPS, 0].mean() / one.pose.scale
            for one, other in zip(exemplars, bank.exemplars, strict=True)
        ]
    )


def test_meshes_that_are_off_come_back(bank: Bank) -> None:
    spoilt, off = shaken(bank)
    found = away(registered(spoilt, bank.neutral, bank.likeness), bank)
    assert (found - found.mean()).std() < 0.5 * off.std()


def test_the_same_mouths_give_the_same_meshes(bank: Bank) -> None:
    one, other = (registered(bank.exemplars, bank.neutral, bank.likeness) for _ in range(2))
    assert all(np.array_equal(a.points, b.points) for a, b in zip(one, other, strict=True))


def test_only_points_change_and_only_near_the_lips(bank: Bank) -> None:
    spoilt, _ = shaken(bank)
    for before, after in zip(spoilt, registered(spoilt, bank.neutral, bank.likeness), strict=True):
        assert np.array_equal(before.points[[33, 263, 10]], after.points[[33, 263, 10]])
        assert before.gap == after.gap
        assert before.image is after.image


@pytest.mark.parametrize("count", [1, LEAST - 1])
def test_few_mouths_stay_as_they_are(bank: Bank, count: int) -> None:
    few = bank.exemplars[:count]
    assert registered(few, bank.neutral, bank.likeness[:count, :count]) == few
