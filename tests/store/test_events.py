"""Events are numbered without a gap, whoever writes them."""

import threading

import pytest

from lipwright.contracts.job import EventType
from lipwright.errors import JobNotFound
from lipwright.store.events import add_event, events_after
from support.job_rows import ACME, OTHER, Workshop, digest


def test_events_that_two_write_at_once_have_no_gap_and_no_double(shop: Workshop) -> None:
    job = shop.create()

    def write(name: str) -> None:
        for number in range(20):
            with shop.database.begin() as c:
                add_event(c, job, EventType.PROGRESS, shop.now_ms, stage=name, progress=number / 20)

    threads = [threading.Thread(target=write, args=[name]) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = shop.events(job)
    assert [event.sequence for event in events] == list(range(1, 42))
    for name in "ab":
        assert [event.progress for event in events if event.stage == name] == [number / 20 for number in range(20)]
    assert len({event.id for event in events}) == 41


def test_change_that_is_undone_leaves_no_gap(shop: Workshop) -> None:
    job = shop.create()
    with shop.database.engine.connect() as c:
        add_event(c, job, EventType.PROGRESS, shop.now_ms)
        c.rollback()
    with shop.database.begin() as c:
        assert add_event(c, job, EventType.PROGRESS, shop.now_ms).sequence == 2


def test_event_is_read_as_it_was_written(shop: Workshop) -> None:
    job = shop.create(labels={"order": "17"})
    with shop.database.begin() as c:
        written = add_event(
            c, job, EventType.PROGRESS, shop.now_ms, stage="mux", progress=0.25, outputs={"a.srt": digest(1)}
        )
    assert shop.events(job)[-1] == written
    assert written.labels == {"order": "17"}


def test_reader_goes_on_behind_the_last_event_that_it_saw(shop: Workshop) -> None:
    job = shop.finished()
    with shop.database.read() as c:
        assert [event.sequence for event in events_after(c, ACME, job, 3, 2)] == [4, 5]
        assert events_after(c, ACME, job, 9, 100) == []


def test_events_of_another_workspace_and_of_no_job_are_not_found(shop: Workshop) -> None:
    job = shop.create(workspace=OTHER)
    with shop.database.read() as c:
        with pytest.raises(JobNotFound):
            events_after(c, ACME, job, 0, 10)
        with pytest.raises(JobNotFound):
            events_after(c, ACME, "nothing", 0, 10)
