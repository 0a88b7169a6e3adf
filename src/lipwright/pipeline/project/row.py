"""Cues found by their times."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from lipwright.pipeline.project.entry import Entry

Value = TypeVar("Value")


class Row(Generic[Value]):
    """Values, each with a cue of its own."""

    def __init__(self, values: Iterable[Value], entry: Callable[[Value], Entry]) -> None:
        """Sort them by time.

        Args:
            entry: gives the cue of a value.
        """
        self._pairs = sorted(((entry(value), value) for value in values), key=lambda pair: pair[0].start_ms)
        self._starts = [entry.start_ms for entry, _ in self._pairs]
        self._longest_ms = max((entry.end_ms - entry.start_ms for entry, _ in self._pairs), default=0)

    def at(self, entry: Entry) -> Value | None:
        """The value whose cue has exactly the times of another."""
        return next((value for other, value in self._near(entry) if other.has_times_of(entry)), None)

    def meeting(self, entry: Entry) -> list[Value]:
        """The values whose cues last together with another for any time, in order."""
        return [value for other, value in self._near(entry) if other.overlap_ms(entry) > 0]

    def covered(self, entry: Entry) -> list[Value]:
        """The values whose cues another covers, in order."""
        return [value for other, value in self._near(entry) if entry.covers(other)]

    def _near(self, entry: Entry) -> list[tuple[Entry, Value]]:
        first = bisect_left(self._starts, entry.start_ms - self._longest_ms)
        return self._pairs[first : bisect_left(self._starts, entry.end_ms)]
