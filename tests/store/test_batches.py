"""Rows of batches: each gets one job, whoever makes it, and none is made that is there."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from lipwright.contracts.job import JobState, SpeakSpec
from lipwright.contracts.route import StagePlan
from lipwright.errors import IdempotencyConflict
from lipwright.store.batch_making import HELD_MS, fill_batches, make_rows
from lipwright.store.batches import (
    NewRow,
    Wording,
    add_batch,
    cancel_batch,
    forget_batches,
    get_batch,
    list_rows,
)
from lipwright.store.garbage import retire
from lipwright.store.tables import batch, batch_row, job
from support.job_rows import ACME, OTHER, VIDEO, Workshop

PLANS = (StagePlan("speak", "cpu"),)
SHARED = {"approvals": [], "callback": None, "priority": 50, "labels": {"order": "17"}, "identities": {}}
LATER_MS = 10_000_000


def _rows(*texts: str, wording: Wording | None = None) -> list[NewRow]:
    return [
        NewRow(line, f"row-{line}", "en", f"digest of {text}", _spec(text), wording)
        for line, text in enumerate(texts, 2)
    ]


def _spec(text: str) -> str:
    return SpeakSpec(face=VIDEO, text=text).model_dump_json()


def _added(shop: Workshop, *texts: str, key: str | None = None, body: str = "body", workspace: str = ACME) -> str:
    with shop.database.begin() as c:
        given = _rows(*texts)
        return add_batch(c, workspace, given, request=SHARED, key=key, body_digest=body, now_ms=shop.now_ms)[0]


def _fill(shop: Workshop, enqueued: list[str] | None = None) -> None:
    def enqueue(c: sa.Connection, job_id: str, run: int) -> None:
        if enqueued is not None:
            enqueued.append(job_id)

    while fill_batches(shop.database, lambda spec: PLANS, enqueue, lambda text, wording: f"{text}!"):
        pass


def _jobs(shop: Workshop, batch_id: str) -> list[str | None]:
    with shop.database.read() as c:
        return [row.job for row in list_rows(c, batch_id, after=-1, limit=1000)]


def _end(shop: Workshop, job_id: str | None, state: JobState) -> None:
    with shop.database.begin() as c:
        c.execute(job.update().where(job.c.id == job_id).values(state=state, updated_ms=shop.now_ms))


def test_several_makers_at_once_make_each_row_once(shop: Workshop) -> None:
    first = _added(shop, *(f"text {n}" for n in range(130)))
    second = _added(shop, *(f"text {n}" for n in range(100, 230)))
    enqueued: list[str] = []
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: _fill(shop, enqueued), range(3)))
    _fill(shop, enqueued)
    assert None not in _jobs(shop, first) + _jobs(shop, second)
    assert len(enqueued) == len(set(enqueued)) == 230
    assert _jobs(shop, first)[100:] == _jobs(shop, second)[:30]


def test_what_broke_off_in_a_transaction_is_made_as_if_nothing_had_been(shop: Workshop) -> None:
    added = _added(shop, "one", "two")

    def enqueue(c: sa.Connection, job_id: str, run: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), shop.database.begin() as c:
        make_rows(c, added, lambda spec: PLANS, enqueue, shop.now_ms)
    assert _jobs(shop, added) == [None, None]
    _fill(shop)
    assert None not in _jobs(shop, added)


def test_rows_of_another_workspace_are_never_taken(shop: Workshop) -> None:
    mine, theirs = _added(shop, "same"), _added(shop, "same", workspace=OTHER)
    _fill(shop)
    assert _jobs(shop, mine) != _jobs(shop, theirs)
    with shop.database.read() as c:
        assert get_batch(c, ACME, theirs) is None


def test_a_key_lets_the_same_batch_go_on_and_refuses_another(shop: Workshop) -> None:
    first = _added(shop, "one", "two", "three", key="k")
    _fill(shop)
    done, failed, running = _jobs(shop, first)
    _end(shop, done, JobState.COMPLETED)
    _end(shop, failed, JobState.FAILED)
    assert _added(shop, "one", "two", "three", key="k") == first
    _fill(shop)
    again = _jobs(shop, first)
    assert (again[0], again[2]) == (done, running)
    assert again[1] not in {failed, None}
    with pytest.raises(IdempotencyConflict, match="`k`"):
        _added(shop, "four", key="k", body="another")


def test_a_batch_that_is_cancelled_gets_no_more_jobs(shop: Workshop) -> None:
    added = _added(shop, *(f"text {n}" for n in range(60)))
    with shop.database.begin() as c:
        assert make_rows(c, added, lambda spec: PLANS, lambda *_: None, shop.now_ms) == 50
        assert len(cancel_batch(c, added)) == 50
    _fill(shop)
    assert _jobs(shop, added).count(None) == 10
    with shop.database.read() as c:
        told = get_batch(c, ACME, added)
    assert told is not None
    assert told.counts == {JobState.QUEUED: 50, JobState.CANCELLED: 10}


def test_a_text_is_translated_by_one_at_a_time_and_again_when_that_one_died(shop: Workshop) -> None:
    with shop.database.begin() as c:
        rows = _rows("Hello", wording=Wording("en", "es", ("Ana",)))
        added, _ = add_batch(c, ACME, rows, request=SHARED, key=None, body_digest="body", now_ms=shop.now_ms)
    asked: list[Wording] = []

    def dies(text: str, wording: Wording) -> str:
        asked.append(wording)
        raise ZeroDivisionError

    for _ in range(2):
        try:
            fill_batches(shop.database, lambda spec: PLANS, lambda *_: None, dies)
        except ZeroDivisionError:
            continue
    assert asked == [Wording("en", "es", ("Ana",))]
    _fill(shop)
    assert _jobs(shop, added) == [None]
    with shop.database.begin() as c:
        c.execute(batch_row.update().values(held_ms=batch_row.c.held_ms - HELD_MS - 1))
    _fill(shop)
    assert _jobs(shop, added) != [None]
    with shop.database.read() as c:
        snapshot = json.loads(c.execute(sa.select(job.c.snapshot)).scalar_one())
    assert (snapshot["spec"]["text"], snapshot["labels"]["row"]) == ("Hello!", "row-2")


def test_a_row_whose_job_cannot_be_made_fails_alone(shop: Workshop) -> None:
    with shop.database.begin() as c:
        bad = {**SHARED, "approvals": ["nothing"]}
        added, _ = add_batch(c, ACME, _rows("one"), request=bad, key=None, body_digest="body", now_ms=shop.now_ms)
    _fill(shop)
    with shop.database.read() as c:
        [row] = list_rows(c, added, after=-1, limit=10)
    assert row.state is JobState.FAILED
    assert row.error is not None
    assert "nothing" in row.error.message


def test_old_batches_are_forgotten_with_their_jobs_when_all_have_ended(shop: Workshop) -> None:
    added = _added(shop, "one", "two")
    _fill(shop)
    one, two = _jobs(shop, added)
    _end(shop, one, JobState.COMPLETED)
    later = shop.now_ms + LATER_MS
    assert retire(shop.database, later, 1).jobs == 0
    _end(shop, two, JobState.FAILED)
    assert retire(shop.database, later, 1).jobs == 2
    with shop.database.begin() as c:
        assert [c.execute(sa.select(table)).all() for table in (batch, batch_row)] == [[], []]
        assert forget_batches(c, later, 10) == 0


def test_an_old_job_that_a_young_batch_took_stays(shop: Workshop) -> None:
    old = _added(shop, "one")
    _fill(shop)
    [one] = _jobs(shop, old)
    _end(shop, one, JobState.COMPLETED)
    later = shop.now_ms + LATER_MS
    with shop.database.begin() as c:
        young, _ = add_batch(c, ACME, _rows("one"), request=SHARED, key=None, body_digest="body", now_ms=later)
    _fill(shop)
    assert retire(shop.database, later, 1).jobs == 0
    assert (_jobs(shop, old), _jobs(shop, young)) == ([], [one])
