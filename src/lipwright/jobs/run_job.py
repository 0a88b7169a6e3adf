"""A run of a job: which stage is next, until a person is to approve something, or all is done, or something failed.

It remembers nothing: it asks the rows, has the next stage done, and asks again. So it may be done from the beginning at
any time, on any worker.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lipwright import tracing
from lipwright.contracts.job import ErrorView, JobState, StageState
from lipwright.contracts.route import Route
from lipwright.jobs import faults
from lipwright.jobs.attempt import unexpected
from lipwright.jobs.away import Draining, patiently
from lipwright.jobs.engine import Engine, join_work, stage_work
from lipwright.jobs.joins import Joins
from lipwright.jobs.room import Room
from lipwright.store.database import Database
from lipwright.store.jobs.rows import JobRun, StageRow, load_run
from lipwright.store.jobs.runs import Begun, begin_run, complete_job, fail_job, wait_for


@dataclass(frozen=True, slots=True)
class Office:
    """What the runs of a worker share."""

    database: Database
    engine: Engine
    routes: Mapping[str, Route]
    joins: Joins
    room: Room
    run_stage: Callable[[str, int, str], None]
    """Does a stage of a job's run, for which there is room."""
    draining: threading.Event


def run_job(office: Office, job_id: str, run: int) -> None:
    """Do a run of a job.

    Raises: Draining: it is to be handed back.
    """
    faults.hit("run_job.begin")
    begun = _begin(office, job_id, run)
    if begun is None:
        return
    asked: dict[str, str] = {}
    tried: set[str] = set()
    woken: set[str] = set()
    lost: set[str] = set()
    while True:
        if office.draining.is_set():
            raise Draining
        job = _load(office, job_id)
        if job.run != run or job.state != JobState.RUNNING:
            _forget(office, asked)
            if job.run == run:
                tracing.note(job.state, "stage_failed" if job.state == JobState.FAILED else None)
            return
        stage = next((row for row in job.stages if not _passed(job, row)), None)
        if stage is None:
            _complete(office, job)
            tracing.note(JobState.COMPLETED)
            return
        if stage.state == StageState.DONE:
            if _wait_for(office, job, stage.name):
                tracing.note(JobState.WAITING)
                return
            continue
        due = _due(job, stage)
        if not lost.isdisjoint(due):
            _fail(office, job, unexpected(stage.name, "its work was lost"))
            tracing.note(JobState.FAILED, "work_lost")
            return
        # What has ended, and its row was not done, is looked at once more.
        lost = _ended(office, woken.intersection(due))
        woken = set()
        if lost:
            continue
        # Of a run that was begun elsewhere, a stage may be at work, or wait to be.
        if begun is Begun.FIRST and asked.keys().isdisjoint(due) and tried.isdisjoint(due):
            tried.update(due)
            if _straight(office, job, stage, due):
                continue
        _enqueue(office, job, stage, {work: name for work, name in due.items() if work not in asked})
        asked = due
        woken = office.joins.wait(due)


def _due(job: JobRun, stage: StageRow) -> dict[str, str]:
    """What is to be done next of a stage: ids of work, and the names of rows that it is about."""
    parts = [part for part in stage.parts if part.state != StageState.DONE]
    if parts:
        return {stage_work(job.id, job.run, part.name): part.name for part in parts}
    id_of = join_work if stage.parts else stage_work
    return {id_of(job.id, job.run, stage.name): stage.name}


def _passed(job: JobRun, row: StageRow) -> bool:
    """Whether a stage is behind the job: it is done, and approved where somebody is to approve it."""
    return row.state == StageState.DONE and (row.approved or row.name not in job.snapshot.approvals)


def _begin(office: Office, job_id: str, run: int) -> Begun | None:
    def begin() -> Begun | None:
        with office.database.begin() as connection:
            return begin_run(connection, job_id, run, office.database.now_ms(connection))

    return patiently(begin, office.draining)


def _load(office: Office, job_id: str) -> JobRun:
    def load() -> JobRun:
        with office.database.read() as connection:
            return load_run(connection, job_id)

    return patiently(load, office.draining)


def _enqueue(office: Office, job: JobRun, stage: StageRow, work: Mapping[str, str]) -> None:
    if not work:
        return
    faults.hit("run_job.before_parts" if stage.parts else "run_job.before_stage")

    def enqueue() -> None:
        with office.database.begin() as connection:
            office.engine.enqueue_stages(
                connection, job.id, job.run, work, queue=stage.queue, workspace=job.workspace, priority=job.priority
            )

    patiently(enqueue, office.draining)
    faults.hit("run_job.after_parts" if stage.parts else "run_job.after_stage")


def _straight(office: Office, job: JobRun, stage: StageRow, due: Mapping[str, str]) -> bool:
    """Do the one thing that is due here and now, where that keeps nobody waiting.

    Returns: False when it is to go through the queue.
    Raises: Draining: the worker ends.
    """
    if len(due) > 1:
        return False
    ((work, name),) = due.items()
    with office.room.straight(work, stage.queue, job.workspace) as has_room:
        if not has_room:
            return False
        faults.hit("run_job.before_parts" if stage.parts else "run_job.before_stage")
        office.run_stage(job.id, job.run, name)
    faults.hit("run_job.after_parts" if stage.parts else "run_job.after_stage")
    return True


def _ended(office: Office, work: set[str]) -> set[str]:
    return patiently(lambda: office.engine.ended(work), office.draining) if work else set()


def _forget(office: Office, work: Mapping[str, str]) -> None:
    """Take the other parts out of the queue where one failed: nobody wants them any more."""
    if len(work) > 1:
        patiently(lambda: office.engine.cancel([*work]), office.draining)


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
