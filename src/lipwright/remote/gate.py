"""How often a server is asked, and how many requests are on their way at the same time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lipwright.remote.waiting import POLL_S, check, pause


class Gate:
    """Lets requests pass one by one, evenly spread over each minute. Any thread may use it."""

    def __init__(
        self,
        requests_per_minute: int,
        in_flight: int,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        """
        Args:
            requests_per_minute: 0 sets no limit.
            in_flight: how many may be under way at once.
            clock: seconds that never go back.
        """
        self._spacing_s = 60 / requests_per_minute if requests_per_minute else 0.0
        self._free = threading.BoundedSemaphore(in_flight)
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._next_s = clock()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Wait for a turn; inside, the request is under way. Raises what a cancelled wait raises."""
        while not self._free.acquire(timeout=POLL_S):
            check()
        try:
            pause(self._turn_s() - self._clock(), self._sleep)
            yield
        finally:
            self._free.release()

    def _turn_s(self) -> float:
        with self._lock:
            turn_s = max(self._next_s, self._clock())
            self._next_s = turn_s + self._spacing_s
            return turn_s
