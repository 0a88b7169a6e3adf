"""When a body breathes. It waits for a pause to breathe in, and breathes out while it speaks."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.motion.clock import smooth_ramp
from lipwright.motion.timeline import Interval

_SPREAD: Final = 0.12
"""Of the length of a breath, either way."""
_IN_SHARE: Final = 0.38
"""Breathing in takes this part of a quiet breath."""
_FIRST_S: Final = (0.3, 1.2)
_WAITS_S: Final = 1.5
"""How long a speaker holds back for the end of a phrase."""
_WAIT_COSTS: Final = 0.94
"""Breaths are planned this much shorter, because waiting makes them longer."""


def breath_at(
    times: NDArray[np.float64], seed: np.random.SeedSequence, per_minute: float, phrases: Sequence[Interval]
) -> NDArray[np.float64]:
    """How much air the body holds, 0 to 1, (frames,); 0 at time 0.

    Args:
        times: in order, seconds.
        per_minute: breaths.
        phrases: when the body speaks, in order of time.
    """
    air = np.zeros(len(times))
    for start_s, full_s, empty_s in _breaths(np.random.default_rng(seed), 60.0 / per_minute, phrases):
        if len(times) == 0 or start_s > times[-1]:
            break
        low, high = np.searchsorted(times, (start_s, empty_s))
        t = times[low:high]
        air[low:high] = smooth_ramp(t, start_s, full_s) * (1.0 - smooth_ramp(t, full_s, empty_s))
    return air


def _breaths(
    rng: np.random.Generator, period_s: float, phrases: Sequence[Interval]
) -> Iterator[tuple[float, float, float]]:
    """Begin, top and end of each breath; one begins where the last one ended, or later."""
    ends_s = np.array([phrase.end_s for phrase in phrases])
    starts_s = np.array([phrase.start_s for phrase in phrases])
    start_s = rng.uniform(*_FIRST_S)
    while True:
        length_s = period_s * _WAIT_COSTS * (1.0 + rng.uniform(-_SPREAD, _SPREAD))
        speaking = np.flatnonzero((starts_s <= start_s) & (start_s < ends_s))
        if len(speaking) and ends_s[speaking[0]] - start_s < _WAITS_S:
            start_s = float(ends_s[speaking[0]])
        yield start_s, start_s + _IN_SHARE * length_s, start_s + length_s
        start_s += length_s
