"""How much a mouth changes from frame to frame, against another mouth that moves as fast and is open as wide.

A mouth that stands still is calm and sharp: energies are compared only between moments of like motion.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from lipwright.quality.mouth import Flags, Floats

_SPEEDS: Final = (0.0, 0.1, 0.25, 0.5, 0.9, 1.5, 1e9)
"""IOD a second."""
_GAPS: Final = (-1.0, 0.008, 0.03, 0.06, 0.1, 1e9)
"""IOD."""
_LEAST_IN_BIN: Final = 3
_LEAST_FRAMES: Final = 10
_LEAST_COVERED: Final = 0.3


@dataclass(frozen=True, slots=True)
class EnergyRatio:
    """Of a finished video to its source."""

    alike: float | None
    """At like motion; None when the two hardly ever move alike."""
    covered: float
    """Share of the finished video's frames that a like moment of the source was found for."""
    plain: float
    """Without regard to motion."""
    shown: float
    """Squared grey levels a frame, plain mean."""
    origin: float


def energy_ratio(
    shown: Floats, shown_gap: Floats, origin: Floats, origin_gap: Floats, chosen: Flags, fps: Fraction
) -> EnergyRatio | None:
    """Compare the energies of one part of the mouth.

    Args:
        shown, origin: (frames,) energy of the change since the frame before, NaN where there is none.
        shown_gap, origin_gap: (frames,) IOD.
        chosen: (frames,) frames whose mouth was drawn.
    Returns: None when fewer than ten frames of either can be compared.
    """
    first, second = _moments(shown, shown_gap, chosen, fps), _moments(origin, origin_gap, chosen, fps)
    if min(len(first.energy), len(second.energy)) < _LEAST_FRAMES:
        return None
    total = other = covered = 0.0
    for cell in np.unique(first.cell):
        here, there = first.energy[first.cell == cell], second.energy[second.cell == cell]
        if len(here) >= _LEAST_IN_BIN and len(there) >= _LEAST_IN_BIN:
            total += float(here.sum())
            other += len(here) * float(there.mean())
            covered += len(here)
    share = covered / len(first.energy)
    mean, origin_mean = float(first.energy.mean()), float(second.energy.mean())
    return EnergyRatio(
        alike=_ratio(total, other) if share >= _LEAST_COVERED else None,
        covered=share,
        plain=_ratio(mean, origin_mean),
        shown=mean,
        origin=origin_mean,
    )


@dataclass(frozen=True, slots=True)
class _Moments:
    energy: Floats
    cell: np.ndarray[tuple[int], np.dtype[np.int64]]
    """Which of the classes of speed and gap each belongs to."""


def _moments(energy: Floats, gap: Floats, chosen: Flags, fps: Fraction) -> _Moments:
    speed = np.abs(np.diff(gap, prepend=np.nan)) * float(fps)
    middle = (gap + np.concatenate([[np.nan], gap[:-1]])) / 2
    usable = chosen & np.isfinite(energy) & np.isfinite(speed)
    cell = np.digitize(speed[usable], _SPEEDS) * len(_GAPS) + np.digitize(middle[usable], _GAPS)
    return _Moments(energy[usable], cell.astype(np.int64))


def _ratio(first: float, second: float) -> float:
    """1 when both are nothing at all, as between equal pictures of a still."""
    if second > 1e-12:
        return first / second
    return 1.0 if first <= 1e-12 else float("inf")
