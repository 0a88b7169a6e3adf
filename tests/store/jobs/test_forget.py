"""Old jobs are forgotten with all that tells of them, and no others."""

import sqlalchemy as sa

from lipwright.store.deliveries import record_try, take_due
from lipwright.store.jobs.forget import forget_jobs
from lipwright.store.tables import metadata
from support.job_rows import Workshop

OF_JOBS = ("job", "stage_run", "event", "delivery", "delivery_try", "idempotency", "job_asset")


def _deliver_all(shop: Workshop) -> None:
    with shop.database.begin() as c:
        while taken := take_due(c, shop.now_ms, 100):
            for one in taken:
                record_try(c, one, started_ms=shop.now_ms, took_ms=1, status=200, problem=None, next_ms=None)


def _forget(shop: Workshop, limit: int = 10) -> list[str]:
    with shop.database.begin() as c:
        return forget_jobs(c, shop.now_ms, limit)


def test_old_job_leaves_nothing_behind(shop: Workshop) -> None:
    job = shop.create(key="ad-17", callback={"url": "https://example.org/hook"})
    shop.begin(job)
    shop.fail(job, "separate")
    _deliver_all(shop)
    shop.now_ms += 1
    assert _forget(shop) == [job]
    with shop.database.read() as c:
        assert [name for name in OF_JOBS if c.execute(sa.select(metadata.tables[name])).first()] == []


def test_job_that_has_not_ended_or_ended_lately_or_is_not_told_yet_stays(shop: Workshop) -> None:
    shop.waiting()
    untold = shop.create(callback={"url": "https://example.org/hook"})
    shop.begin(untold)
    shop.fail(untold, "separate")
    shop.now_ms += 1
    shop.finished()
    assert _forget(shop) == []


def test_oldest_jobs_go_first_and_not_too_many_at_once(shop: Workshop) -> None:
    jobs = []
    for _ in range(3):
        jobs.append(shop.finished())
        shop.now_ms += 1
    assert _forget(shop, 2) == jobs[:2]
    assert _forget(shop, 2) == jobs[2:]
