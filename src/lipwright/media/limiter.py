"""A look-ahead limiter that holds the true peak of a sound under a ceiling, sample for sample in place."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lipwright.media.spool import AudioSpool

Value = TypeVar("Value", np.float32, np.float64)

_OVERSAMPLING = 4  # ITU-R BS.1770-4, annex 2
_TAPS = 32
_LOOK_AHEAD_S = 0.010
_BLOCK_S = 1.0


def limited(
    source: AudioSpool, gain: float, ceiling: float, on_limit: Callable[[], None] | None = None
) -> Iterator[NDArray[np.float32]]:
    """Multiply a sound by a gain, and by less around the peaks that would exceed a ceiling.

    The gain of a sample depends on the sound 20 ms to either side of it; it begins to fall before a peak and is smooth.

    Args:
        gain: linear.
        ceiling: linear true peak.
        on_limit: is told of each second in which peaks exceed the ceiling.
    Yields: float32 chunks, (n,) or (n, channels), together as long as the source and not delayed against it.
    """
    reach = round(_LOOK_AHEAD_S * source.sample_rate_hz)
    margin = 2 * reach + _TAPS
    block = round(_BLOCK_S * source.sample_rate_hz)
    kernel = _interpolator().astype(np.float32)
    for start in range(0, len(source), block):
        count = min(block, len(source) - start)
        samples = _with_context(source, start, count, margin) * np.float32(gain)
        peaks = peaks_above(samples, ceiling, kernel)
        if peaks.max() > ceiling:
            wanted = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
            samples = samples * _smoothed(wanted, reach)[:, None].astype(np.float32)
            if on_limit is not None:
                on_limit()
        samples = samples[margin : margin + count]
        yield samples[:, 0] if source.channels == 1 else samples


def true_peaks(samples: NDArray[np.float32], kernel: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Give the highest level at and around each sample.

    Args:
        samples: float32, (n, channels).
    Returns: linear, (n,): the maximum over the channels of the sample itself and the three points before the next one.
    Source: ITU-R BS.1770-4, annex 2, with a longer filter than its example.
    """
    taps = (_interpolator() if kernel is None else kernel).astype(np.float32)
    peaks: NDArray[np.float64] = np.abs(samples).max(axis=1).astype(np.float64)
    for channel in samples.T:
        padded = np.pad(channel, (_TAPS // 2 - 1, _TAPS // 2))
        between = np.abs(np.stack([np.correlate(padded, phase, "valid") for phase in taps.T])).max(axis=0)
        np.maximum(peaks, between, out=peaks)
        np.maximum(peaks[1:], between[:-1], out=peaks[1:])
    return peaks


def peaks_above(
    samples: NDArray[np.float32], ceiling: float, kernel: NDArray[np.float32] | None = None
) -> NDArray[np.float64]:
    """Give what `true_peaks` gives wherever that exceeds a ceiling, and anything up to the ceiling elsewhere.

    Few samples of speech are so loud that the points beside them may exceed the ceiling; only those are interpolated.
    """
    taps = _interpolator().astype(np.float32) if kernel is None else kernel
    highest = float(np.abs(taps).sum(axis=0).max())
    levels = _loudest([np.abs(channel) for channel in samples.T])
    around = -_running_minimum(-levels, _TAPS // 2)
    edges = np.flatnonzero(np.diff(around * highest > ceiling, prepend=False, append=False)).reshape(-1, 2)
    between = np.zeros(len(levels), np.float32)
    for channel in samples.T:
        padded = np.pad(channel, (_TAPS // 2 - 1, _TAPS // 2))
        for start, end in edges.tolist():
            piece = padded[start : end + _TAPS - 1]
            points = [np.abs(np.correlate(piece, phase, "valid")) for phase in taps.T]
            between[start:end] = _loudest([between[start:end], *points])
    peaks = np.maximum(levels, between)
    np.maximum(peaks[1:], between[:-1], out=peaks[1:])
    return peaks.astype(np.float64)


def _loudest(rows: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Give the maximum of some rows; NumPy's own along a short axis takes twenty times as long."""
    highest = rows[0]
    for row in rows[1:]:
        highest = np.maximum(highest, row)
    return highest


def _interpolator() -> NDArray[np.float64]:
    """Windowed sinc values of the three points between two samples, (taps, 3)."""
    position = np.arange(_TAPS)[:, None] - (_TAPS // 2 - 1) - np.arange(1, _OVERSAMPLING) / _OVERSAMPLING
    taps: NDArray[np.float64] = np.sinc(position) * np.cos(np.pi * position / (_TAPS + 2)) ** 2
    taps /= taps.sum(axis=0)
    return taps


def _with_context(source: AudioSpool, start: int, count: int, margin: int) -> NDArray[np.float32]:
    """Read a stretch with `margin` samples before and after it, silence outside the sound; (n, channels)."""
    before = min(margin, start)
    samples = source.read(start - before, before + count + margin).reshape(-1, source.channels)
    missing = count + 2 * margin - len(samples) - (margin - before)
    return np.pad(samples, ((margin - before, missing), (0, 0)))


def _smoothed(wanted: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Give a smooth gain that is nowhere above the wanted one: the lowest within reach, then averaged over reach."""
    lowest = _running_minimum(wanted, reach)
    half = reach // 2
    return _running_mean(_running_mean(lowest, half), half)


def _running_minimum(values: NDArray[Value], reach: int) -> NDArray[Value]:
    """Give the minimum within `reach` to either side, by windows that double in width."""
    result = np.pad(values, reach, constant_values=np.inf)
    width, wanted = 1, 2 * reach + 1
    while width < wanted:
        step = min(width, wanted - width)
        result = np.minimum(result[:-step], result[step:])
        width += step
    return result


def _running_mean(values: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Give the mean within `reach` to either side; the ends repeat."""
    sums = np.cumsum(np.pad(values, (reach + 1, reach), mode="edge"))
    mean: NDArray[np.float64] = (sums[2 * reach + 1 :] - sums[: -2 * reach - 1]) / (2 * reach + 1)
    return mean
