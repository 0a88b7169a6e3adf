"""How a head moves by itself: it wanders a little, nods with stressed words and calms down in silence."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.motion.clock import smooth_ramp
from lipwright.motion.emphasis import Accent
from lipwright.motion.noise import Drift
from lipwright.motion.timeline import Interval

_SPACINGS_S: Final = (2.4, 1.0, 0.45)
"""Between the knots of a shift of posture, of a gesture and of the fine motion of balance."""
_TURNS_DEGREES: Final = ((1.6, 1.1, 0.25), (0.9, 0.65, 0.2), (1.0, 0.65, 0.15))
"""The most that each of the three adds to yaw, pitch and roll; in sum below 3 degrees, nods included."""
_SHIFTS_IOD: Final = ((0.016, 0.006, 0.002), (0.010, 0.004, 0.002))
"""The same for the shift to the side and up and down."""
_CALM: Final = 0.55
"""What is left of the motion in silence."""
_WAKES_S, _CALMS_S = 0.7, 1.2
"""How long motion takes to grow before a phrase, and to calm after it."""
NOD_APART_S: Final = 0.9
NOD_LEAST: Final = 0.62
"""The smallest strength of a vowel that is nodded to."""
_NOD_DEGREES: Final = (0.5, 1.2)
"""From the weakest to the strongest accent; down."""
_NOD_SHARE: Final = 0.75
_NOD_DOWN_S, _NOD_UP_S = 0.22, 0.42
_NOD_LEADS_S: Final = 0.16
"""A nod begins this long before the middle of its vowel."""
CHANNELS: Final = len(_SPACINGS_S) * (len(_TURNS_DEGREES) + len(_SHIFTS_IOD)) + 1
"""How many seeds `head_at` takes."""


def head_at(
    times: NDArray[np.float64],
    seeds: Sequence[np.random.SeedSequence],
    phrases: Sequence[Interval],
    accents: Sequence[Accent],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rotation and shift of the head.

    Args:
        times: seconds, 0 or later, in order.
        seeds: `CHANNELS` of them.
        phrases: when the person speaks; with none, the motion is that of speech all the time.
        accents: stressed vowels, in order of time, at least `NOD_APART_S` apart.
    Returns: yaw, pitch and roll in radians, (frames, 3); x and y in IOD, (frames, 2).
    """
    drifts = iter(seeds)
    wandering = np.stack(
        [
            sum(
                (most * Drift(next(drifts), spacing).at(times) for most, spacing in zip(row, _SPACINGS_S, strict=True)),
                np.zeros(len(times)),
            )
            for row in (*_TURNS_DEGREES, *_SHIFTS_IOD)
        ],
        axis=1,
    )
    wandering *= _liveliness(times, phrases)[:, None]
    turns = wandering[:, :3]
    turns[:, 1] -= _nods(times, next(drifts), accents)
    return np.radians(turns), wandering[:, 3:]


def _liveliness(times: NDArray[np.float64], phrases: Sequence[Interval]) -> NDArray[np.float64]:
    if not phrases:
        return np.ones(len(times))
    silent = np.ones(len(times))
    for phrase in phrases:
        low, high = np.searchsorted(times, (phrase.start_s - _WAKES_S, phrase.end_s + _CALMS_S))
        t = times[low:high]
        speaking = smooth_ramp(t, phrase.start_s - _WAKES_S, phrase.start_s)
        silent[low:high] *= 1.0 - speaking * (1.0 - smooth_ramp(t, phrase.end_s, phrase.end_s + _CALMS_S))
    return np.asarray(1.0 - (1.0 - _CALM) * silent)


def _nods(times: NDArray[np.float64], seed: np.random.SeedSequence, accents: Sequence[Accent]) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    nods = np.zeros(len(times))
    for accent in accents:
        chosen = rng.random() < _NOD_SHARE
        weakest, strongest = _NOD_DEGREES
        depth = weakest + (strongest - weakest) * (accent.strength - NOD_LEAST) / (1.0 - NOD_LEAST)
        start_s = accent.time_s - _NOD_LEADS_S
        lowest_s, end_s = start_s + _NOD_DOWN_S, start_s + _NOD_DOWN_S + _NOD_UP_S
        low, high = np.searchsorted(times, (start_s, end_s))
        t = times[low:high]
        if chosen:
            nods[low:high] += depth * smooth_ramp(t, start_s, lowest_s) * (1.0 - smooth_ramp(t, lowest_s, end_s))
    return nods
