"""What workers do to a stage. A worker that woke up late changes nothing.

Each attempt writes a token into its stage, and changes something only while that token stands. It stands until the next
attempt, the end of the stage, or the end of the run.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from typing import Any

import sqlalchemy as sa

from lipwright.contracts.job import ErrorView, EventType, JobState, StageState
from lipwright.errors import Cancelled
from lipwright.store.events import add_event
from lipwright.store.jobs.rows import lock_job, refer, stage_of
from lipwright.store.tables import job, stage_run

TOLD_EVERY_MS = 1_000
TOLD_EVERY_PART = 0.05
"""Progress of a stage makes an event when it passed another twentieth, and not twice in a second."""

_UNTOUCHED = {
    "state": StageState.PENDING,
    "token": None,
    "executor": None,
    "progress": 0.0,
    "remaining_s": None,
    "started_ms": None,
}


@dataclass(frozen=True, slots=True)
class StageStart:
    """What an attempt has to know."""

    attempt: int
    """From 1."""
    take: int
    line: int | None
    lines: dict[int, int]
    """The take of each line that was wanted differently."""


def begin_stage(
    c: sa.Connection, job_id: str, run: int, stage: str, token: str, executor: str, now_ms: int
) -> StageStart | None:
    """Start an attempt at a stage. Any earlier attempt is fenced off from now on.

    Args:
        token: new, and nobody else's.
    Returns: None when the stage is done already.
    Raises: Cancelled: nobody wants this run any more.
    """
    _wanted_run(c, job_id, run)
    begun = c.execute(
        stage_run.update()
        .where(stage_of(job_id, stage), stage_run.c.state.not_in((StageState.DONE, StageState.WAITING)))
        .values(
            state=StageState.RUNNING,
            attempt=stage_run.c.attempt + 1,
            token=token,
            executor=executor,
            progress=0.0,
            remaining_s=None,
            told=0.0,
            told_ms=now_ms,
            error=None,
            started_ms=now_ms,
            ended_ms=None,
        )
        .returning(stage_run.c.attempt, stage_run.c.take, stage_run.c.line, stage_run.c.lines)
    ).one_or_none()
    if begun is None:
        return None
    add_event(c, job_id, EventType.PROGRESS, now_ms, stage=stage, progress=0.0)
    lines = {int(line): take for line, take in json.loads(begun.lines).items()}
    return StageStart(begun.attempt, begun.take, begun.line, lines)


def set_progress(
    c: sa.Connection, job_id: str, stage: str, token: str, progress: float, remaining_s: float | None, now_ms: int
) -> bool:
    """Note how far an attempt is, 0 to 1, and tell it now and then.

    Returns: False when the attempt is not wanted any more.
    """
    lock_job(c, job_id)
    noted = c.execute(
        stage_run.update()
        .where(stage_of(job_id, stage), stage_run.c.token == token)
        .values(progress=progress, remaining_s=remaining_s)
        .returning(stage_run.c.told, stage_run.c.told_ms)
    ).one_or_none()
    if noted is None:
        return False
    # The same number of twentieths whichever way the fractions were rounded.
    passed = floor(progress / TOLD_EVERY_PART + 1e-9) > floor(noted.told / TOLD_EVERY_PART + 1e-9)
    if passed and now_ms - noted.told_ms >= TOLD_EVERY_MS:
        c.execute(stage_run.update().where(stage_of(job_id, stage)).values(told=progress, told_ms=now_ms))
        add_event(c, job_id, EventType.PROGRESS, now_ms, stage=stage, progress=progress)
    return True


def is_wanted(c: sa.Connection, job_id: str, stage: str, token: str) -> bool:
    """Whether an attempt still is the one whose result counts."""
    held = sa.select(stage_run.c.stage).where(stage_of(job_id, stage), stage_run.c.token == token)
    return c.execute(held).first() is not None


def publish_stage(
    c: sa.Connection, job_id: str, stage: str, token: str, outputs: Mapping[str, str], now_ms: int
) -> bool:
    """A stage is done.

    Args:
        outputs: names and digests of what it made.
    Returns: False when the attempt is not wanted any more: nothing is changed.
    """
    done: dict[str, Any] = {"outputs": json.dumps(dict(outputs)), "progress": 1.0, "remaining_s": None}
    if not _end_attempt(c, job_id, stage, token, StageState.DONE, now_ms, **done):
        return False
    refer(c, job_id, outputs.values())
    add_event(c, job_id, EventType.PROGRESS, now_ms, stage=stage, progress=1.0, outputs=outputs)
    return True


def hand_back_stage(c: sa.Connection, job_id: str, stage: str, token: str) -> bool:
    """A worker gives a stage up because it ends itself: as if the attempt had not been.

    Returns: False when the attempt is not wanted any more: nothing is changed.
    """
    given_back = c.execute(
        stage_run.update()
        .where(stage_of(job_id, stage), stage_run.c.token == token)
        .values(attempt=stage_run.c.attempt - 1, **_UNTOUCHED)
        .returning(stage_run.c.stage)
    )
    return given_back.one_or_none() is not None


def fail_stage(c: sa.Connection, job_id: str, stage: str, token: str, error: ErrorView, now_ms: int) -> bool:
    """A stage failed for good, and its job with it.

    Returns: False when the attempt is not wanted any more: nothing is changed.
    """
    if not _end_attempt(c, job_id, stage, token, StageState.FAILED, now_ms, error=error.model_dump_json()):
        return False
    mark_failed(c, job_id, error, now_ms, stage)
    return True


def stop_attempts(c: sa.Connection, job_id: str) -> None:
    """Fence off whoever is at work for the job; what is unfinished will be begun again."""
    c.execute(
        stage_run.update()
        .where(stage_run.c.job == job_id, stage_run.c.state == StageState.RUNNING)
        .values(**_UNTOUCHED)
    )


def mark_failed(c: sa.Connection, job_id: str, error: ErrorView, now_ms: int, stage: str | None) -> None:
    """A job failed, for what its stage failed for where there is one. Nobody works for it any more."""
    stop_attempts(c, job_id)
    failed = {"state": JobState.FAILED, "error": error.model_dump_json()}
    c.execute(job.update().where(job.c.id == job_id).values(**failed))
    add_event(c, job_id, EventType.FAILED, now_ms, stage=stage, error=error)


def _wanted_run(c: sa.Connection, job_id: str, run: int) -> None:
    row = lock_job(c, job_id)
    if row.run != run or row.state != JobState.RUNNING:
        raise Cancelled(f"job {job_id}: run {run} is not wanted any more; run {row.run} is {row.state}.")


def _end_attempt(
    c: sa.Connection, job_id: str, stage: str, token: str, state: StageState, now_ms: int, **values: object
) -> bool:
    """Whether it was the attempt that counts. A token stands only while its run does."""
    lock_job(c, job_id)
    ended = c.execute(
        stage_run.update()
        .where(stage_of(job_id, stage), stage_run.c.token == token)
        .values(state=state, token=None, ended_ms=now_ms, **values)
        .returning(stage_run.c.stage)
    )
    return ended.one_or_none() is not None
