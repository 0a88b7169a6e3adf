"""Stages in parts, done by two real workers, on SQLite and on Postgres."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from lipwright.contracts.job import ApprovalRequest, EventType, JobState, JobView, RetryRequest, StageState
from lipwright.store.jobs.ask import approve_job, retry_job
from lipwright.store.tables import stage_run
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
        for _ in range(2):
            made.worker()
        yield made


def _read(shop: Company, job: JobView, name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(shop.assets.local(job.outputs[name]).read_text())
    return made


def _retry(shop: Company, job_id: str, **request: Any) -> JobView:
    with shop.database.begin() as connection:
        now_ms = shop.database.now_ms(connection)
        run = retry_job(connection, "acme", job_id, RetryRequest(**request), now_ms)
        shop.dispatcher.enqueue(connection, job_id, run)
    until(lambda: (view := shop.job(job_id)).run == run and view.state in ENDED, f"run {run}, see {shop.folder}")
    return shop.job(job_id)


def _begun(shop: Company, job_id: str, stage_name: str) -> Counter[str | None]:
    """How often each part began, and the stage itself behind them (None)."""
    return Counter(line["part"] for line in shop.acts("begin", job_id, stage_name))


def _done(shop: Company, job_id: str) -> list[str]:
    """Names of the parts that were published."""
    with shop.database.read() as connection:
        of_job = sa.select(stage_run.c.stage).where(stage_run.c.job == job_id, stage_run.c.parent.is_not(None))
        return sorted(connection.execute(of_job.where(stage_run.c.state == StageState.DONE)).scalars())


def _alive(shop: Company, job_id: str) -> bool:
    return any(is_running(line["pid"]) for line in shop.acts("begin", job_id))


def test_parts_are_done_by_all_workers_and_joined_once(shop: Company) -> None:
    parts = [[("sleep", 0.4)]] * 6
    job_id = shop.submit(stage("one"), stage("two", queue="gpu", parts=parts), stage("three"))
    job = shop.until_state(job_id, *ENDED)
    assert job.state is JobState.COMPLETED, shop.logs()
    joined = _read(shop, job, "two.json")
    assert [*joined["parts"]] == [str(number) for number in range(6)]
    for number, files in joined["parts"].items():
        part = json.loads(files["part.json"])
        assert (part["part"], [*part["from"]]) == (number, ["one.json"])
    assert [*_read(shop, job, "three.json")["from"]] == ["one.json", "two.json"]
    assert _begun(shop, job_id, "two") == {**{str(number): 1 for number in range(6)}, None: 1}
    assert len(shop.acts("divide", job_id)) == 1
    assert [one.name for one in job.stages] == ["one", "two", "three"]
    assert [*job.outputs] == ["one.json", "two.json", "three.json"], "what parts made stays within their stage"
    with shop.database.read() as connection:
        of_parts = sa.select(stage_run.c.executor).where(stage_run.c.job == job_id, stage_run.c.parent == "two")
        assert len(set(connection.execute(of_parts).scalars())) == 2


def test_progress_of_a_divided_stage_is_that_of_its_parts_and_never_goes_back(shop: Company) -> None:
    job_id = shop.submit(stage("one", ("sleep", 0.4), parts=[[("sleep", 2.0)], [("sleep", 2.4)], [("sleep", 1.0)]]))

    def halfway() -> bool:
        one = shop.job(job_id).stages[0]
        return 0.2 < one.progress < 0.8 and one.remaining_s is not None and 0 < one.remaining_s < 60

    until(halfway, "progress is summed up while parts run")
    shop.until_state(job_id, *ENDED)
    told = [event.progress for event in shop.events(job_id) if event.stage == "one"]
    assert told == sorted(told, key=lambda one: one or 0.0)
    assert (told[0], told[-1], told.count(1.0)) == (0.0, 1.0, 1)


def test_a_failed_part_fails_its_stage_and_only_what_is_undone_is_made_again(shop: Company) -> None:
    ready, gate = shop.folder / "ready", shop.folder / "gate"
    fails: list[tuple[str, object]] = [("wait_for", str(ready)), ("fail_until", str(gate))]
    job_id = shop.submit(stage("one", parts=[[], fails, [("wait_for", str(gate))]]))
    until(lambda: _done(shop, job_id) == ["one/0"], "the first is done")
    until(lambda: len(_begun(shop, job_id, "one")) == 3, "the others run")
    ready.touch()
    job = shop.until_state(job_id, *ENDED)
    assert job.error is not None
    assert (job.state, job.error.code, job.error.part) == (JobState.FAILED, "face_not_found", 2)
    assert (job.stages[0].state, job.stages[0].error) == (StageState.FAILED, job.error)
    assert [(event.type, event.stage) for event in shop.events(job_id)][-1] == (EventType.FAILED, "one")
    until(lambda: not _alive(shop, job_id), "the part that ran was stopped")
    gate.touch()
    job = _retry(shop, job_id)
    assert job.state is JobState.COMPLETED
    assert _begun(shop, job_id, "one") == {"0": 1, "1": 2, "2": 2, None: 1}


def test_an_error_of_a_part_that_may_pass_is_tried_again_there_alone(shop: Company) -> None:
    job_id = shop.submit(stage("one", parts=[[], [("fail", "late_once")], [("die", 1)]]))
    job = shop.until_state(job_id, *ENDED)
    assert job.state is JobState.COMPLETED, shop.logs()
    assert _begun(shop, job_id, "one") == {"0": 1, "1": 2, "2": 2, None: 1}
    assert job.stages[0].attempt == 2


def test_one_part_is_made_again_and_the_others_are_not(shop: Company) -> None:
    job_id = shop.submit(stage("one", parts=[[], [], []]), stage("two"))
    before = shop.until_state(job_id, *ENDED)
    job = _retry(shop, job_id, stage="one", line=2)
    assert _begun(shop, job_id, "one") == {"0": 1, "1": 2, "2": 1, None: 2}
    assert len(shop.acts("divide", job_id)) == 1
    joined, earlier = _read(shop, job, "one.json"), _read(shop, before, "one.json")
    assert joined["line"] == 2
    assert json.loads(joined["parts"]["1"]["part.json"])["lines"] == {"2": 1}
    assert all(joined["parts"][part] == earlier["parts"][part] for part in ("0", "2"))
    assert len(shop.acts("begin", job_id, "two")) == 2


def test_a_line_that_is_no_part_lets_the_stage_divide_itself_again(shop: Company) -> None:
    job_id = shop.submit(stage("one", parts=[[], []]))
    shop.until_state(job_id, *ENDED)
    job = _retry(shop, job_id, stage="one", line=9)
    assert len(shop.acts("divide", job_id)) == 2
    assert _begun(shop, job_id, "one") == {"0": 2, "1": 2, None: 2}
    assert json.loads(_read(shop, job, "one.json")["parts"]["0"]["part.json"])["lines"] == {"9": 1}


def test_a_stage_that_is_made_again_makes_its_parts_anew(shop: Company) -> None:
    job_id = shop.submit(stage("one"), stage("two", parts=[[], []]), stage("three", parts=[[], []]))
    shop.until_state(job_id, *ENDED)
    job = _retry(shop, job_id, stage="two", only=True)
    joined = _read(shop, job, "two.json")
    assert joined["take"] == 1
    assert [json.loads(files["part.json"])["take"] for files in joined["parts"].values()] == [1, 1]
    assert _begun(shop, job_id, "three") == {"0": 1, "1": 1, None: 1}
    _retry(shop, job_id, stage="one")
    assert _begun(shop, job_id, "three") == {"0": 2, "1": 2, None: 2}


def test_a_cancelled_job_stops_all_parts_and_a_retry_keeps_those_that_were_done(shop: Company) -> None:
    gate = shop.folder / "open"
    waits: list[tuple[str, object]] = [("wait_for", str(gate))]
    job_id = shop.submit(stage("one", parts=[[], *[waits] * 5]))
    until(lambda: _done(shop, job_id) == ["one/0"], "one is done")
    until(lambda: len(_begun(shop, job_id, "one")) == 5, "four are at work, and one waits")
    shop.cancel(job_id)
    assert shop.job(job_id).state is JobState.CANCELLED
    until(lambda: not _alive(shop, job_id), "they stop")
    gate.touch()
    job = _retry(shop, job_id)
    assert job.state is JobState.COMPLETED
    begun = _begun(shop, job_id, "one")
    assert (begun["0"], sum(begun.values())) == (1, 5 + 5 + 1)
    assert [event.type for event in shop.events(job_id)].count(EventType.CANCELLED) == 1


def test_a_divided_stage_can_be_approved_and_stays(shop: Company) -> None:
    job_id = shop.submit(stage("one", parts=[[], []]), stage("two"), approvals=["one"])
    job = shop.until_state(job_id, JobState.WAITING, *ENDED)
    assert job.waits_for == "one"
    with shop.database.begin() as connection:
        now_ms = shop.database.now_ms(connection)
        request = ApprovalRequest(stage="one", edits={"one.json": shop.face})
        run = approve_job(connection, "acme", job_id, request, now_ms)
        assert run is not None
        shop.dispatcher.enqueue(connection, job_id, run)
    job = shop.until_state(job_id, *ENDED)
    assert _read(shop, job, "two.json")["from"] == {"one.json": "a face"}
    assert _begun(shop, job_id, "one") == {"0": 1, "1": 1, None: 1}


def test_a_part_that_divides_itself_or_has_no_proper_name_is_an_error(shop: Company) -> None:
    for name in ("again", "Part 1", ""):
        script = stage("one", parts=[[]])
        script["parts"] = {name: [["divide_again", ""]]} if name else {}
        job = shop.until_state(shop.submit(script), *ENDED)
        assert job.error is not None
        assert (job.error.code, job.stages[0].attempt) == ("unexpected", 1)
