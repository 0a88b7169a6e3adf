"""Lips of a finished video: how far they are apart, and whether they meet when they have to."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Phoneme
from lipwright.motion.visemes import is_bilabial, is_vowel

INNER_LIP_PAIRS = ((82, 87), (13, 14), (312, 317), (81, 178), (311, 402))
"""Mesh points above and below the opening: the middle of the mouth."""

DRAWN = 0.99
"""From this weight on, a frame shows the mouth that was asked for."""
CLOSED_FLAG = 0.99
"""Frames whose `closed` flag is at least this have to show touching lips."""

SHORTEST_VOWEL_S = 0.06
"""In a shorter vowel, the lips need not part."""
_REDUCED = frozenset("əɐᵊɚᵻɨ")
"""Nor in an unstressed one."""

_BEFORE_S, _AFTER_S = 0.02, 0.02
"""Lips meet a little before a bilabial sounds, and part a little behind it."""
_SETTLES_S, _STARTS_S = 0.25, 0.15
"""A mouth needs this long to come to rest after speech, and opens this long before it."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class TimeSpan(Protocol):
    """Anything that begins and ends."""

    @property
    def start_s(self) -> float:
        """Its first moment."""

    @property
    def end_s(self) -> float:
        """Its last moment."""


@dataclass(frozen=True, slots=True)
class Closures:
    """How often lips did what a phone needs: meet in p, b and m, or part in a vowel."""

    spoken: int
    """Such phones that the video has a frame for."""
    met: int
    """Those in which the lips did it."""
    missed: tuple[Phoneme, ...]


@dataclass(frozen=True, slots=True)
class Openness:
    """Gaps over a set of frames, IOD."""

    frames: int
    mean: float
    largest: float
    fastest: float
    """Change of the gap, IOD per second; 0 when no two of the frames follow each other."""


def inner_gap(points: NDArray[np.float32]) -> float:
    """How far the inner lips are apart: mean distance of five pairs in the picture's plane, over the eye distance.

    Args:
        points: mesh in pixels, (478, 2 or 3).
    """
    flat = points[:, :2].astype(np.float64)
    upper, lower = flat[[pair[0] for pair in INNER_LIP_PAIRS]], flat[[pair[1] for pair in INNER_LIP_PAIRS]]
    eye_distance = float(np.linalg.norm(flat[263] - flat[33]))
    return float(np.linalg.norm(upper - lower, axis=1).mean()) / max(eye_distance, 1e-9)


def on_frames(values: Sequence[float], numbers: NDArray[np.int64]) -> Floats:
    """The values of the frames with these numbers; NaN for numbers outside."""
    known = np.asarray(values, np.float64)
    inside = (numbers >= 0) & (numbers < len(known))
    out = np.full(len(numbers), np.nan)
    out[inside] = known[numbers[inside]]
    return out


def frame_numbers(times_s: Floats, fps: Fraction) -> NDArray[np.int64]:
    """Which frame of a constant rate is shown at each time."""
    return np.rint(np.asarray(times_s, np.float64) * float(fps)).astype(np.int64)


def closures(phonemes: Sequence[Phoneme], times_s: Floats, gap: Floats, limit: float) -> Closures:
    """Count the bilabials in which the lips meet.

    Args:
        times_s, gap: of each frame; a gap is NaN where no face was found.
        limit: a gap up to this is shut, IOD.
    """
    spoken, missed = 0, []
    for phoneme in phonemes:
        if not is_bilabial(phoneme.symbol):
            continue
        during = (times_s >= phoneme.start_s - _BEFORE_S) & (times_s <= phoneme.end_s + _AFTER_S)
        if not during.any():
            continue
        spoken += 1
        if not (gap[during] <= limit).any():
            missed.append(phoneme)
    return Closures(spoken, spoken - len(missed), tuple(missed))


def opened_vowels(phonemes: Sequence[Phoneme], times_s: Floats, gap: Floats, least: float) -> Closures:
    """Count the vowels in which the lips part: a mouth that is always shut would meet every closure.

    Args:
        least: a gap from this on is open, IOD.
    Returns: as `closures`, of full vowels of `SHORTEST_VOWEL_S` or more that the video has a frame inside of.
    """
    spoken, missed = 0, []
    for phoneme in phonemes:
        long = phoneme.end_s - phoneme.start_s >= SHORTEST_VOWEL_S
        if not (long and is_vowel(phoneme.symbol)) or phoneme.symbol[:1] in _REDUCED:
            continue
        during = (times_s >= phoneme.start_s) & (times_s <= phoneme.end_s)
        if not during.any():
            continue
        spoken += 1
        if not (gap[during] >= least).any():
            missed.append(phoneme)
    return Closures(spoken, spoken - len(missed), tuple(missed))


def at_rest(silences: Sequence[TimeSpan], times_s: Floats) -> Flags:
    """Frames that lie so deep inside a silence that the mouth has to rest."""
    resting = np.zeros(len(times_s), np.bool_)
    for silence in silences:
        begins = silence.start_s + (_SETTLES_S if silence.start_s > 0 else 0)
        resting |= (times_s >= begins) & (times_s <= silence.end_s - _STARTS_S)
    return resting


def openness(gap: Floats, chosen: Flags, fps: Fraction) -> Openness | None:
    """Sum up the gaps of chosen frames.

    Returns: None when none of them shows a face.
    """
    seen = chosen & np.isfinite(gap)
    if not seen.any():
        return None
    both = seen[1:] & seen[:-1]
    speed = np.abs(np.diff(gap))[both] * float(fps)
    return Openness(
        frames=int(seen.sum()),
        mean=float(gap[seen].mean()),
        largest=float(gap[seen].max()),
        fastest=float(speed.max()) if len(speed) else 0.0,
    )
