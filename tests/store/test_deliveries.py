"""Deliveries go out in order, once to each who takes them, until they are given up."""

from typing import Any

import pytest

from lipwright.contracts.job import EventView
from lipwright.errors import JobBusy, JobNotFound
from lipwright.store.deliveries import (
    DeliveryState,
    Due,
    list_deliveries,
    next_due_ms,
    put_off,
    record_try,
    resend,
    take_due,
)
from support.job_rows import ACME, OTHER, Workshop

HOOK = {"url": "https://example.org/hook?x=1"}


def _take(shop: Workshop, limit: int = 10) -> list[Due]:
    with shop.database.begin() as c:
        return take_due(c, shop.now_ms, limit, hold_ms=1000)


def _tried(shop: Workshop, taken: Due, problem: str | None = None, next_ms: int | None = None) -> DeliveryState:
    with shop.database.begin() as c:
        status = 200 if problem is None else 500
        return record_try(c, taken, started_ms=shop.now_ms, took_ms=20, status=status, problem=problem, next_ms=next_ms)


def _all(shop: Workshop, **filters: Any) -> list[Any]:
    with shop.database.read() as c:
        return list(list_deliveries(c, ACME, limit=100, **filters).items)


def test_event_of_a_job_with_a_callback_is_due_at_once_as_it_was_written(shop: Workshop) -> None:
    job = shop.create(callback=HOOK)
    (taken,) = _take(shop)
    assert (taken.job, taken.workspace, taken.url, taken.secret, taken.sequence, taken.tries, taken.since_ms) == (
        job,
        ACME,
        HOOK["url"],
        "default",
        1,
        0,
        shop.now_ms,
    )
    assert EventView.model_validate_json(taken.body) == shop.events(job)[0]


def test_job_without_a_callback_has_no_deliveries(shop: Workshop) -> None:
    shop.finished()
    assert _all(shop) == _take(shop) == []
    with shop.database.read() as c:
        assert next_due_ms(c) is None


def test_events_of_a_job_go_out_one_after_the_other_and_those_of_others_meanwhile(shop: Workshop) -> None:
    job, other = shop.create(callback=HOOK), shop.create(callback=HOOK)
    shop.begin(job)
    first = _take(shop)
    assert {(taken.job, taken.sequence) for taken in first} == {(job, 1), (other, 1)}
    assert _take(shop) == []
    for taken in first:
        assert _tried(shop, taken) is DeliveryState.DELIVERED
    assert [(taken.job, taken.sequence) for taken in _take(shop)] == [(job, 2)]


def test_delivery_whose_worker_died_is_given_to_another(shop: Workshop) -> None:
    shop.create(callback=HOOK)
    (first,) = _take(shop)
    shop.now_ms += 1000
    (second,) = _take(shop)
    assert second.event == first.event
    assert _tried(shop, second) is DeliveryState.DELIVERED
    assert _tried(shop, first, "late", shop.now_ms) is DeliveryState.DELIVERED
    assert _take(shop) == []


def test_delivery_that_failed_is_due_again_when_it_was_said_and_holds_up_the_next(shop: Workshop) -> None:
    job = shop.create(callback=HOOK)
    shop.begin(job)
    (taken,) = _take(shop)
    assert _tried(shop, taken, "status", shop.now_ms + 5000) is DeliveryState.DUE
    with shop.database.read() as c:
        assert next_due_ms(c) is not None
    shop.now_ms += 4999
    assert _take(shop) == []
    shop.now_ms += 1
    (again,) = _take(shop)
    assert (again.event, again.tries) == (taken.event, 1)


def test_delivery_behind_one_that_failed_is_put_off_and_due_as_soon_as_that_one_has_gone(shop: Workshop) -> None:
    job = shop.create(callback=HOOK)
    shop.begin(job)
    (first,) = _take(shop)
    with shop.database.read() as c:
        assert next_due_ms(c) == shop.now_ms + 1000, "both: the one that is sent, and the one behind it"
    _tried(shop, first, "status", shop.now_ms + 5000)
    shop.now_ms += 2000
    assert _take(shop) == []
    with shop.database.read() as c:
        assert next_due_ms(c) == shop.now_ms + 1000
    _tried(shop, first)
    (second,) = _take(shop)
    assert second.sequence == 2


def test_delivery_is_not_put_off_while_somebody_notes_that_the_one_before_it_has_gone(shop: Workshop) -> None:
    job = shop.create(callback=HOOK)
    (first,) = _take(shop)
    shop.begin(job)
    if shop.database.is_sqlite:
        pytest.skip("of two that write to an SQLite file one waits")
    with shop.database.begin() as noting:
        noted = {"started_ms": shop.now_ms, "took_ms": 20, "status": 200, "problem": None, "next_ms": None}
        record_try(noting, first, **noted)
        assert _take(shop) == []
    (second,) = _take(shop)
    assert second.sequence == 2


def test_delivery_that_is_given_up_holds_up_nothing_and_may_be_sent_again(shop: Workshop) -> None:
    job = shop.create(callback=HOOK)
    shop.begin(job)
    (taken,) = _take(shop)
    with shop.database.begin() as c, pytest.raises(JobBusy, match="being delivered already"):
        resend(c, ACME, taken.event, shop.now_ms)
    assert _tried(shop, taken, "status", None) is DeliveryState.DEAD
    (following,) = _take(shop)
    assert following.sequence == 2
    _tried(shop, following)
    shop.now_ms += 9000
    with shop.database.begin() as c:
        resend(c, ACME, taken.event, shop.now_ms)
    (again,) = _take(shop)
    assert (again.event, again.tries, again.since_ms) == (taken.event, 0, shop.now_ms)
    _tried(shop, again)
    (dead_once,) = _all(shop, job=job)[-1:]
    assert [(one.number, one.problem) for one in dead_once.tries] == [(1, "status"), (2, None)]
    assert dead_once.state is DeliveryState.DELIVERED


def test_delivery_that_was_taken_and_not_tried_is_given_back_without_a_try(shop: Workshop) -> None:
    shop.create(callback=HOOK)
    (taken,) = _take(shop)
    with shop.database.begin() as c:
        put_off(c, taken, shop.now_ms + 10)
    shop.now_ms += 10
    assert [again.tries for again in _take(shop)] == [0]
    assert _all(shop)[0].tries == ()


def test_listing_shows_all_tries_and_can_be_narrowed(shop: Workshop) -> None:
    job = shop.create(callback=HOOK)
    shop.create(callback=HOOK)
    shop.create(callback=HOOK, workspace=OTHER)
    taken = next(one for one in _take(shop) if one.job == job)
    _tried(shop, taken, "timeout", shop.now_ms + 5)
    assert len(_all(shop)) == 2
    (mine,) = _all(shop, job=job)
    assert (mine.state, mine.due_ms, mine.delivered_ms) == (DeliveryState.DUE, shop.now_ms + 5, None)
    assert [(one.number, one.status, one.problem, one.took_ms) for one in mine.tries] == [(1, 500, "timeout", 20)]
    assert _all(shop, state=DeliveryState.DEAD) == []


def test_delivery_of_another_workspace_is_not_sent_again(shop: Workshop) -> None:
    shop.create(callback=HOOK, workspace=OTHER)
    (taken,) = _take(shop)
    _tried(shop, taken)
    with shop.database.begin() as c, pytest.raises(JobNotFound):
        resend(c, ACME, taken.event, shop.now_ms)
