"""A job is made once for each key."""

import threading

import pytest
import sqlalchemy as sa

from lipwright.contracts.job import EventType, JobState, StageState
from lipwright.errors import IdempotencyConflict, JobNotFound, UsageError
from lipwright.store.asset_rows import TOUCHED_EVERY_MS, get_asset, hold_assets, unreferenced
from lipwright.store.jobs.create import Created, create_job
from lipwright.store.jobs.keys import KEY_KEPT_MS
from lipwright.store.jobs.rows import load_run
from lipwright.store.jobs.views import get_job, new_job
from lipwright.store.tables import event, job
from support.job_rows import ACME, OTHER, PLANS, STAGES, VIDEO, Workshop, dub


def _create(shop: Workshop, key: str | None, body: str = "body", workspace: str = ACME) -> Created:
    with shop.database.begin() as c:
        return create_job(c, workspace, dub(), PLANS, key=key, body_digest=body, now_ms=shop.now_ms)


def test_new_job_is_queued_with_all_its_stages_and_tells_so(shop: Workshop) -> None:
    made = shop.create(labels={"order": "17"}, priority=3)
    view = shop.view(made)
    assert (view.kind, view.state, view.run, view.priority) == ("dub", JobState.QUEUED, 1, 3)
    assert [(stage.name, stage.state) for stage in view.stages] == [(name, StageState.PENDING) for name in STAGES]
    (event,) = shop.events(made)
    assert (event.type, event.sequence, event.state, event.labels) == (
        EventType.ACCEPTED,
        1,
        JobState.QUEUED,
        {"order": "17"},
    )
    assert view.created_at == event.time == "1970-01-01T00:16:40.000Z"


def test_a_new_job_is_shown_as_it_is_read_again(shop: Workshop) -> None:
    request = dub(labels={"order": "17"}, priority=3)
    with shop.database.begin() as c:
        made = create_job(c, ACME, request, PLANS, key=None, body_digest="body", now_ms=shop.now_ms)
        assert new_job(made.job_id, request, PLANS, shop.now_ms) == get_job(c, ACME, made.job_id)


@pytest.mark.parametrize(("later_ms", "statements"), [(0, 4), (TOUCHED_EVERY_MS, 6)])
def test_what_a_job_is_made_of_is_written_and_not_asked_for(shop: Workshop, later_ms: int, statements: int) -> None:
    asked: list[str] = []
    with shop.database.begin() as c:
        held = hold_assets(c, ACME, [VIDEO])
        sa.event.listen(c, "before_cursor_execute", lambda _c, _k, text, *_: asked.append(text))
        now_ms = shop.now_ms + later_ms
        create_job(c, ACME, dub(), PLANS, key=None, body_digest="body", now_ms=now_ms, held=held)
    assert len(asked) == statements
    with shop.database.read() as c:
        assert get_asset(c, ACME, VIDEO).used_ms == now_ms


def test_worker_reads_the_snapshot_and_the_queues(shop: Workshop) -> None:
    made = shop.create(priority=7)
    with shop.database.read() as c:
        run = load_run(c, made)
    assert (run.workspace, run.kind, run.run, run.state, run.priority, run.cancelled) == (
        ACME,
        "dub",
        1,
        JobState.QUEUED,
        7,
        False,
    )
    assert run.snapshot == dub(priority=7)
    assert [row.queue for row in run.stages] == [plan.queue for plan in PLANS]


def test_same_key_and_body_give_the_same_job(shop: Workshop) -> None:
    first, again = _create(shop, "ad-17"), _create(shop, "ad-17")
    assert again == Created(first.job_id, 1, is_new=False)
    assert len(shop.events(first.job_id)) == 1


def test_same_key_with_another_body_is_a_conflict_that_names_the_job(shop: Workshop) -> None:
    first = _create(shop, "ad-17")
    with pytest.raises(IdempotencyConflict, match=first.job_id):
        _create(shop, "ad-17", "another body")


def test_keys_of_two_workspaces_have_nothing_to_do_with_each_other(shop: Workshop) -> None:
    first, other = _create(shop, "ad-17"), _create(shop, "ad-17", "another body", OTHER)
    assert first.job_id != other.job_id
    assert other.is_new


def test_key_is_free_again_after_a_day(shop: Workshop) -> None:
    first = _create(shop, "ad-17")
    shop.now_ms += KEY_KEPT_MS - 1
    assert _create(shop, "ad-17").job_id == first.job_id
    shop.now_ms += 1
    later = _create(shop, "ad-17", "another body")
    assert later.is_new
    assert _create(shop, "ad-17", "another body") == Created(later.job_id, 1, is_new=False)


@pytest.mark.parametrize("length", [1, 255])
def test_key_may_have_1_to_255_characters(shop: Workshop, length: int) -> None:
    assert _create(shop, "é" * length).is_new


@pytest.mark.parametrize("length", [0, 256])
def test_key_of_another_length_is_refused(shop: Workshop, length: int) -> None:
    with pytest.raises(UsageError, match="1 to 255"):
        _create(shop, "k" * length)


def test_requests_without_a_key_make_a_job_each(shop: Workshop) -> None:
    assert _create(shop, None).job_id != _create(shop, None).job_id


def test_many_requests_at_once_with_one_key_make_one_job(shop: Workshop) -> None:
    made: list[Created] = []
    barrier = threading.Barrier(6)

    def create() -> None:
        barrier.wait()
        made.append(_create(shop, "ad-17"))

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.job_id for one in made}) == 1
    assert [one.is_new for one in made].count(True) == 1
    assert len(made) == 6
    with shop.database.read() as c:
        assert c.execute(sa.select(sa.func.count()).select_from(job)).scalar() == 1


def test_job_whose_enqueueing_fails_was_never_there(shop: Workshop) -> None:
    with pytest.raises(RuntimeError), shop.database.begin() as c:
        _enqueue_badly(create_job(c, ACME, dub(), PLANS, key="ad-17", body_digest="b", now_ms=shop.now_ms))
    with shop.database.read() as c:
        assert c.execute(sa.select(job)).all() == c.execute(sa.select(event)).all() == []
    assert _create(shop, "ad-17", "another body").is_new


def _enqueue_badly(_: Created) -> None:
    raise RuntimeError


def test_approval_of_a_stage_that_nobody_approves_is_refused_with_those_there_are(shop: Workshop) -> None:
    with pytest.raises(UsageError, match=r"`translat`.*Did you mean `translate`.*It has: translate"):
        shop.create(approvals=["translat"])
    with pytest.raises(UsageError, match="separate"):
        shop.create(approvals=["separate"])


def test_callback_that_names_an_unknown_secret_is_refused(shop: Workshop) -> None:
    with pytest.raises(UsageError, match="no secret is named `mine`"):
        shop.create(callback={"url": "https://example.org/hook", "secret": "mine"})


def test_job_of_another_workspace_is_not_found(shop: Workshop) -> None:
    made = shop.create(workspace=OTHER)
    with shop.database.read() as c:
        assert get_job(c, OTHER, made).id == made
        with pytest.raises(JobNotFound, match="List the jobs"):
            get_job(c, ACME, made)
        with pytest.raises(JobNotFound):
            load_run(c, "nothing")


def test_assets_of_a_new_job_count_as_used(shop: Workshop) -> None:
    shop.now_ms += 60_000
    shop.create()
    with shop.database.read() as c:
        assert get_asset(c, ACME, VIDEO).used_ms == shop.now_ms
        assert get_asset(c, OTHER, VIDEO).used_ms == shop.now_ms - 60_000
        kept = {(row.workspace, row.digest) for row in unreferenced(c, shop.now_ms + 1, 100)}
    assert (OTHER, VIDEO) in kept
    assert (ACME, VIDEO) not in kept
