"""How loud a clip's sound is while each of its frames is seen; speech counts, rumble and hiss do not."""

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.media.audio import read_audio

SILENCE_DB = -100.0

_RATE_HZ = 16_000
_BAND_HZ = (150.0, 4_000.0)
"""From below the voice's pitch to above its formants."""
_TAPS = 801
_BLOCK = 1 << 15


def energy_envelope(
    path: Path,
    fps: Fraction,
    frame_count: int,
    track: int | None = None,
    on_damage: Callable[[Fraction], None] | None = None,
) -> NDArray[np.float32]:
    """Measure the speech band of a sound track, frame by frame. Sound is read piece by piece.

    Args:
        fps: of the frames; frame 0 begins with the clip's timeline, as in `Footage`.
        track, on_damage: as in `read_audio`.
    Returns: (frame_count,) decibels against full scale, `SILENCE_DB` and more; what lies behind the end of the sound is
        silent.
    Raises: as `read_audio`.
    """
    energy = np.zeros(frame_count)
    position = 0
    for filtered in _in_band(read_audio(path, _RATE_HZ, track=track, on_damage=on_damage)):
        # Sample s is heard while frame floor(s * fps / rate) is seen; in whole numbers, so that nothing drifts.
        numbers = np.arange(position, position + len(filtered), dtype=np.int64)
        frames = numbers * fps.numerator // (fps.denominator * _RATE_HZ)
        first = int(frames[0]) if len(frames) else 0
        sums = np.bincount(frames - first, weights=np.square(filtered, dtype=np.float64))[: max(frame_count - first, 0)]
        energy[first : first + len(sums)] += sums
        position += len(filtered)
    seconds = np.arange(frame_count + 1, dtype=object) * _RATE_HZ / fps
    starts = np.array([math.ceil(second) for second in seconds], np.int64)
    power = energy / np.maximum(np.diff(starts), 1)
    levels: NDArray[np.float32] = np.maximum(10 * np.log10(np.maximum(power, 1e-30)), SILENCE_DB).astype(np.float32)
    return levels


def _in_band(chunks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float64]]:
    """Filter a stream without delay: as many samples come out as go in. Overlap-add."""
    delay = _TAPS // 2
    response = np.fft.rfft(_band_pass(), _BLOCK + _TAPS - 1)
    tail = np.zeros(_TAPS - 1)
    skipped = 0
    for block in _blocks(chain(chunks, [np.zeros(delay, np.float32)])):
        full = np.fft.irfft(np.fft.rfft(block.astype(np.float64), _BLOCK + _TAPS - 1) * response, _BLOCK + _TAPS - 1)
        full[: _TAPS - 1] += tail
        tail = full[len(block) : len(block) + _TAPS - 1].copy()
        ready = full[: len(block)]
        skip = min(delay - skipped, len(ready))
        skipped += skip
        yield ready[skip:]


def _blocks(chunks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Cut a stream into blocks of `_BLOCK` samples; the last one is shorter."""
    waiting: list[NDArray[np.float32]] = []
    count = 0
    for chunk in chunks:
        waiting.append(chunk)
        count += len(chunk)
        if count >= _BLOCK:
            joined = np.concatenate(waiting)
            whole = count // _BLOCK * _BLOCK
            yield from joined[:whole].reshape(-1, _BLOCK)
            waiting, count = [joined[whole:]], count - whole
    if count:
        yield np.concatenate(waiting)


def _band_pass() -> NDArray[np.float64]:
    """A windowed sinc of `_BAND_HZ`, linear in phase."""
    times = np.arange(_TAPS) - _TAPS // 2
    low, high = (2 * edge / _RATE_HZ * np.sinc(2 * edge / _RATE_HZ * times) for edge in _BAND_HZ)
    return np.asarray((high - low) * np.blackman(_TAPS))
