"""When eyes blink. Never two blinks at once, often where a phrase ends."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_PROFILE: Final = (0.0, 0.35, 0.85, 1.0, 1.0, 0.8, 0.5, 0.25, 0.08, 0.0)
"""How far the lids are down, every 40 ms; they close twice as fast as they open."""
_PROFILE_STEP_S: Final = 0.04
BLINK_S: Final = (len(_PROFILE) - 1) * _PROFILE_STEP_S
"""From the first movement of the lids to the last."""
_SHORTEST_S, _LONGEST_S = 2.0, 6.0
"""Between two blinks."""
_MEDIAN_S, _SPREAD = 3.4, 0.4
"""Of the time between two blinks, which is log-normal."""
_FIRST_S: Final = (1.0, 3.0)
_NEAR_S: Final = 0.7
"""A phrase that ends this near draws a blink to its end."""
_DRAWN_SHARE: Final = 0.8
_DOUBLE_SHARE: Final = 0.12
_DOUBLE_AFTER_S: Final = (BLINK_S, BLINK_S + 0.06)


def blink_starts(seed: np.random.SeedSequence, end_s: float, phrase_ends_s: Sequence[float]) -> tuple[float, ...]:
    """When the lids begin to move, in order of time; blinks are at least `BLINK_S` apart.

    Args:
        end_s: only blinks that begin before this.
        phrase_ends_s: in order of time.
    """
    starts: list[float] = []
    for start_s in _schedule(np.random.default_rng(seed), np.asarray(phrase_ends_s, np.float64)):
        if start_s >= end_s:
            return tuple(starts)
        starts.append(start_s)
    raise AssertionError("the schedule is endless")


def lids_at(times: NDArray[np.float64], starts_s: Sequence[float]) -> NDArray[np.float64]:
    """How far the lids are down, 0 to 1, (frames,)."""
    lids = np.zeros(len(times))
    steps = np.arange(len(_PROFILE)) * _PROFILE_STEP_S
    for start_s in starts_s:
        low, high = np.searchsorted(times, (start_s, start_s + BLINK_S))
        lids[low:high] = np.interp(times[low:high] - start_s, steps, _PROFILE)
    return lids


def _schedule(rng: np.random.Generator, phrase_ends_s: NDArray[np.float64]) -> Iterator[float]:
    start_s = rng.uniform(*_FIRST_S)
    last_s = -_SHORTEST_S
    while True:
        # Every blink draws the same numbers, whether it uses them or not: later ones do not depend on it.
        drawn, double = rng.random(2) < (_DRAWN_SHARE, _DOUBLE_SHARE)
        after_phrase_s, after_first_s = rng.uniform(0.0, 0.12), rng.uniform(*_DOUBLE_AFTER_S)
        until_next_s = float(np.clip(_MEDIAN_S * np.exp(_SPREAD * rng.standard_normal()), _SHORTEST_S, _LONGEST_S))
        near = phrase_ends_s[np.abs(phrase_ends_s - start_s) < _NEAR_S]
        if drawn and len(near) and near[0] + after_phrase_s - last_s >= _SHORTEST_S:
            start_s = float(near[0] + after_phrase_s)
        yield start_s
        last_s = start_s
        if double:
            last_s = start_s + after_first_s
            yield last_s
        start_s = last_s + until_next_s
