"""The constant rate of a video, from the times of its pictures, and the frame that each picture becomes."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

FASTEST = Fraction(240)
SLOWEST = Fraction(1)
USUAL = Fraction(25)

_SHORTEST_STEP_S = 1 / 260
_NTSC = Fraction(1000, 1001)
_STANDARD = sorted(
    {Fraction(n) for n in (*range(1, 31), 48, 50, 60, 72, 75, 90, 100, 120, 144, 200, 240)}
    | {n * _NTSC for n in (24, 30, 48, 60, 120, 240)}
    | {Fraction(25, 2), Fraction(15, 2), Fraction(15) * _NTSC}
)
_JITTER = 0.0015
"""How far from a standard rate a camera's uneven clock may run and still mean it; 24 and 23.976 are .001 apart."""

_ROUNDED = 0.00002
"""How far steps that are all the same may be from a standard rate and still mean it: a step of 33333 µs is 30 fps."""


def constant_rate(stamps: NDArray[np.int64], time_base_s: Fraction, declared: Sequence[Fraction | None]) -> Fraction:
    """Find the rate of a video: of its finest regular steps.

    Args:
        stamps: (pictures,) presentation times in units of `time_base_s`, rising.
        declared: rates that the file itself names; believed when they agree with the stamps.
    Returns: a rate from 1 to 240 frames a second.
    """
    named = [rate for rate in declared if rate is not None and SLOWEST <= rate <= FASTEST]
    tick_s = float(time_base_s)
    steps_s = np.diff(stamps) * tick_s
    steps_s = steps_s[steps_s >= max(_SHORTEST_STEP_S - tick_s, tick_s / 2)]
    if not len(steps_s):
        return named[0] if named else USUAL
    step_s, error = _regular_step(steps_s, tick_s)
    for rate in named:
        if abs(float(rate) * step_s - 1) <= error and (rate in _STANDARD or _is_even(stamps)):
            return rate
    even = _is_even(stamps)
    error = _ROUNDED if even else error
    usual = [rate for rate in _STANDARD if abs(float(rate) * step_s - 1) <= error]
    if usual:
        return min(usual, key=lambda rate: rate.denominator)
    if even:
        return _legal(1 / (int(stamps[1] - stamps[0]) * time_base_s))
    nearest = min(_STANDARD, key=lambda rate: abs(float(rate) * step_s - 1))
    if abs(float(nearest) * step_s - 1) <= _JITTER:
        return nearest
    return _legal(Fraction(max(math.ceil(step_s), 1) / step_s).limit_denominator(1001))


def frame_numbers(
    stamps: NDArray[np.int64], time_base_s: Fraction, start_s: Fraction, fps: Fraction
) -> NDArray[np.int64]:
    """Give each picture the nearest frame of the constant rate; frame 0 lies at `start_s`.

    Pictures that are as regular as the frames but lie between them are all moved by the same part of a frame, so that
    none is lost or doubled by rounding.

    Returns: (pictures,) never falling, 0 or more.
    """
    first = float((int(stamps[0]) * time_base_s - start_s) * fps)
    exact = first + (stamps - stamps[0]) * float(time_base_s * fps)
    mean = np.exp(2j * np.pi * exact).mean()
    offset = float(np.angle(mean)) / (2 * math.pi) if abs(mean) > 0.5 else 0.0
    numbers: NDArray[np.int64] = np.maximum(np.floor(exact - offset + 0.5), 0).astype(np.int64)
    return numbers


def _regular_step(steps_s: NDArray[np.float64], tick_s: float) -> tuple[float, float]:
    """Give the finest step that is not rare, as a mean over all that are multiples of it, and its relative error."""
    fine_s = float(np.sort(steps_s)[len(steps_s) // 10])
    step_s = float(steps_s[np.abs(steps_s - fine_s) <= max(0.25 * fine_s, tick_s)].mean())
    breaks, total_s = 0, step_s
    for _ in range(2):
        count = np.rint(steps_s / step_s)
        regular = (np.abs(steps_s / step_s - count) <= 0.25) & (count >= 1) & (count <= 8)
        if not regular.any():
            break
        total_s = float(steps_s[regular].sum())
        step_s = total_s / float(count[regular].sum())
        breaks = int((~regular).sum())
    return step_s, 2 * tick_s * (1 + breaks) / total_s + 1e-6


def _is_even(stamps: NDArray[np.int64]) -> bool:
    steps = np.diff(stamps)
    return bool(len(steps) and (steps == steps[0]).all())


def _legal(rate: Fraction) -> Fraction:
    """Bring a rate into the range that players know: what is too slow shows each picture several times."""
    if rate < SLOWEST:
        return rate * math.ceil(SLOWEST / rate)
    return min(rate, FASTEST)
