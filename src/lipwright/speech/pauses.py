"""A stream of sound cut at its pauses, and where in it something is loud."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

_HOP_S: Final = 0.01
_PAUSE_S: Final = 0.2
_QUIET_DB: Final = -22.0
"""Against the loud parts of the same window: a pause is quieter than this."""
_SILENT_DB: Final = -55.0
"""Of full scale: quieter sound is never loud."""
_JOINED_S: Final = 0.15
"""A shorter break divides no loud stretch."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Window:
    """Some seconds of a stream."""

    start_s: float
    """From the first sample of the stream."""
    sound: NDArray[np.float32]
    """Mono, (n,)."""
    sample_rate_hz: int
    ends_in_pause: bool
    """Otherwise a word may be cut at its end."""

    @property
    def end_s(self) -> float:
        return self.start_s + len(self.sound) / self.sample_rate_hz

    def between(self, start_s: float, end_s: float) -> NDArray[np.float32]:
        """The sound of a stretch of it, in times of the stream."""
        start, end = (round((time_s - self.start_s) * self.sample_rate_hz) for time_s in (start_s, end_s))
        return self.sound[max(start, 0) : max(end, 0)]

    def until(self, end_s: float) -> "Window":
        """Its first part."""
        return replace(self, sound=self.sound[: round((end_s - self.start_s) * self.sample_rate_hz)])


class Feed:
    """A stream of mono sound that is read once and looked at window by window. It keeps one window and a chunk."""

    def __init__(self, chunks: Iterable[NDArray[np.float32]], from_hz: int, sample_rate_hz: int) -> None:
        """
        Args:
            chunks: (n,) each, at `from_hz`.
            sample_rate_hz: of the windows.
        """
        from lipwright.media.audio import resample

        self._rate_hz = sample_rate_hz
        self._from_hz = from_hz
        self._taken = 0
        self._source: Iterator[NDArray[np.float32]] | None = resample(self._counted(chunks), from_hz, sample_rate_hz)
        self._kept = np.zeros(0, np.float32)
        self._start = 0

    @property
    def duration_s(self) -> float:
        """Of everything that was read."""
        return self._taken / self._from_hz

    def window(self, shortest_s: float, longest_s: float) -> Window | None:
        """The next seconds, up to the quietest moment between two lengths; None at the end of the stream.

        The same again until `go_on` is called.
        """
        longest = round(longest_s * self._rate_hz)
        self._fill(longest)
        start_s = self._start / self._rate_hz
        if len(self._kept) == 0:
            return None
        if len(self._kept) <= longest and self._source is None:
            return Window(start_s, self._kept, self._rate_hz, ends_in_pause=True)
        cut_s, is_pause = _quietest(self._kept[:longest], self._rate_hz, shortest_s)
        return Window(start_s, self._kept[: round(cut_s * self._rate_hz)], self._rate_hz, ends_in_pause=is_pause)

    def go_on(self, start_s: float) -> None:
        """Begin the next window at a time of the stream within the last one."""
        start = max(round(start_s * self._rate_hz), self._start + 1)
        self._kept = self._kept[start - self._start :]
        self._start = start

    def _counted(self, chunks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        for chunk in chunks:
            if chunk.ndim != 1:
                raise ValueError(f"sound of shape {chunk.shape}: mix it down to mono, (n,), first.")
            self._taken += len(chunk)
            yield chunk

    def _fill(self, samples: int) -> None:
        """Read until more than so many samples are there, or the stream ends."""
        pieces, count = [self._kept], len(self._kept)
        while self._source is not None and count <= samples:
            piece = next(self._source, None)
            if piece is None:
                self._source = None
            else:
                pieces.append(piece)
                count += len(piece)
        self._kept = np.concatenate(pieces)


def loud_stretches(window: Window) -> tuple[Stretch, ...]:
    """Where a window is about as loud as in its loud parts: speech, and what is as loud."""
    level_db = _levels_db(window.sound, window.sample_rate_hz)
    if not len(level_db):
        return ()
    loud = np.flatnonzero(level_db > max(_reference_db(level_db) + _QUIET_DB, _SILENT_DB))
    stretches: list[Stretch] = []
    for hop in loud:
        start_s, end_s = window.start_s + float(hop) * _HOP_S, window.start_s + float(hop + 1) * _HOP_S
        if stretches and start_s - stretches[-1].end_s < _JOINED_S:
            stretches[-1] = Stretch(stretches[-1].start_s, end_s)
        else:
            stretches.append(Stretch(start_s, end_s))
    return tuple(stretches)


def _quietest(sound: NDArray[np.float32], rate_hz: int, shortest_s: float) -> tuple[float, bool]:
    """The middle of the quietest fifth of a second behind a time, and whether it is a pause."""
    level_db = _levels_db(sound, rate_hz)
    width = round(_PAUSE_S / _HOP_S)
    power = np.convolve(10 ** (level_db / 10), np.ones(width) / width, "valid")
    first = round(shortest_s / _HOP_S)
    place = first + int(np.argmin(power[first:]))
    is_pause = bool(power[place] < 10 ** (max(_reference_db(level_db) + _QUIET_DB, _SILENT_DB) / 10))
    return (place + width / 2) * _HOP_S, is_pause


def _reference_db(level_db: NDArray[np.float64]) -> float:
    return float(np.quantile(level_db, 0.95))


def _levels_db(sound: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """RMS over every 10 ms, dB of full scale; a rest of less than 10 ms is left out."""
    hop = round(_HOP_S * rate_hz)
    hops = sound[: len(sound) // hop * hop].reshape(-1, hop)
    return np.asarray(10 * np.log10(np.mean(np.square(hops, dtype=np.float64), axis=1) + 1e-12))
