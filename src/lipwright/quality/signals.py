"""Two series of numbers over the same time: how alike they are, and how late one is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_LEAST_OVERLAP = 0.5
"""Of the shorter series: less in common says nothing of a lag."""
_ALMOST = 0.02
"""Correlations that differ by less are equally good."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How late a series is."""

    seconds: float
    """Positive when the measured series comes after the reference."""
    correlation: float
    """Of the two at that lag, -1 to 1."""


def correlation(first: ArrayLike, second: ArrayLike) -> float | None:
    """Pearson's correlation of two series of one length; pairs in which one is NaN are left out.

    Returns: None when fewer than three pairs are left, or one of the series never changes.
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    if len(a) < 3:
        return None
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm > 1e-12 * len(a) else None


def find_lag(reference: ArrayLike, measured: ArrayLike, rate_hz: float, reach_s: float) -> Lag | None:
    """The lag at which a measured series is most like a reference; a parabola finds it between two samples.

    Args:
        reference, measured: samples of one rate, both from time 0; NaN where unknown.
        reach_s: lags up to this, early and late, are tried.
    Returns: None when the series are too short or one never changes, or the best lag lies at the end of the reach.
    """
    a, b = np.asarray(reference, np.float64), np.asarray(measured, np.float64)
    reach = int(np.ceil(reach_s * rate_hz)) + 1
    scores = np.full(2 * reach + 1, np.nan)
    for shift in range(-reach, reach + 1):
        early, late = (a, b[shift:]) if shift >= 0 else (a[-shift:], b)
        common = min(len(early), len(late))
        if common >= max(3, _LEAST_OVERLAP * min(len(a), len(b))):
            score = correlation(early[:common], late[:common])
            scores[shift + reach] = np.nan if score is None else score
    best = _nearest_peak(scores, reach)
    return None if best is None else _between(scores[best - 1 : best + 2], best - reach, rate_hz)


def _nearest_peak(scores: NDArray[np.float64], middle: int) -> int | None:
    """Of the peaks that are almost the highest, the one nearest the middle: rhythm repeats itself."""
    if np.isnan(scores).all():
        return None
    inner = np.arange(1, len(scores) - 1)
    with np.errstate(invalid="ignore"):
        peak = (scores[inner] >= scores[inner - 1]) & (scores[inner] >= scores[inner + 1])
        peak &= scores[inner] >= np.nanmax(scores) - _ALMOST
    peaks = inner[peak]
    return int(peaks[np.argmin(np.abs(peaks - middle))]) if len(peaks) else None


def _between(scores: NDArray[np.float64], shift: int, rate_hz: float) -> Lag:
    """Take the top of the parabola through three scores."""
    before, top, after = (float(score) for score in scores)
    bend = before - 2 * top + after
    offset = 0.5 * (before - after) / bend if bend < -1e-12 else 0.0
    return Lag((shift + offset) / rate_hz, top - 0.25 * (before - after) * offset)
