"""How much a mouth changes from frame to frame, against another mouth that moves as fast and is open as wide.

A mouth that stands still is calm, and one that says more is lively: how energy follows the speed and the width of the
source's mouth is fitted, and the finished video is held against what the fit expects of its own motion. Of halves of
one and the same real clip such ratios differ by a fifth to a third, so each comes with its own uncertainty.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Final

import numpy as np

from lipwright.quality.mouth import Flags, Floats

_LEAST_FRAMES: Final = 20
_BLOCKS: Final = 10
"""Stretches of time, each left out once, tell how sure a ratio is."""


@dataclass(frozen=True, slots=True)
class EnergyRatio:
    """Of a finished video to its source."""

    alike: float
    """At like motion of the mouth."""
    uncertain: float
    """Standard error of `alike`, by the jackknife over ten stretches of time."""
    plain: float
    """Without regard to motion."""


def energy_ratio(
    shown: Floats, shown_gap: Floats, origin: Floats, origin_gap: Floats, chosen: Flags, fps: Fraction
) -> EnergyRatio | None:
    """Compare the energies of one part of the mouth.

    Args:
        shown, origin: (frames,) energy of the change since the frame before, NaN where there is none.
        shown_gap, origin_gap: (frames,) IOD.
        chosen: (frames,) frames whose mouth was drawn.
    Returns: None when fewer than twenty frames of either can be compared.
    """
    first, second = _motion(shown_gap, fps), _motion(origin_gap, fps)
    here = chosen & np.isfinite(shown) & np.isfinite(first).all(axis=1)
    there = np.isfinite(origin) & np.isfinite(second).all(axis=1)
    if min(int(here.sum()), int(there.sum())) < _LEAST_FRAMES:
        return None
    block = np.arange(len(shown)) * _BLOCKS // len(shown)
    every = [
        _ratio(shown, first, here & (block != left), origin, second, there & (block != left)) for left in range(_BLOCKS)
    ]
    known = np.array([one for one in every if np.isfinite(one)])
    spread = float(np.sqrt((len(known) - 1) * known.var())) if len(known) > 1 else float("inf")
    plain = _quotient(float(shown[here].mean()), float(origin[there].mean()))
    return EnergyRatio(_ratio(shown, first, here, origin, second, there), spread, plain)


def _motion(gap: Floats, fps: Fraction) -> Floats:
    """What energy depends on, (frames, 3): a constant, how fast the gap changes, how wide it is."""
    before = np.concatenate([[np.nan], gap[:-1]])
    return np.stack([np.ones(len(gap)), np.abs(gap - before) * float(fps), (gap + before) / 2], axis=1)


def _ratio(shown: Floats, first: Floats, here: Flags, origin: Floats, second: Floats, there: Flags) -> float:
    if not here.any() or not there.any():
        return float("nan")
    weights = _fitted(second[there], origin[there])
    # Without negative weights, a fit may miss the mean of what it was fitted to.
    level = _quotient(float(origin[there].sum()), float((second[there] @ weights).sum()))
    return _quotient(float(shown[here].sum()), level * float((first[here] @ weights).sum()))


def _fitted(motion: Floats, energy: Floats) -> Floats:
    """Least squares without negative weights: of all subsets of three columns the best."""
    best, weights = np.inf, np.zeros(motion.shape[1])
    columns = range(motion.shape[1])
    for subset in (list(one) for size in (3, 2, 1) for one in combinations(columns, size)):
        found = np.linalg.lstsq(motion[:, subset], energy, rcond=None)[0]
        error = float(np.square(motion[:, subset] @ found - energy).sum())
        if (found >= 0).all() and error < best:
            best, weights = error, np.zeros(motion.shape[1])
            weights[subset] = found
    return weights


def _quotient(first: float, second: float) -> float:
    """1 when both are nothing at all, as between equal pictures of a still."""
    if second > 1e-9:
        return first / second
    return 1.0 if first <= 1e-9 else float("inf")
