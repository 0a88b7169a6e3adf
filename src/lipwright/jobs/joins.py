"""Waiting for stages: a run of a job sleeps until the stage that it enqueued has ended, here or on another worker.

What ends in this process wakes its run at once. For all the others the engine is asked together, so a hundred waiting
jobs cost one question.
"""

import threading
from collections.abc import Callable

import structlog

from lipwright.jobs.away import AWAY, Draining

log = structlog.get_logger("lipwright.jobs")


class Joins:
    """The waiting of one worker."""

    def __init__(self, ended: Callable[[set[str]], set[str]], every_s: float) -> None:
        """Begin to ask.

        Args:
            ended: says which of these pieces of work have ended.
        """
        self._ended = ended
        self._every_s = every_s
        self._waiting: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._draining = threading.Event()
        self._thread = threading.Thread(target=self._ask, name="joins", daemon=True)
        self._thread.start()

    def wait(self, work: str) -> None:
        """Sleep until it has ended.

        Raises: Draining: the worker ends.
        """
        with self._lock:
            event = self._waiting.setdefault(work, threading.Event())
            if self._draining.is_set():
                event.set()
        event.wait()
        with self._lock:
            self._waiting.pop(work, None)
        if self._draining.is_set():
            raise Draining

    def wake(self, work: str) -> None:
        """It has ended in this process."""
        with self._lock:
            event = self._waiting.get(work)
        if event:
            event.set()

    def drain(self) -> None:
        """Send all sleepers away."""
        with self._lock:
            self._draining.set()
            for event in self._waiting.values():
                event.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._draining.wait(self._every_s):
            with self._lock:
                waiting = {work for work, event in self._waiting.items() if not event.is_set()}
            if not waiting:
                continue
            try:
                for work in self._ended(waiting):
                    self.wake(work)
            except AWAY as error:
                log.warning("the database is away", error=type(error).__name__)
