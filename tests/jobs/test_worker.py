"""A real worker does real jobs, on SQLite and on Postgres. One worker of each does them all, since starting is slow."""

import itertools
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from dbos import DBOSClient

from lipwright.contracts.job import ApprovalRequest, EventType, JobState, RetryRequest, StageState
from lipwright.jobs.engine import Engine, job_work, stage_work
from lipwright.store.jobs.ask import approve_job, retry_job
from support.working import Company, Forker, company, is_running, stage, until

ENDED = (JobState.COMPLETED, JobState.FAILED)


@pytest.fixture(scope="module")
def forker() -> Iterator[Forker]:
    made = Forker()
    yield made
    made.close()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, forker: Forker) -> Iterator[Company]:
    with company(request.param, request, tmp_path_factory.mktemp("shop"), forker) as made:
        worker = made.worker()
        yield made
        family = worker.family()
        worker.signal(15)
        assert worker.wait() == 0, made.logs()
        until(lambda: not any(is_running(pid) for pid in family), "no process outlives its worker")
        assert not list(made.scratch.iterdir()), "no file outlives its worker"
        assert "s3cr3t" not in made.logs()


def _approve(shop: Company, job_id: str, stage_name: str, **edits: str) -> None:
    with shop.database.begin() as connection:
        now_ms = shop.database.now_ms(connection)
        run = approve_job(connection, "acme", job_id, ApprovalRequest(stage=stage_name, edits=edits), now_ms)
        assert run is not None
        shop.dispatcher.enqueue(connection, job_id, run)


def _retry(shop: Company, job_id: str, request: RetryRequest) -> None:
    with shop.database.begin() as connection:
        run = retry_job(connection, "acme", job_id, request, shop.database.now_ms(connection))
        shop.dispatcher.enqueue(connection, job_id, run)


def _read(shop: Company, digest: str) -> dict[str, object]:
    made: dict[str, object] = json.loads(shop.assets.local(digest).read_text())
    return made


def test_a_job_goes_through_its_stages_and_tells_of_them_in_order(shop: Company) -> None:
    job_id = shop.submit(stage("one"), stage("two", ("sleep", 0.4), queue="io"))
    job = shop.until_state(job_id, *ENDED)
    assert job.state is JobState.COMPLETED, shop.logs()
    second = _read(shop, job.outputs["two.json"])
    assert [*second["from"]] == ["one.json"]  # type: ignore[misc]
    events = shop.events(job_id)
    assert [event.sequence for event in events] == [*range(1, len(events) + 1)]
    told = [(event.type, event.stage, event.progress) for event in events]
    assert told[:4] == [
        (EventType.ACCEPTED, None, None),
        (EventType.STARTED, None, None),
        (EventType.PROGRESS, "one", 0.0),
        (EventType.PROGRESS, "one", 1.0),
    ]
    assert told[-2:] == [(EventType.PROGRESS, "two", 1.0), (EventType.COMPLETED, None, None)]


def test_a_stage_goes_through_no_queue_where_there_is_room(shop: Company) -> None:
    job_id = shop.submit(stage("one", queue="io"))
    shop.until_state(job_id, *ENDED)
    assert _gone_through_queues(shop, job_id) == {job_work(job_id, 1)}


def test_a_stage_of_a_run_that_somebody_began_goes_through_its_queue(shop: Company) -> None:
    """Whoever began it may have had it enqueued already."""
    job_id = shop.submit(stage("one", queue="io"), begun=True)
    job = shop.until_state(job_id, *ENDED)
    assert (job.state, job.stages[0].attempt) == (JobState.COMPLETED, 1)
    assert _gone_through_queues(shop, job_id) == {job_work(job_id, 1), stage_work(job_id, 1, "one")}


def _gone_through_queues(shop: Company, job_id: str) -> set[str]:
    known = [job_work(job_id, 1), stage_work(job_id, 1, "one")]
    with closing(Engine(shop.database)) as engine:
        until(lambda: known[0] in engine.ended(known), "the engine has heard of its end")
        return engine.ended(known)


def test_a_running_stage_tells_how_far_it_is(shop: Company) -> None:
    job_id = shop.submit(stage("one", ("sleep", 3.0)))

    def halfway() -> bool:
        one = shop.job(job_id).stages[0]
        return 0.1 < one.progress < 1 and one.remaining_s is not None and 0 < one.remaining_s < 6

    until(halfway, "progress is written while it runs")
    shop.cancel(job_id)


def test_an_error_for_good_ends_the_job_at_once_and_names_no_path(shop: Company) -> None:
    job = shop.until_state(shop.submit(stage("one", ("fail", "for_good")), stage("two")), *ENDED)
    assert job.error is not None
    assert (job.state, job.error.code, job.error.retryable) == (JobState.FAILED, "face_not_found", False)
    assert job.error.message == f"`{shop.face}`: no face found in picture."
    assert [(one.state, one.attempt) for one in job.stages] == [(StageState.FAILED, 1), (StageState.PENDING, 0)]


def test_an_error_that_may_pass_is_tried_three_times(shop: Company) -> None:
    always, once = shop.submit(stage("one", ("fail", "late"))), shop.submit(stage("one", ("fail", "late_once")))
    failed, made = shop.until_state(always, *ENDED), shop.until_state(once, *ENDED)
    assert failed.error is not None
    assert (failed.state, failed.error.code, failed.stages[0].attempt) == (JobState.FAILED, "provider_timeout", 3)
    assert (made.state, made.stages[0].attempt) == (JobState.COMPLETED, 2)
    assert len(shop.acts("begin", always)) == 3


def test_an_unexpected_error_tells_nothing_but_its_kind(shop: Company) -> None:
    job = shop.until_state(shop.submit(stage("one", ("fail", "bug"))), *ENDED)
    assert job.error is not None
    assert job.error.code == "unexpected"
    assert "ValueError" in job.error.message
    assert "s3cr3t" not in job.model_dump_json()
    assert "acting.py" in shop.logs(), "the log says where"


def test_a_stage_that_dies_is_tried_again_and_harms_no_other(shop: Company) -> None:
    twice, always = shop.submit(stage("one", ("die", 2))), shop.submit(stage("one", ("die", 99)))
    made, failed = shop.until_state(twice, *ENDED), shop.until_state(always, *ENDED)
    assert (made.state, made.stages[0].attempt) == (JobState.COMPLETED, 3)
    assert failed.error is not None
    assert (failed.error.code, failed.stages[0].attempt) == ("stage_crashed", 3)


def test_a_stage_publishes_only_files_of_its_own(shop: Company) -> None:
    job = shop.until_state(shop.submit(stage("one", ("escape", ""))), *ENDED)
    assert job.error is not None
    assert job.error.code == "path_escapes"


def test_a_cancelled_stage_stops_and_a_deaf_one_is_killed_with_all_that_it_started(shop: Company) -> None:
    hears, deaf = shop.submit(stage("one", ("sleep", 60))), shop.submit(stage("one", ("deaf", 60)))
    begun = [shop.until_act("begin", job_id)["pid"] for job_id in (hears, deaf)]
    child = int(shop.until_act("child", deaf)["what"].split()[1])
    for job_id in (hears, deaf):
        shop.cancel(job_id)
    until(lambda: not any(is_running(pid) for pid in (*begun, child)), "all of it has ended", within_s=10)
    for job_id in (hears, deaf):
        assert shop.job(job_id).state is JobState.CANCELLED
        assert not shop.acts("end", job_id)
        assert [event.type for event in shop.events(job_id)][-1] is EventType.CANCELLED


def test_a_job_that_waits_for_a_person_holds_nothing_and_goes_on_with_the_edits(shop: Company) -> None:
    job_id = shop.submit(stage("one"), stage("two"), approvals=["one"])
    job = shop.until_state(job_id, JobState.WAITING, *ENDED)
    assert (job.state, job.waits_for, job.run) == (JobState.WAITING, "one", 1)
    assert not shop.acts("begin", job_id, "two")
    _approve(shop, job_id, "one", **{"one.json": shop.face})
    job = shop.until_state(job_id, *ENDED)
    assert (job.state, job.run) == (JobState.COMPLETED, 2)
    assert _read(shop, job.outputs["two.json"])["from"] == {"one.json": "a face"}
    assert len(shop.acts("begin", job_id, "one")) == 1


def test_a_retry_makes_only_what_it_names_and_what_follows(shop: Company) -> None:
    job_id = shop.submit(stage("one"), stage("two"), stage("three"))
    shop.until_state(job_id, *ENDED)
    _retry(shop, job_id, RetryRequest(stage="two"))
    job = shop.until_state(job_id, *ENDED)
    assert (job.state, job.run) == (JobState.COMPLETED, 2)
    made = [line["stage"] for line in shop.acts("begin", job_id)]
    assert made == ["one", "two", "three", "two", "three"]
    assert _read(shop, job.outputs["two.json"])["take"] == 1


def test_a_failed_job_can_be_retried_with_all_its_attempts(shop: Company) -> None:
    job_id = shop.submit(stage("one", ("fail", "late")))
    shop.until_state(job_id, *ENDED)
    _retry(shop, job_id, RetryRequest())
    until(lambda: shop.job(job_id).run == 2 and shop.job(job_id).state in ENDED, "the second run ends")
    assert len(shop.acts("begin", job_id)) == 6


def test_a_stage_that_holds_the_interpreter_lock_costs_nobody_the_lease(shop: Company) -> None:
    job = shop.until_state(shop.submit(stage("one", ("hold_lock", 2_000_000))), *ENDED)
    assert (job.state, job.stages[0].attempt) == (JobState.COMPLETED, 1)


def test_the_gpu_does_one_thing_at_a_time(shop: Company) -> None:
    jobs = [shop.submit(stage("one", ("sleep", 0.2), queue="gpu")) for _ in range(3)]
    for job_id in jobs:
        shop.until_state(job_id, *ENDED)
    times = [(shop.acts("begin", one)[0]["time_s"], shop.acts("end", one)[0]["time_s"]) for one in jobs]
    assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(sorted(times)))


def test_a_workspace_with_many_jobs_does_not_keep_another_waiting(shop: Company) -> None:
    many = [shop.submit(stage("one", ("sleep", 0.05), queue="gpu")) for _ in range(14)]
    other = shop.submit(stage("one", queue="gpu"), workspace="other")
    shop.until_state(other, *ENDED, workspace="other")
    assert any(shop.job(one).state not in ENDED for one in many)
    for one in many:
        shop.until_state(one, *ENDED)


def test_urgent_jobs_go_first(shop: Company, tmp_path: Path) -> None:
    first = shop.submit(stage("one", ("wait_for", str(tmp_path / "go")), queue="gpu"))
    shop.until_act("begin", first)
    low = shop.submit(stage("one", queue="gpu"), priority=90)
    _until_in_queue(shop, low)
    high = shop.submit(stage("one", queue="gpu"), priority=10)
    _until_in_queue(shop, high)
    (tmp_path / "go").touch()
    for one in (low, high):
        shop.until_state(one, *ENDED)
    assert shop.acts("begin", high)[0]["time_s"] < shop.acts("begin", low)[0]["time_s"]


def _until_in_queue(shop: Company, job_id: str) -> None:
    client = DBOSClient(system_database_engine=shop.database.engine, lazy=True)
    work = [stage_work(job_id, 1, "one")]
    until(lambda: bool(client.list_workflows(workflow_ids=work, status="ENQUEUED")), "its stage waits in its queue")
    client.destroy()
