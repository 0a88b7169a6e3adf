"""How many requests a token may send: a bucket for each, in this process."""

import threading
from collections.abc import Callable

from lipwright.errors import TooManyRequests

_KEPT = 10_000
"""Buckets; full ones are forgotten behind that, and refill is what makes them full."""


class Rates:
    """Buckets of requests. A minute's worth may come at once, then as many as flow back."""

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, token_id: str) -> None:
        """Count a request.

        Raises: TooManyRequests: with the time after which there is room again.
        """
        if not self._per_minute:
            return
        each_s = 60 / self._per_minute
        with self._lock:
            now_s = self._clock()
            left, seen_s = self._buckets.pop(token_id, (float(self._per_minute), now_s))
            left = min(float(self._per_minute), left + max(0.0, now_s - seen_s) / each_s)
            allowed = left >= 1
            self._buckets[token_id] = (left - 1 if allowed else left, now_s)
            if len(self._buckets) > _KEPT:
                self._forget(now_s)
        if not allowed:
            raise TooManyRequests(
                f"More than {self._per_minute} requests of this token in a minute. Send fewer.", (1 - left) * each_s
            )

    def _forget(self, now_s: float) -> None:
        """Drop the buckets that nobody has touched for a minute: they are full."""
        for token_id, (_, seen_s) in list(self._buckets.items()):
            if now_s - seen_s <= 60:
                break  # in order of the last touch
            del self._buckets[token_id]
