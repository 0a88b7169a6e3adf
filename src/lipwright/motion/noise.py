"""Random motion without steps: a function of time, so that every frame rate samples the same movement."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_DRIVE = 1.6
"""How strongly the spline of random knots is driven into its soft limits: more lingers at the extremes."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A wandering value between -1 and 1: a cubic B-spline through random knots, softly limited.

    It has no power above about one cycle in two knots, and velocity and acceleration are continuous.
    """

    seed: np.random.SeedSequence
    spacing_s: float
    """Between two knots."""

    def at(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value at some times, all 0 or later; what is asked beside a time does not change its value."""
        position = times / self.spacing_s
        knot_count = math.floor(float(position.max(initial=0.0))) + 4
        knots = np.random.default_rng(self.seed).uniform(-1.0, 1.0, knot_count)
        base = np.floor(position).astype(np.int64)
        u = position - base
        weights = (
            (1.0 - u) ** 3 / 6.0,
            (3.0 * u**3 - 6.0 * u**2 + 4.0) / 6.0,
            (-3.0 * u**3 + 3.0 * u**2 + 3.0 * u + 1.0) / 6.0,
            u**3 / 6.0,
        )
        spline = sum((weight * knots[base + k] for k, weight in enumerate(weights)), np.zeros(len(times)))
        return np.asarray(np.tanh(_DRIVE * spline) / math.tanh(_DRIVE))
