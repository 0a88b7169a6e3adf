"""Workers that die, freeze, or are told to end in the middle of jobs: no job is lost, nothing is published twice."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from lipwright.contracts.job import EventType, JobState
from lipwright.jobs.faults import POINTS
from lipwright.store.tables import stage_run
from support.working import PACE, Company, Forker, company, is_running, stage, until

PATIENT = replace(PACE, back_off_s=(0.05,) * 9)
"""Ten attempts, so that as many workers may die of one stage."""


@pytest.fixture(scope="module")
def forker() -> Iterator[Forker]:
    made = Forker()
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgres"])
def firm(request: pytest.FixtureRequest, tmp_path: Path, forker: Forker) -> Iterator[Company]:
    with company(request.param, request, tmp_path, forker, PATIENT) as made:
        yield made


@pytest.fixture
def small_firm(request: pytest.FixtureRequest, tmp_path: Path, forker: Forker) -> Iterator[Company]:
    """On SQLite alone, where the kind of the database makes no difference."""
    with company("sqlite", request, tmp_path, forker) as made:
        yield made


def _check(firm: Company, job_id: str, *stages: str) -> None:
    """The job is done; each stage was published once, with events complete and in order."""
    job = firm.until_state(job_id, JobState.COMPLETED, JobState.FAILED)
    assert job.state is JobState.COMPLETED, firm.logs()
    assert [*job.outputs] == [f"{name}.json" for name in stages]
    for name in stages:
        assert json.loads(firm.assets.local(job.outputs[f"{name}.json"]).read_text())["job"] == job_id
    events = firm.events(job_id)
    assert [event.sequence for event in events] == [*range(1, len(events) + 1)]
    published = [event.stage for event in events if event.progress == 1.0 and event.outputs]
    assert published == [*stages], "each stage is published once, in order"
    assert [event.type for event in events].count(EventType.STARTED) == 1
    assert events[-1].type is EventType.COMPLETED


def _parts(firm: Company, job_id: str) -> list[tuple[str, str, str]]:
    """Name, state and outputs of each part."""
    with firm.database.read() as connection:
        of_job = sa.select(stage_run.c.stage, stage_run.c.state, stage_run.c.outputs).where(
            stage_run.c.job == job_id, stage_run.c.parent.is_not(None)
        )
        return [(row.stage, row.state, row.outputs) for row in connection.execute(of_job.order_by(stage_run.c.stage))]


def _parts_done(firm: Company, job_id: str) -> int:
    return [state for _, state, _ in _parts(firm, job_id)].count("done")


def _tries(firm: Company, job_id: str, part: str) -> int:
    return [line["part"] for line in firm.acts("begin", job_id)].count(part)


def _check_parts(firm: Company, job_id: str, name: str, count: int) -> None:
    """The stage was joined from what each part published last, and that was published once."""
    made = json.loads(firm.assets.local(firm.job(job_id).outputs[f"{name}.json"]).read_text())["parts"]
    parts = _parts(firm, job_id)
    assert [state for _, state, _ in parts] == ["done"] * count
    for row, _, outputs in parts:
        digest = json.loads(outputs)["part.json"]
        assert made[row.partition("/")[2]]["part.json"] == firm.assets.local(digest).read_text()


def _check_clean(firm: Company) -> None:
    """What died left no process; and once a live worker ends, no file either."""
    alive = {pid for process in firm.processes if process.poll() is None for pid in process.family()}
    begun = {line["pid"] for line in firm.acts("begin")}
    until(lambda: not [pid for pid in begun - alive if is_running(pid)], "no stage outlives its worker")
    for process in firm.processes:
        if process.poll() is None:
            process.signal(signal.SIGTERM)
            assert process.wait() == 0, firm.logs()
    assert not list(firm.scratch.iterdir())


def test_no_job_is_lost_when_a_worker_dies_at_each_named_point(firm: Company) -> None:
    """One worker after the other dies, each at another point; the last one lives."""
    jobs = []
    for point in POINTS:
        dies = firm.worker(fault=f"{point}:kill")
        jobs.append(firm.submit(stage("one", ("sleep", 0.1)), stage("two", queue="io", parts=[[], []])))
        assert dies.wait() == -signal.SIGKILL, firm.logs()
    firm.worker()
    for job_id in jobs:
        _check(firm, job_id, "one", "two")
        _check_parts(firm, job_id, "two", 2)
    _check_clean(firm)


def test_parts_and_their_join_go_on_elsewhere_when_their_worker_dies(firm: Company) -> None:
    """One dies in the middle of parts, the next while they are joined; no part that was done is made again."""
    first = firm.worker()
    job_id = firm.submit(stage("one", ("sleep", 1.5), parts=[*[[]] * 3, *[[("sleep", 1.5)]] * 2]), stage("two"))
    until(lambda: _parts_done(firm, job_id) == 3, "three parts are done")
    until(lambda: len(firm.acts("begin", job_id)) == 5, "two are at work")
    second = firm.worker()
    first.signal(signal.SIGKILL)
    until(lambda: any(line["part"] is None for line in firm.acts("begin", job_id)), f"a join, see {firm.folder}")
    firm.worker()
    second.signal(signal.SIGKILL)
    _check(firm, job_id, "one", "two")
    _check_parts(firm, job_id, "one", 5)
    begun = Counter(line["part"] for line in firm.acts("begin", job_id, "one"))
    assert begun == {"0": 1, "1": 1, "2": 1, "3": 2, "4": 2, None: 2}
    assert len(firm.acts("divide", job_id)) == 1
    _check_clean(firm)


def test_a_frozen_worker_that_wakes_up_late_publishes_no_part(small_firm: Company) -> None:
    frozen = small_firm.worker()
    job_id = small_firm.submit(stage("one", parts=[[("sleep", 1.0)], [("sleep", 1.0)]]))
    until(lambda: len(small_firm.acts("begin", job_id)) == 2, "both parts are at work")
    family = frozen.family()
    frozen.signal(signal.SIGSTOP, family=True)
    small_firm.worker()
    _check(small_firm, job_id, "one")
    before = _parts(small_firm, job_id)
    for pid in reversed(family):
        os.kill(pid, signal.SIGCONT)
    assert frozen.wait() == -signal.SIGKILL
    assert _parts(small_firm, job_id) == before
    _check_parts(small_firm, job_id, "one", 2)
    _check_clean(small_firm)


def test_a_part_that_takes_its_workers_down_fails_its_stage_after_three_of_them(small_firm: Company) -> None:
    job_id = small_firm.submit(stage("one", parts=[[], [("sleep", 30)]]))
    for number in range(1, 4):
        dies = small_firm.worker()
        until(lambda: _parts_done(small_firm, job_id) == 1, "the other part is done")
        until(lambda: _tries(small_firm, job_id, "1") == number, f"attempt {number}")  # noqa: B023
        dies.signal(signal.SIGKILL)
        dies.wait()
    small_firm.worker()
    job = small_firm.until_state(job_id, JobState.FAILED)
    assert job.error is not None
    assert (job.error.code, job.error.part, job.stages[0].attempt) == ("worker_lost", 2, 4)
    assert _tries(small_firm, job_id, "0") == 1
    _check_clean(small_firm)


def test_a_worker_that_is_told_to_end_hands_parts_back(firm: Company) -> None:
    ends = firm.worker(grace_s=0.2)
    job_id = firm.submit(stage("one", ("sleep", 2), parts=[[], [("sleep", 2)]]))
    until(lambda: _parts_done(firm, job_id) == 1, "the short part is done")
    until(lambda: _tries(firm, job_id, "1") == 1, "the long part is at work")
    ends.signal(signal.SIGTERM)
    assert ends.wait() == 0, firm.logs()
    joins = firm.worker(grace_s=0.2)
    until(lambda: any(line["part"] is None for line in firm.acts("begin", job_id)), "the parts are joined")
    joins.signal(signal.SIGTERM)
    assert joins.wait() == 0, firm.logs()
    assert firm.job(job_id).stages[0].progress == pytest.approx(2 / 3)
    firm.worker()
    _check(firm, job_id, "one")
    told = [(line["part"], line["attempt"]) for line in firm.acts("begin", job_id)]
    assert Counter(told) == {("0", 1): 1, ("1", 1): 2, (None, 1): 2}, "being handed back is no failure"
    _check_clean(firm)


def test_a_job_goes_on_elsewhere_at_the_stage_where_its_worker_died(firm: Company) -> None:
    first = firm.worker()
    job_id = firm.submit(stage("one"), stage("two", ("sleep", 1.5)))
    firm.until_act("begin", job_id, "two")
    firm.worker()
    first.signal(signal.SIGKILL)
    _check(firm, job_id, "one", "two")
    assert [line["stage"] for line in firm.acts("begin", job_id)] == ["one", "two", "two"]
    _check_clean(firm)


def test_a_frozen_worker_that_wakes_up_late_publishes_nothing(firm: Company) -> None:
    """All of its machine freezes: the worker, its stage, and the process that beats for it."""
    frozen = firm.worker()
    job_id = firm.submit(stage("one", ("sleep", 1.0)), stage("two"))
    firm.until_act("begin", job_id, "one")
    family = frozen.family()
    frozen.signal(signal.SIGSTOP, family=True)
    firm.worker()
    _check(firm, job_id, "one", "two")
    for pid in reversed(family):
        os.kill(pid, signal.SIGCONT)
    assert frozen.wait() == -signal.SIGKILL, "its own sidecar ends it"
    until(lambda: not any(is_running(pid) for pid in family), "and all that it started")
    _check(firm, job_id, "one", "two")
    _check_clean(firm)


def test_a_worker_that_is_frozen_alone_loses_its_lease(small_firm: Company) -> None:
    frozen = small_firm.worker()
    job_id = small_firm.submit(stage("one", ("sleep", 0.5)), stage("two"))
    small_firm.until_act("begin", job_id, "one")
    frozen.signal(signal.SIGSTOP)
    small_firm.worker()
    _check(small_firm, job_id, "one", "two")
    assert frozen.wait() == -signal.SIGKILL
    _check_clean(small_firm)


def test_a_stage_that_takes_its_workers_down_fails_after_three_of_them(small_firm: Company) -> None:
    job_id = small_firm.submit(stage("one", ("sleep", 30)))
    for number in range(1, 4):
        dies = small_firm.worker()
        until(lambda: len(small_firm.acts("begin", job_id)) == number, f"attempt {number}")  # noqa: B023
        dies.signal(signal.SIGKILL)
        dies.wait()
    small_firm.worker()
    job = small_firm.until_state(job_id, JobState.FAILED)
    assert job.error is not None
    assert job.error.code == "worker_lost"
    assert len(small_firm.acts("begin", job_id)) == 3
    _check_clean(small_firm)


def test_a_worker_that_is_told_to_end_finishes_what_it_can_and_hands_back_the_rest(firm: Company) -> None:
    ends = firm.worker(grace_s=1.5)
    short, long = firm.submit(stage("one", ("sleep", 0.8)), stage("two")), firm.submit(stage("one", ("sleep", 4)))
    for job_id in (short, long):
        firm.until_act("begin", job_id)
    ends.signal(signal.SIGTERM)
    assert ends.wait() == 0, firm.logs()
    assert firm.acts("end", short, "one")
    assert not firm.acts("end", long)
    assert not list(firm.scratch.iterdir())
    begin_s = time.monotonic()
    firm.worker(idle_stop_s=1.0)
    firm.until_act("begin", long)
    _check(firm, short, "one", "two")
    _check(firm, long, "one")
    assert time.monotonic() - begin_s < 30
    assert [line["attempt"] for line in firm.acts("begin", long)] == [1, 1], "being handed back is no failure"
    assert firm.processes[-1].wait() == 0, "with nothing to do, it ends by itself"


def test_a_worker_whose_sidecar_dies_ends_with_its_stages(small_firm: Company) -> None:
    worker = small_firm.worker()
    job_id = small_firm.submit(stage("one", ("deaf", 30)))
    begun = small_firm.until_act("begin", job_id)["pid"]
    sidecar = next(
        pid for pid in worker.family() if "lipwright.jobs.sidecar" in Path(f"/proc/{pid}/cmdline").read_text()
    )
    os.kill(sidecar, signal.SIGKILL)
    assert worker.wait() == 70, small_firm.logs()
    until(lambda: not is_running(begun), "the stage has ended")


def test_two_workers_share_the_work(small_firm: Company) -> None:
    workers = [small_firm.worker(), small_firm.worker()]
    jobs = [small_firm.submit(stage("one", ("sleep", 0.6))) for _ in range(12)]
    for job_id in jobs:
        _check(small_firm, job_id, "one")
    with small_firm.database.read() as connection:
        done = connection.execute(sa.select(stage_run.c.executor, sa.func.count()).group_by(stage_run.c.executor))
        assert len({row.executor for row in done}) == len(workers)
    _check_clean(small_firm)
