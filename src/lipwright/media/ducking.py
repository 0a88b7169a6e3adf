"""How far the bed goes down under a voice, and when: before the first word, slowly back after the last.

All curves have a point for each hundredth of a second. They hold decibels, 0 for a bed that is left as it is.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.media.loudness import Course, course
from lipwright.media.spool import AudioSpool

POINTS_PER_S = 100

_SAMPLE_RATE_HZ = 48_000
_POINT = _SAMPLE_RATE_HZ // POINTS_PER_S
_BLOCK = 2 * _SAMPLE_RATE_HZ
_NOTHING_HEARD_DB = -70.0


@dataclass(frozen=True, slots=True)
class DuckingRules:
    """How ducking behaves."""

    margin_lu: float = 12.0
    """The voice is to be so much louder than the bed. A bed that lies lower anyway is left alone.

    Two speeches over other people talking, 6 LU below them, were recognised by whisper-base with 23 % of words wrong;
    with 6, 9, 12 and 15 LU below with 19, 4, 2 and 2 %. Music of any such loudness hardly disturbed it.
    """
    deepest_db: float = 15.0
    """A bed is never lowered by more: it is to stay a bed, not to vanish."""
    fall_db_per_s: float = 60.0
    """Towards a word; the fall ends as the word begins."""
    rise_db_per_s: float = 20.0
    """After the last word."""
    hold_s: float = 0.6
    """Pauses in speech that are not longer keep the bed down."""
    quietest_db: float = -30.0
    """Sound of the voice's track that lies so far below its level is no speech."""


def ducking_curve(
    voice_db: NDArray[np.float32],
    voice_level_db: float,
    voice_lufs: float,
    bed_lufs: NDArray[np.float32],
    rules: DuckingRules | None = None,
) -> NDArray[np.float32]:
    """Give the gain of the bed.

    What the bed is lowered by follows its loudness over 3 s, never its single beats: it does not pump.

    Args:
        voice_db: (n,) level of the voice's track.
        voice_level_db: what that is in speech.
        voice_lufs: how loud the voice is.
        bed_lufs: (n,) how loud the bed is around that moment.
    Returns: (n,) decibels, 0 or less; it falls and rises by the rules' rates at most.
    """
    used = rules or DuckingRules()
    speaking = _joined(voice_db > voice_level_db + used.quietest_db, round(used.hold_s * POINTS_PER_S))
    excess = np.nan_to_num(bed_lufs.astype(np.float64) - (voice_lufs - used.margin_lu), nan=0.0, neginf=0.0)
    depth = np.where(speaking, np.clip(excess, 0.0, used.deepest_db), 0.0)
    fall, rise = used.fall_db_per_s / POINTS_PER_S, used.rise_db_per_s / POINTS_PER_S
    depth = _sloped(_sloped(depth, rise)[::-1], fall)[::-1]
    return -depth.astype(np.float32)


def followed(voice: AudioSpool) -> tuple[Course, NDArray[np.float32]]:
    """Measure a voice: as a whole, and its level at each point.

    Args:
        voice: 48 kHz, one channel.
    """
    levels: list[NDArray[np.float32]] = []

    def chunks() -> Iterator[NDArray[np.float32]]:
        for chunk in voice.chunks(_BLOCK):
            whole = np.pad(chunk, (0, -len(chunk) % _POINT)).reshape(-1, _POINT)
            power = np.einsum("ij,ij->i", whole, whole) / _POINT
            levels.append(10 * np.log10(np.maximum(power, 1e-20)).astype(np.float32))
            yield chunk

    measured = course(chunks(), _SAMPLE_RATE_HZ, 1)
    return measured, np.concatenate(levels) if levels else np.empty(0, np.float32)


def speech_level_db(voice_db: NDArray[np.float32]) -> float:
    """Give the level of speech: the mean power of the points that are no silence."""
    power = 10 ** (voice_db[voice_db > _NOTHING_HEARD_DB].astype(np.float64) / 10)
    return 10 * math.log10(power.mean()) if len(power) else 0.0


def gains_of(curve: NDArray[np.float32], start: int, count: int, factor: float) -> NDArray[np.float32]:
    """Give the linear gain of each sample of a stretch at 48 kHz that begins at a point of the curve.

    Args:
        factor: linear, times which the curve is taken.
    """
    first = start // _POINT
    last = first + -(-count // _POINT)
    points = curve[np.clip(np.arange(first, last + 1), 0, len(curve) - 1)]
    if not points.any():
        return np.full(count, factor, np.float32)
    linear = (factor * 10 ** (points / 20)).astype(np.float32)
    ramp = np.arange(_POINT, dtype=np.float32) / _POINT
    gains = (linear[:-1, None] + np.diff(linear)[:, None] * ramp).reshape(-1).astype(np.float32)
    return gains[:count]


def _joined(active: NDArray[np.bool_], longest: int) -> NDArray[np.bool_]:
    """Fill the gaps of at most `longest` points between two active ones."""
    places = np.flatnonzero(active)
    joined = active.copy()
    for left in np.flatnonzero((np.diff(places) > 1) & (np.diff(places) <= longest + 1)):
        joined[places[left] : places[left + 1]] = True
    return joined


def _sloped(depth: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """Give the lowest curve that is nowhere below the given one and goes down by `step` a point at most."""
    fallen = step * np.arange(len(depth))
    result: NDArray[np.float64] = np.maximum.accumulate(depth + fallen) - fallen
    return result
