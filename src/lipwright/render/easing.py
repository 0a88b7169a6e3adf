"""The two curves that soften every threshold of the renderer."""

import numpy as np
from numpy.typing import ArrayLike

from lipwright.render.arrays import Floats


def smoothstep(value: ArrayLike, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high`, cubic and flat at both ends between."""
    ramp = np.clip((np.asarray(value, np.float32) - low) / (high - low), 0.0, 1.0)
    return np.asarray(ramp * ramp * (3.0 - 2.0 * ramp), np.float32)


def soft_cap(value: ArrayLike, knee: float, limit: float) -> Floats:
    """The value itself below `knee`; above it, bent by a tanh that never passes `limit`."""
    raw = np.asarray(value, np.float32)
    return np.asarray(
        np.where(raw < knee, raw, knee + (limit - knee) * np.tanh((raw - knee) / (limit - knee))), np.float32
    )
