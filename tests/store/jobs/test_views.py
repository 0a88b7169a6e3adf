"""Listings of jobs."""

import pytest

from lipwright.contracts.job import JobState, JobView
from lipwright.errors import UsageError
from lipwright.store.jobs.ask import cancel_job
from lipwright.store.jobs.views import list_jobs
from lipwright.store.pages import Page
from support.job_rows import ACME, OTHER, Workshop


def _list(shop: Workshop, limit: int, cursor: str | None = None, **filters: str) -> Page[JobView]:
    with shop.database.read() as c:
        return list_jobs(c, ACME, limit=limit, cursor=cursor, **filters)


def test_pages_go_on_where_the_last_one_ended_while_jobs_are_added(shop: Workshop) -> None:
    made = []
    for number in range(7):
        shop.now_ms += number % 2  # some in one millisecond
        made.append((shop.now_ms, shop.create()))
    shop.create(workspace=OTHER)
    newest_first = [job for _, job in sorted(made, reverse=True)]
    seen: list[str] = []
    cursor = None
    while True:
        page = _list(shop, 3, cursor)
        seen += [view.id for view in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        shop.now_ms += 1
        shop.create()
    assert seen == newest_first


def test_page_that_holds_the_rest_is_the_last_one(shop: Workshop) -> None:
    shop.create()
    shop.create()
    assert _list(shop, 2).next_cursor is None
    assert _list(shop, 1).next_cursor is not None


def test_listing_may_be_narrowed_to_a_state_and_a_kind(shop: Workshop) -> None:
    kept, ended = shop.create(), shop.create()
    with shop.database.begin() as c:
        cancel_job(c, ACME, ended, shop.now_ms)
    assert [view.id for view in _list(shop, 10, state=JobState.QUEUED).items] == [kept]
    assert len(_list(shop, 10, kind="dub").items) == 2
    assert _list(shop, 10, kind="speak").items == ()


def test_view_in_a_listing_is_the_whole_job(shop: Workshop) -> None:
    job = shop.waiting()
    shop.create()
    assert shop.view(job) in _list(shop, 10).items


@pytest.mark.parametrize("cursor", ["", "nonsense", "é", "W10", "WzEsIDJd", "Wy0xLCAiYSJd", "bnVsbA", "x" * 10_000])
def test_cursor_that_no_page_gave_is_refused(shop: Workshop, cursor: str) -> None:
    with pytest.raises(UsageError, match="Start without a cursor"):
        _list(shop, 10, cursor)


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_page_of_another_size_is_refused(shop: Workshop, limit: int) -> None:
    with pytest.raises(UsageError, match="1 to 200"):
        _list(shop, limit)
