"""Which frames a time holds. Every track of one talk has the same number of frames."""

import math
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

_ROUNDING_S = Fraction(1, 1_000_000)
"""A duration that came out of floating point may pass its last frame's end by less than this."""


def frame_count(duration_s: float, fps: Fraction) -> int:
    """How many frames begin before `duration_s`; at least 1."""
    return max(1, math.ceil((Fraction(duration_s) - _ROUNDING_S) * fps))


def frame_times(first_frame: int, frames: int, fps: Fraction) -> NDArray[np.float64]:
    """Seconds at which frames `first_frame` and on are shown, (frames,)."""
    return np.arange(first_frame, first_frame + frames, dtype=np.float64) / float(fps)


def smooth_ramp(value: ArrayLike, low: float, high: float) -> NDArray[np.float64]:
    """0 below `low`, 1 above `high`; neither speed nor acceleration jumps between (quintic)."""
    x = np.clip((np.asarray(value, np.float64) - low) / (high - low), 0.0, 1.0)
    return np.asarray(x * x * x * (x * (x * 6.0 - 15.0) + 10.0))
