"""Steps of a stream run side by side: each in a thread of its own, a few items ahead of the next one.

Threads help where the steps spend their time outside the interpreter: in FFmpeg, OpenCV and compiled kernels.
"""

import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")


class Prefetched(Generic[Item]):
    """An iterator over another iterable that runs ahead in a thread; a context manager. Made by `prefetched`."""

    def __init__(self, items: Iterable[Item], depth: int) -> None:
        if depth < 1:
            raise ValueError(f"depth {depth}: at least one item is fetched ahead")
        self._state = state = _State[Item](depth)
        # The thread knows the state alone, so that an iterator that nobody holds any more stops its thread.
        self._thread = threading.Thread(target=_run, args=(items, state), name="prefetch", daemon=True)
        self._stop = weakref.finalize(self, state.stop)
        self._thread.start()

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        return self._state.take()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop after the item that is being made, drop what was fetched, and wait until the source is closed."""
        self._stop()
        self._thread.join()


def prefetched(items: Iterable[Item], depth: int = 4) -> Prefetched[Item]:
    """Iterate in a thread, at most `depth` items ahead of the reader.

        with prefetched(read(), 8) as frames, prefetched(map(draw, frames)) as drawn:
            for frame in drawn:
                encode(frame)

    One more item is in the hand of the thread. An exception of the source reaches the reader after the items before it.
    A source with a `close`, such as a generator or another Prefetched, is closed in the thread that iterates it.
    """
    return Prefetched(items, depth)


class _State(Generic[Item]):
    """What the reader and the thread share."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._ready: deque[Item] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._stopped = False
        self._error: BaseException | None = None

    def put(self, item: Item) -> bool:
        """Hand an item over; waits while enough are ready. Returns False once nobody wants any more."""
        with self._changed:
            while len(self._ready) >= self._depth and not self._stopped:
                self._changed.wait()
            if not self._stopped:
                self._ready.append(item)
                self._changed.notify_all()
            return not self._stopped

    def end(self, error: BaseException | None) -> None:
        with self._changed:
            self._ended, self._error = True, error
            self._changed.notify_all()

    def take(self) -> Item:
        with self._changed:
            while not (self._ready or self._ended or self._stopped):
                self._changed.wait()
            if self._ready:
                item = self._ready.popleft()
                self._changed.notify_all()
                return item
            error, self._error = self._error, None
        if error is not None:
            raise error
        raise StopIteration

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._ready.clear()
            self._changed.notify_all()


def _run(items: Iterable[Item], state: _State[Item]) -> None:
    error: BaseException | None = None
    try:
        _iterate(items, state)
    except BaseException as exc:  # handed to the reader, which raises it
        error = exc
    state.end(error)


def _iterate(items: Iterable[Item], state: _State[Item]) -> None:
    source = iter(items)
    close: Callable[[], None] | None = getattr(source, "close", None)
    try:
        for item in source:
            if not state.put(item):
                return
    finally:
        if close is not None:
            close()
