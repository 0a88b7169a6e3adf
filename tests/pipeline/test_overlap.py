"""Threads that run ahead keep order, hand on exceptions, and stop."""

import gc
import itertools
import threading
import weakref
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.pipeline.overlap import prefetched

SECONDS_AT_MOST = 10


def running() -> int:
    return sum(thread.name == "prefetch" for thread in threading.enumerate())


@given(count=st.integers(0, 50), depth=st.integers(1, 8))
def test_every_item_comes_once_in_order(count: int, depth: int) -> None:
    with prefetched(range(count), depth) as items:
        assert list(items) == list(range(count))
    assert running() == 0


def test_steps_in_a_row_keep_order() -> None:
    with prefetched(range(100), 3) as numbers, prefetched((2 * number for number in numbers), 2) as doubled:
        assert list(doubled) == list(range(0, 200, 2))
    assert running() == 0


def test_no_more_than_depth_items_wait() -> None:
    made = threading.Semaphore(0)

    def source() -> Iterator[int]:
        for number in itertools.count():
            made.release()
            yield number

    with prefetched(source(), 3) as items:
        for _ in range(4):  # three that wait, and one in the hand
            assert made.acquire(timeout=SECONDS_AT_MOST)
        assert not made.acquire(timeout=0.05)
        assert next(items) == 0
        assert made.acquire(timeout=SECONDS_AT_MOST)
        assert not made.acquire(timeout=0.05)


def test_exception_comes_after_the_items_before_it() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise LookupError("no more")

    with prefetched(source()) as items:
        assert next(items) == 1
        with pytest.raises(LookupError, match="no more"):
            next(items)
        with pytest.raises(StopIteration):
            next(items)


def test_close_stops_a_source_without_end_and_closes_it() -> None:
    closed_in = []

    def source() -> Iterator[int]:
        try:
            yield from itertools.count()
        finally:
            closed_in.append(threading.current_thread().name)

    items = prefetched(source(), 2)
    assert next(items) == 0
    items.close()
    items.close()
    assert closed_in == ["prefetch"]
    assert running() == 0
    with pytest.raises(StopIteration):
        next(items)


def test_exception_in_the_reader_stops_all_steps() -> None:
    def read() -> None:
        with prefetched(itertools.count(), 2) as numbers, prefetched((-number for number in numbers), 2) as turned:
            for number in turned:
                if number == -10:
                    raise LookupError

    with pytest.raises(LookupError):
        read()
    assert running() == 0


def test_steps_stop_in_any_order() -> None:
    numbers = prefetched(itertools.count(), 2)
    turned = prefetched((-number for number in numbers), 2)
    assert next(turned) == 0
    numbers.close()
    turned.close()
    assert running() == 0


def test_forgotten_iterator_stops_its_thread() -> None:
    items = prefetched(itertools.count(), 2)
    next(items)
    thread = items._thread
    del items
    gc.collect()
    thread.join(SECONDS_AT_MOST)
    assert not thread.is_alive()


def test_item_that_was_read_is_not_kept() -> None:
    class Big:
        pass

    with prefetched((Big() for _ in range(10)), 1) as items:
        seen = weakref.ref(next(items))
        next(items), next(items)
        gc.collect()
        assert seen() is None


def test_depth_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="depth 0"):
        prefetched([], 0)
