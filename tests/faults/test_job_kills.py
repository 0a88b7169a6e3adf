"""Workers that die, freeze, or are told to end in the middle of jobs: no job is lost, nothing is published twice."""

import json
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lipwright.contracts.job import EventType, JobState
from lipwright.jobs.faults import POINTS
from support.working import PACE, Company, Process, is_running, new_company, stage, until

PATIENT = replace(PACE, back_off_s=(0.05,) * 9)
"""Ten attempts, so that as many workers may die of one stage."""


@pytest.fixture(params=["sqlite", "postgres"])
def firm(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Company]:
    with new_company(request.param, request, tmp_path, PATIENT) as made:
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


def _check_clean(firm: Company, *ended: Process) -> None:
    """What died left no process; and once a live worker ends, no file either."""
    alive = {pid for process in firm.processes if process.popen.poll() is None for pid in process.family()}
    begun = {line["pid"] for line in firm.acts("begin")}
    until(lambda: not [pid for pid in begun - alive if is_running(pid)], "no stage outlives its worker")
    for process in firm.processes:
        if process.popen.poll() is None:
            process.signal(signal.SIGTERM)
            assert process.wait() == 0, firm.logs()
    assert not list(firm.scratch.iterdir())


def test_a_job_survives_the_death_of_its_worker_at_every_named_point(firm: Company) -> None:
    """One worker for each point, which dies there; and one that lives."""
    dying = [firm.worker(fault=f"{point}:kill") for point in POINTS]
    firm.worker()
    jobs: list[str] = []
    while any(process.popen.poll() is None for process in dying):
        assert len(jobs) < 200, firm.logs()
        jobs.append(firm.submit(stage("one", ("sleep", 0.1)), stage("two", queue="io")))
        time.sleep(0.25)
    assert [process.wait() for process in dying] == [-signal.SIGKILL] * len(dying)
    for job_id in jobs:
        _check(firm, job_id, "one", "two")
    _check_clean(firm)
