"""Work that repeats beside the jobs, such as delivering events or removing what is old.

A chore is not durable and not exclusive: rows say what is to be done, and who has taken it.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

LONGEST_WAIT_S = 30.0
"""After errors."""

log = structlog.get_logger("lipwright.jobs")


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that workers do again and again."""

    name: str
    queue: str
    """Workers that listen to it do it: `callbacks` or `maintenance`."""
    every_s: float
    run: Callable[[], object]
    """Does what is due. A true value says that there is more, and it is called again at once."""


class Chores:
    """The chores of one worker, each in a thread of its own."""

    def __init__(self, chores: Sequence[Chore]) -> None:
        """Begin."""
        self._draining = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(chore,), name=f"chore-{chore.name}", daemon=True)
            for chore in chores
        ]
        for thread in self._threads:
            thread.start()

    def drain(self, timeout_s: float) -> None:
        """Begin none again, and wait for those that run, but not for ever."""
        self._draining.set()
        for thread in self._threads:
            thread.join(timeout_s)

    def _repeat(self, chore: Chore) -> None:
        wait_s = 0.0
        while not self._draining.wait(wait_s):
            try:
                wait_s = 0.0 if chore.run() else chore.every_s
            except Exception:  # the outermost edge: told in the log
                wait_s = min(max(chore.every_s, wait_s * 2, 0.1), max(LONGEST_WAIT_S, chore.every_s))
                log.exception("a chore failed", chore=chore.name, again_s=wait_s)
