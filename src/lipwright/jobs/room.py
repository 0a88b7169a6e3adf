"""How much of each queue a worker has room for, whether work came through the queue or goes straight to it.

The run of a job may have its next stage done at once, on its own worker: where nobody waits for the queue of the stage,
a way through it would come to the same. The engine counts such work as if it had given it out.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from lipwright.jobs.away import Draining
from lipwright.jobs.queues import AT_A_TIME

BRIEFLY_S = 0.1
"""So long it waits for room before it goes through the queue, where other workers and others' priorities count."""
LOOK_S = 0.2


class Room:
    """That of one worker. Thread-safe."""

    def __init__(self, queues: Sequence[str]) -> None:
        """None goes straight before `open`."""
        self._free = {name: threading.BoundedSemaphore(AT_A_TIME[name]) for name in queues if name in AT_A_TIME}
        self._is_filled: Callable[[str], bool] | None = None
        self._count: Callable[[str, str, str], Callable[[], None]]

    def open(self, is_filled: Callable[[str], bool], count: Callable[[str, str, str], Callable[[], None]]) -> None:
        """Let work go straight from now on.

        Args:
            is_filled: says whether anything waits in a queue.
            count: has the engine count work, by its id, queue and workspace, until what it returns is called.
        """
        self._count = count
        self._is_filled = is_filled

    @contextmanager
    def straight(self, work: str, queue: str, workspace: str) -> Iterator[bool]:
        """Whether a stage may be done at once, which is then in the block."""
        free = self._free.get(queue)
        if self._is_filled is None or free is None or self._is_filled(queue) or not free.acquire(timeout=BRIEFLY_S):
            yield False
            return
        counted = self._count(work, queue, workspace)
        try:
            yield True
        finally:
            counted()
            free.release()

    @contextmanager
    def taken(self, queue: str, killing: threading.Event) -> Iterator[None]:
        """Room for what came through the queue. The engine counts well, but what goes straight may be a moment quicker.

        Raises: Draining: the worker ends before there is any.
        """
        free = self._free[queue]
        while not free.acquire(timeout=LOOK_S):
            if killing.is_set():
                raise Draining
        try:
            yield
        finally:
            free.release()
