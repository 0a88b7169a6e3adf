"""What workers do to a job between its stages. A worker of a run that does not stand any more changes nothing."""

import json
from collections.abc import Mapping
from enum import Enum

import sqlalchemy as sa

from lipwright.contracts.job import ErrorView, EventType, JobState, StageState
from lipwright.store.events import add_event
from lipwright.store.jobs.attempts import mark_failed, stop_attempts
from lipwright.store.jobs.rows import load_stages, lock_job, refer, stage_of
from lipwright.store.tables import job, stage_run


class Begun(Enum):
    """How a run begins."""

    FIRST = "first"
    """Nothing was done for it yet."""
    AGAIN = "again"
    """Somebody began it, and may not have ended."""


def begin_run(c: sa.Connection, job_id: str, run: int, now_ms: int) -> Begun | None:
    """Start a run, or go on with it after a crash.

    Returns: None when there is nothing to do: another run stands, or this one has ended.
    """
    row = lock_job(c, job_id)
    if row.run != run or row.state not in (JobState.QUEUED, JobState.RUNNING):
        return None
    if row.state == JobState.RUNNING:
        return Begun.AGAIN
    c.execute(job.update().where(job.c.id == job_id).values(state=JobState.RUNNING))
    add_event(c, job_id, EventType.STARTED, now_ms)
    return Begun.FIRST


def wait_for(c: sa.Connection, job_id: str, run: int, stage: str, now_ms: int) -> bool:
    """A person is to approve what a stage made. The run has ended; approval starts the next one.

    Returns: False when the stage is approved already, is not done, or the run does not stand.
    """
    row = lock_job(c, job_id)
    if row.run != run or row.state != JobState.RUNNING:
        return False
    waiting = c.execute(
        stage_run.update()
        .where(stage_of(job_id, stage), stage_run.c.state == StageState.DONE, stage_run.c.approved.is_(False))
        .values(state=StageState.WAITING)
        .returning(stage_run.c.outputs)
    ).one_or_none()
    if waiting is None:
        return False
    stop_attempts(c, job_id)
    c.execute(job.update().where(job.c.id == job_id).values(state=JobState.WAITING, waits_for=stage))
    add_event(c, job_id, EventType.WAITING, now_ms, stage=stage, outputs=json.loads(waiting.outputs))
    return True


def fail_job(c: sa.Connection, job_id: str, run: int, error: ErrorView, now_ms: int) -> bool:
    """A run failed between its stages.

    Returns: False when the run does not stand, or has ended: nothing is changed.
    """
    row = lock_job(c, job_id)
    if row.run != run or row.state not in (JobState.QUEUED, JobState.RUNNING):
        return False
    mark_failed(c, job_id, error, now_ms, None)
    return True


def complete_job(c: sa.Connection, job_id: str, run: int, outputs: Mapping[str, str], now_ms: int) -> bool:
    """All stages are done.

    Args:
        outputs: the result: names and digests.
    Returns: False when the run does not stand, or has ended: nothing is changed.
    Raises: ValueError: a stage is not done.
    """
    row = lock_job(c, job_id)
    if row.run != run or row.state != JobState.RUNNING:
        return False
    undone = [stage.name for stage in load_stages(c, job_id) if stage.state is not StageState.DONE]
    if undone:
        raise ValueError(f"job {job_id} is not complete: {', '.join(undone)}")
    done = {"state": JobState.COMPLETED, "outputs": json.dumps(dict(outputs)), "error": None}
    c.execute(job.update().where(job.c.id == job_id).values(**done))
    refer(c, job_id, outputs.values())
    add_event(c, job_id, EventType.COMPLETED, now_ms, outputs=outputs)
    return True
