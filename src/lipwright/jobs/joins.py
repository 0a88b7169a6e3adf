"""Waiting for stages: a run of a job sleeps until one that it enqueued has ended, here or on another worker.

What ends in this process wakes its run at once. For all the others the engine is asked together, so a hundred waiting
jobs cost one question.
"""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

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
        self._waiting: list[_Waits] = []
        self._lock = threading.Lock()
        self._draining = threading.Event()
        self._thread = threading.Thread(target=self._ask, name="joins", daemon=True)
        self._thread.start()

    def wait(self, work: Collection[str]) -> set[str]:
        """Sleep until some of this work has ended.

        Returns: what has ended; perhaps only here, while somebody else is still at it.
        Raises: Draining: the worker ends.
        """
        waits = _Waits(frozenset(work))
        with self._lock:
            self._waiting.append(waits)
            if self._draining.is_set():
                waits.awake.set()
        waits.awake.wait()
        with self._lock:
            self._waiting.remove(waits)
        if self._draining.is_set():
            raise Draining
        return waits.ended

    def wake(self, *work: str) -> None:
        """This has ended, and who waits for any of it goes on."""
        with self._lock:
            for waits in self._waiting:
                ended = waits.work.intersection(work)
                if ended:
                    waits.ended |= ended
                    waits.awake.set()

    def drain(self) -> None:
        """Send all sleepers away."""
        with self._lock:
            self._draining.set()
            for waits in self._waiting:
                waits.awake.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._draining.wait(self._every_s):
            with self._lock:
                # Who came since the last time is spared the question: most are woken from here before the next one.
                asking = [waits for waits in self._waiting if waits.is_known and not waits.awake.is_set()]
                waiting = {work for waits in asking for work in waits.work}
                for waits in self._waiting:
                    waits.is_known = True
            if not waiting:
                continue
            try:
                self.wake(*self._ended(waiting))
            except AWAY as error:
                log.warning("the database is away", error=type(error).__name__)


@dataclass(eq=False, slots=True)
class _Waits:
    """Somebody who sleeps."""

    work: frozenset[str]
    ended: set[str] = field(default_factory=set)
    is_known: bool = False
    """Whether it waited already when the engine was last asked."""
    awake: threading.Event = field(default_factory=threading.Event)
