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
from lipwright.store.jobs.parts import HAS_NO_UNDONE_PART, begin_whole, fail_whole, part_number, sum_up
from lipwright.store.jobs.rows import THIS_STAGE, lock_job, refer, stage_of
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


_IS_WHOLE = stage_run.c.parts.is_(None)
_NOW_MS = sa.bindparam("now_ms", type_=sa.BigInteger)
_BEGUN = (
    stage_run.update()
    .where(THIS_STAGE, stage_run.c.state.not_in((StageState.DONE, StageState.WAITING)), HAS_NO_UNDONE_PART)
    .values(
        state=StageState.RUNNING,
        attempt=stage_run.c.attempt + 1,
        token=sa.bindparam("new_token"),
        executor=sa.bindparam("new_executor"),
        progress=sa.case((_IS_WHOLE, 0.0), else_=stage_run.c.progress),
        remaining_s=None,
        told=sa.case((_IS_WHOLE, 0.0), else_=stage_run.c.told),
        told_ms=_NOW_MS,
        error=None,
        started_ms=sa.case((_IS_WHOLE, _NOW_MS), else_=sa.func.coalesce(stage_run.c.started_ms, _NOW_MS)),
        ended_ms=None,
    )
    .returning(
        stage_run.c.attempt,
        stage_run.c.take,
        stage_run.c.line,
        stage_run.c.lines,
        stage_run.c.parent,
        stage_run.c.progress,
    )
)
_ENDED = (
    stage_run.update()
    .where(THIS_STAGE, stage_run.c.token == sa.bindparam("of_token"))
    .returning(stage_run.c.parent, stage_run.c.position)
)


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
    """Start an attempt at a stage, or at a part of one. Any earlier attempt is fenced off from now on.

    Args:
        token: new, and nobody else's.
    Returns: None when the stage is done already, or waits for its parts.
    Raises: Cancelled: nobody wants this run any more.
    """
    _wanted_run(c, job_id, run)
    this = {"of_job": job_id, "of_stage": stage}
    begun = c.execute(_BEGUN, {**this, "new_token": token, "new_executor": executor, "now_ms": now_ms}).one_or_none()
    if begun is None:
        return None
    if begun.parent is not None:
        whole = begin_whole(c, job_id, begun.parent, now_ms)
        return StageStart(begun.attempt, whole.take, whole.line, _lines(whole.lines))
    add_event(c, job_id, EventType.PROGRESS, now_ms, stage=stage, progress=begun.progress)
    return StageStart(begun.attempt, begun.take, begun.line, _lines(begun.lines))


def set_progress(
    c: sa.Connection, job_id: str, stage: str, token: str, progress: float, remaining_s: float | None, now_ms: int
) -> bool:
    """Note how far an attempt is, 0 to 1, and tell it now and then.

    Returns: False when the attempt is not wanted any more.
    """
    lock_job(c, job_id)
    # Of a divided stage, what is behind its parts counts as one more of them.
    overall = (stage_run.c.parts + progress) / (stage_run.c.parts + 1)
    noted = c.execute(
        stage_run.update()
        .where(stage_of(job_id, stage), stage_run.c.token == token)
        .values(progress=sa.case((stage_run.c.parts.is_(None), progress), else_=overall), remaining_s=remaining_s)
        .returning(stage_run.c.parent)
    ).one_or_none()
    if noted is None:
        return False
    if noted.parent is not None:
        sum_up(c, job_id, noted.parent, now_ms)
    _tell(c, job_id, noted.parent or stage, now_ms)
    return True


def is_wanted(c: sa.Connection, job_id: str, stage: str, token: str) -> bool:
    """Whether an attempt still is the one whose result counts."""
    held = sa.select(stage_run.c.stage).where(stage_of(job_id, stage), stage_run.c.token == token)
    return c.execute(held).first() is not None


def publish_stage(
    c: sa.Connection, job_id: str, stage: str, token: str, outputs: Mapping[str, str], now_ms: int
) -> bool:
    """A stage, or a part of one, is done. What a part made is for its stage alone: no event tells of it.

    Args:
        outputs: names and digests of what it made.
    Returns: False when the attempt is not wanted any more: nothing is changed.
    """
    done: dict[str, Any] = {"outputs": json.dumps(dict(outputs)), "progress": 1.0, "remaining_s": None}
    ended = _end_attempt(c, job_id, stage, token, StageState.DONE, now_ms, **done)
    if ended is None:
        return False
    refer(c, job_id, outputs.values())
    if ended.parent is not None:
        sum_up(c, job_id, ended.parent, now_ms)
        _tell(c, job_id, ended.parent, now_ms)
        return True
    add_event(c, job_id, EventType.PROGRESS, now_ms, stage=stage, progress=1.0, outputs=outputs)
    return True


def hand_back_stage(c: sa.Connection, job_id: str, stage: str, token: str) -> bool:
    """A worker gives a stage up because it ends itself: as if the attempt had not been. A divided stage runs on.

    Returns: False when the attempt is not wanted any more: nothing is changed.
    """
    parts = stage_run.c.parts
    as_it_was = {
        "state": sa.case((parts.is_(None), StageState.PENDING), else_=StageState.RUNNING),
        "progress": sa.case((parts.is_(None), 0.0), else_=1.0 * parts / (parts + 1)),
        "started_ms": sa.case((parts.is_(None), None), else_=stage_run.c.started_ms),
    }
    given_back = c.execute(
        stage_run.update()
        .where(stage_of(job_id, stage), stage_run.c.token == token)
        .values(attempt=stage_run.c.attempt - 1, **_UNTOUCHED | as_it_was)
        .returning(stage_run.c.stage)
    )
    return given_back.one_or_none() is not None


def fail_stage(c: sa.Connection, job_id: str, stage: str, token: str, error: ErrorView, now_ms: int) -> bool:
    """A stage failed for good, and its job with it; for a part of it, where a part failed.

    Returns: False when the attempt is not wanted any more: nothing is changed.
    """
    ended = _end_attempt(c, job_id, stage, token, StageState.FAILED, now_ms, error=error.model_dump_json())
    if ended is None:
        return False
    if ended.parent is not None:
        number = part_number(ended.parent, stage, ended.position)
        error = error if error.part is not None else error.model_copy(update={"part": number})
        fail_whole(c, job_id, ended.parent, error, now_ms)
    mark_failed(c, job_id, error, now_ms, ended.parent or stage)
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
) -> sa.Row[Any] | None:
    """The row, where it was the attempt that counts. A token stands only while its run does."""
    lock_job(c, job_id)
    held = {"of_job": job_id, "of_stage": stage, "of_token": token}
    return c.execute(_ENDED, {**held, "state": state, "token": None, "ended_ms": now_ms, **values}).one_or_none()


def _tell(c: sa.Connection, job_id: str, stage: str, now_ms: int) -> None:
    """Make an event of the progress of a stage, now and then."""
    columns = stage_run.c.progress, stage_run.c.told, stage_run.c.told_ms
    row = c.execute(sa.select(*columns).where(stage_of(job_id, stage))).one()
    # The same number of twentieths whichever way the fractions were rounded.
    passed = floor(row.progress / TOLD_EVERY_PART + 1e-9) > floor(row.told / TOLD_EVERY_PART + 1e-9)
    if passed and now_ms - row.told_ms >= TOLD_EVERY_MS:
        c.execute(stage_run.update().where(stage_of(job_id, stage)).values(told=row.progress, told_ms=now_ms))
        add_event(c, job_id, EventType.PROGRESS, now_ms, stage=stage, progress=row.progress)


def _lines(text: str) -> dict[int, int]:
    return {int(line): take for line, take in json.loads(text).items()}
