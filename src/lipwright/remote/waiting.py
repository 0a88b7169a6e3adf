"""Waiting that ends as soon as nobody wants the work any more.

Whoever calls an engine says in `cancellable` how it learns that the work is unwanted. It is asked every tenth of a
second while a request waits for its answer, for its turn, or for its next try.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

from lipwright.errors import Cancelled

POLL_S: Final = 0.1

_Result = TypeVar("_Result")
_CHECK: ContextVar[Callable[[], None] | None] = ContextVar("lipwright_check_cancelled", default=None)


@contextmanager
def cancellable(check_cancelled: Callable[[], None]) -> Iterator[None]:
    """Inside, and in this thread, requests end when `check_cancelled` raises; what it raises is passed on."""
    token = _CHECK.set(check_cancelled)
    try:
        yield
    finally:
        _CHECK.reset(token)


def check() -> None:
    """Raise what the caller's `check_cancelled` raises."""
    wanted = _CHECK.get()
    if wanted is not None:
        wanted()


def pause(length_s: float, sleep: Callable[[float], None]) -> None:
    """Sleep in steps, and look between them whether the work is still wanted."""
    while length_s > 0:
        check()
        sleep(min(length_s, POLL_S))
        length_s -= POLL_S
    check()


def watched(work: Callable[[], _Result]) -> _Result:
    """Do some work that waits for a server; where it can be cancelled, in a thread that is left behind then.

    The thread ends where it next looks whether it is wanted, or with its own time-out; it keeps no program from ending.
    """
    if _CHECK.get() is None:
        return work()
    done: queue.SimpleQueue[tuple[_Result | None, BaseException | None]] = queue.SimpleQueue()
    given_up = threading.Event()

    def still_wanted() -> None:
        if given_up.is_set():
            raise Cancelled("nobody waits for this any more")

    def run() -> None:
        try:
            with cancellable(still_wanted):  # who asked is asked in the caller's thread alone
                done.put((work(), None))
        except BaseException as exc:  # handed to the caller's thread, which raises it
            done.put((None, exc))

    threading.Thread(target=run, name="remote", daemon=True).start()
    while True:
        try:
            check()
        except BaseException:
            given_up.set()
            raise
        try:
            result, failure = done.get(timeout=POLL_S)
        except queue.Empty:
            continue
        if failure is not None:
            raise failure
        return result  # type: ignore[return-value] # None only beside a failure, or as a result
