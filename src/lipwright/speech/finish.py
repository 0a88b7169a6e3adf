"""The last touch on a synthesised sentence: silence trimmed, level set, ends faded.

After it the sound starts `LEAD_S` behind the first sample and stops `TAIL_S` before the last, so that whoever joins
sentences knows their pauses to the sample.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAD_S = 0.060
"""Kept before the sound: the closure of a first p or t is silent, and the mouth needs it."""
TAIL_S = 0.060
FADE_S = 0.004
ACTIVE_LEVEL_DBFS = -23.0
"""RMS of the sounding part."""
PEAK_LIMIT_DBFS = -1.5
_SILENT_DB = -45.0
"""Below the loudest stretch by this much nothing is heard."""
_HOP_S = 0.005


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished sentence."""

    samples: NDArray[np.float32]
    """(n,) mono."""
    removed_s: float
    """How much earlier everything is than in the raw sound; negative when silence was put in front."""


def sounding_range(samples: NDArray[np.float32], sample_rate_hz: int) -> tuple[float, float] | None:
    """Seconds of the first and the last sound, to 5 ms; None for silence."""
    hop = round(_HOP_S * sample_rate_hz)
    count = -(-len(samples) // hop)
    padded = np.zeros(count * hop, np.float32)
    padded[: len(samples)] = samples
    power = np.mean(np.square(padded.reshape(count, hop), dtype=np.float64), axis=1)
    loudest = float(power.max(initial=0.0))
    if loudest < 1e-12:
        return None
    (loud,) = np.nonzero(power > loudest * 10 ** (_SILENT_DB / 10))
    return float(loud[0] * _HOP_S), float((loud[-1] + 1) * _HOP_S)


def active_level_dbfs(samples: NDArray[np.float32], sample_rate_hz: int) -> float:
    """RMS over the stretches within 30 dB of the loudest; -inf for silence."""
    hop = round(0.02 * sample_rate_hz)
    count = len(samples) // hop
    if count == 0:
        return -np.inf
    power = np.mean(np.square(samples[: count * hop].reshape(count, hop), dtype=np.float64), axis=1)
    active = power[power > power.max() * 1e-3]
    return float(10 * np.log10(active.mean())) if active.size else -np.inf


def fade_ends(samples: NDArray[np.float32], sample_rate_hz: int) -> None:
    """Raised cosine over the first and the last 4 ms, in place."""
    length = min(round(FADE_S * sample_rate_hz), len(samples) // 2)
    if length:
        ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / length)).astype(np.float32)
        samples[:length] *= ramp
        samples[-length:] *= ramp[::-1]


def finish(samples: NDArray[np.float32], sample_rate_hz: int) -> Finished:
    """Trim to the sound, bring it to -23 dBFS (peaks at most -1.5 dBFS), fade the ends.

    Args:
        samples: raw mono sound with at least one audible stretch. Not modified.
    Raises: ValueError: there is only silence.
    """
    sounding = sounding_range(samples, sample_rate_hz)
    if sounding is None:
        raise ValueError("a synthesised sentence is silent")
    first = round((sounding[0] - LEAD_S) * sample_rate_hz)
    last = round((sounding[1] + TAIL_S) * sample_rate_hz)
    kept = np.zeros(last - first, np.float32)
    source = samples[max(first, 0) : min(last, len(samples))]
    offset = max(-first, 0)
    kept[offset : offset + len(source)] = source
    gain_db = min(
        ACTIVE_LEVEL_DBFS - active_level_dbfs(source, sample_rate_hz),
        PEAK_LIMIT_DBFS - 20 * np.log10(float(np.abs(source).max())),
    )
    kept *= np.float32(10 ** (gain_db / 20))
    fade_ends(kept, sample_rate_hz)
    return Finished(kept, first / sample_rate_hz)
