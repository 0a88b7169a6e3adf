"""A run of a job: which stage is next, until a person is to approve something, or all is done, or something failed.

It remembers nothing: it asks the rows, has the next stage done, and asks again. So it may be done from the beginning at
any time, on any worker.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from lipwright.contracts.job import ErrorView, JobState, StageState
from lipwright.contracts.route import Route
from lipwright.jobs import faults
from lipwright.jobs.attempt import unexpected
from lipwright.jobs.away import Draining, patiently
from lipwright.jobs.engine import Engine, stage_work
from lipwright.jobs.joins import Joins
from lipwright.store.database import Database
from lipwright.store.jobs.rows import JobRun, StageRow, load_run
from lipwright.store.jobs.runs import begin_run, complete_job, fail_job, wait_for


@dataclass(frozen=True, slots=True)
class Office:
    """What the runs of a worker share."""

    database: Database
    engine: Engine
    routes: Mapping[str, Route]
    joins: Joins
    draining: threading.Event


def run_job(office: Office, job_id: str, run: int) -> None:
    """Do a run of a job.

    Raises: Draining: it is to be handed back.
    """
    faults.hit("run_job.begin")
    if not _begin(office, job_id, run):
        return
    waited = lost = ""
    while True:
        if office.draining.is_set():
            raise Draining
        job = _load(office, job_id)
        if job.run != run or job.state != JobState.RUNNING:
            return
        stage = next((row for row in job.stages if not _passed(job, row)), None)
        if stage is None:
            _complete(office, job)
            return
        if stage.state == StageState.DONE:
            if _wait_for(office, job, stage.name):
                return
            continue
        if stage.name == lost:
            _fail(office, job, unexpected(stage.name, "its work was lost"))
            return
        work = stage_work(job.id, run, stage.name)
        if stage.name != waited:
            _enqueue(office, job, stage)
        elif _has_ended(office, work):  # and its row was not done: it is looked at once more
            lost = stage.name
            continue
        waited = stage.name
        office.joins.wait(work)


def _passed(job: JobRun, row: StageRow) -> bool:
    """Whether a stage is behind the job: it is done, and approved where somebody is to approve it."""
    return row.state == StageState.DONE and (row.approved or row.name not in job.snapshot.approvals)


def _begin(office: Office, job_id: str, run: int) -> bool:
    def begin() -> bool:
        with office.database.begin() as connection:
            return begin_run(connection, job_id, run, office.database.now_ms(connection))

    return patiently(begin, office.draining)


def _load(office: Office, job_id: str) -> JobRun:
    def load() -> JobRun:
        with office.database.read() as connection:
            return load_run(connection, job_id)

    return patiently(load, office.draining)


def _enqueue(office: Office, job: JobRun, stage: StageRow) -> None:
    patiently(
        lambda: office.engine.enqueue_stage(
            job.id, job.run, stage.name, queue=stage.queue, workspace=job.workspace, priority=job.priority
        ),
        office.draining,
    )


def _has_ended(office: Office, work: str) -> bool:
    return bool(patiently(lambda: office.engine.ended([work]), office.draining))


def _wait_for(office: Office, job: JobRun, stage: str) -> bool:
    def wait() -> bool:
        with office.database.begin() as connection:
            return wait_for(connection, job.id, job.run, stage, office.database.now_ms(connection))

    return patiently(wait, office.draining)


def _fail(office: Office, job: JobRun, error: ErrorView) -> None:
    def fail() -> None:
        with office.database.begin() as connection:
            fail_job(connection, job.id, job.run, error, office.database.now_ms(connection))

    patiently(fail, office.draining)


def _complete(office: Office, job: JobRun) -> None:
    made = {name: digest for row in job.stages for name, digest in row.made.items()}
    outputs = office.routes[job.kind].outputs(made)
    faults.hit("run_job.before_complete")

    def complete() -> None:
        with office.database.begin() as connection:
            complete_job(connection, job.id, job.run, outputs, office.database.now_ms(connection))

    patiently(complete, office.draining)
    faults.hit("run_job.after_complete")
