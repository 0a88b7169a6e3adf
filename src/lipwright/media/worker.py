"""A thread that works beside its owner: things are handed to it one by one, and done in their order."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Worker(Generic[Thing]):
    """Does one kind of work. A thing that fails stops the rest; its exception is raised in the owner's thread."""

    def __init__(self, work: Callable[[Thing], None], *, room: int, name: str) -> None:
        """Start the thread.

        Args:
            work: what is done with each thing.
            room: how many things may be waiting or worked on.
            name: of the thread.
        """
        self._work = work
        self._room: SimpleQueue[None] = SimpleQueue()
        self._things: SimpleQueue[tuple[Thing] | None] = SimpleQueue()
        self._error: BaseException | None = None
        self._stopping = False
        for _ in range(room):
            self._room.put(None)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait for room for one thing; everything but the last `room` - 1 things is done then.

        Raises: what an earlier thing failed with.
        """
        self._room.get()
        self.raise_error()

    def give(self, thing: Thing) -> None:
        """Hand over a thing for which room was waited for."""
        self._things.put((thing,))

    def stop(self, *, abandoned: bool) -> None:
        """Wait for the end of the thread; nothing that it works with may be touched before.

        Args:
            abandoned: leave undone what is still waiting.
        """
        self._stopping = abandoned
        self._things.put(None)
        try:
            self._thread.join()
        except BaseException:
            self._stopping = True
            self._thread.join()
            raise

    def raise_error(self) -> None:
        """Raise what the work failed with, if it did."""
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while (item := self._things.get()) is not None:
            if self._error is None and not self._stopping:
                try:
                    self._work(item[0])
                except BaseException as exc:  # handed to the owner's thread, which raises it
                    self._error = exc
            del item
            self._room.put(None)
