"""Stages that are done in parts. A part is a row like that of a stage, with a token and attempts of its own.

A divided stage runs while its parts do; when all are done, it is begun once more, which counts as one more part of its
progress. Take and lines are those of the stage.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from lipwright.contracts.job import ErrorView, EventType, StageState
from lipwright.store.events import add_event
from lipwright.store.jobs.rows import lock_job, part_name, stage_of
from lipwright.store.tables import stage_run

UNBEGUN: dict[str, Any] = {
    "state": StageState.PENDING,
    "attempt": 0,
    "token": None,
    "executor": None,
    "progress": 0.0,
    "remaining_s": None,
    "outputs": "{}",
    "error": None,
    "started_ms": None,
    "ended_ms": None,
}
_PART = stage_run.alias()
_UNDONE = sa.select(_PART.c.stage).where(
    _PART.c.job == stage_run.c.job, _PART.c.parent == stage_run.c.stage, _PART.c.state != StageState.DONE
)
HAS_NO_UNDONE_PART = sa.or_(stage_run.c.parts.is_(None), ~_UNDONE.exists())
"""The condition that all parts of a stage are done; also where it has none."""


def divide_stage(c: sa.Connection, job_id: str, stage: str, token: str, parts: Sequence[str]) -> bool:
    """A stage is to be done in parts. It runs on, and begins to count its attempts anew.

    Args:
        parts: their names, each once.
    Returns: False when the attempt is not wanted any more: nothing is changed.
    """
    lock_job(c, job_id)
    divided = c.execute(
        stage_run.update()
        .where(stage_of(job_id, stage), stage_run.c.token == token)
        .values(parts=len(parts), attempt=0, token=None, executor=None, progress=0.0, remaining_s=None)
        .returning(stage_run.c.queue)
    ).one_or_none()
    if divided is None:
        return False
    c.execute(
        stage_run.insert(),
        [
            {
                "job": job_id,
                "stage": part_name(stage, part),
                "parent": stage,
                "queue": divided.queue,
                "position": position,
                "state": StageState.PENDING,
            }
            for position, part in enumerate(parts)
        ],
    )
    return True


def begin_whole(c: sa.Connection, job_id: str, stage: str, now_ms: int) -> sa.Row[Any]:
    """A part of a stage begins, and with the first one the stage, where it had stopped.

    Returns: its row, of which take and lines are its parts' too.
    """
    whole = c.execute(sa.select(stage_run).where(stage_of(job_id, stage))).one()
    if whole.state != StageState.RUNNING:
        runs = {"state": StageState.RUNNING, "started_ms": now_ms, "told": 0.0, "told_ms": now_ms}
        c.execute(stage_run.update().where(stage_of(job_id, stage)).values(**runs))
        add_event(c, job_id, EventType.PROGRESS, now_ms, stage=stage, progress=sum_up(c, job_id, stage, now_ms))
    return whole


def sum_up(c: sa.Connection, job_id: str, stage: str, now_ms: int) -> float:
    """Note how far a divided stage is, by its parts.

    Returns: its progress, 0 to 1.
    """
    whole = c.execute(sa.select(stage_run.c.parts, stage_run.c.started_ms).where(stage_of(job_id, stage))).one()
    begun_ms = now_ms if whole.started_ms is None else whole.started_ms
    now_made = sa.case((stage_run.c.started_ms >= begun_ms, stage_run.c.progress), else_=0.0)
    summed = c.execute(
        sa.select(sa.func.sum(stage_run.c.progress).label("made"), sa.func.sum(now_made).label("now_made")).where(
            _parts_of(job_id, stage)
        )
    ).one()
    left = whole.parts + 1 - summed.made
    remaining_s = (now_ms - begun_ms) / 1000 * left / summed.now_made if summed.now_made else None
    progress = float(summed.made / (whole.parts + 1))
    c.execute(stage_run.update().where(stage_of(job_id, stage)).values(progress=progress, remaining_s=remaining_s))
    return progress


def fail_whole(c: sa.Connection, job_id: str, stage: str, error: ErrorView, now_ms: int) -> None:
    """A stage failed for what a part of it failed for."""
    failed = {"state": StageState.FAILED, "token": None, "error": error.model_dump_json(), "ended_ms": now_ms}
    c.execute(stage_run.update().where(stage_of(job_id, stage)).values(**failed))


def part_number(stage: str, part: str, position: int) -> int:
    """How people count a part: what its name says where that is a number, from 0, else its place; from 1."""
    name = part.removeprefix(part_name(stage, ""))
    return (int(name) if name.isdigit() else position) + 1


def reset_parts(c: sa.Connection, job_id: str, stage: str, *also: str) -> None:
    """Let the parts that are not done be done, and these also, which are.

    Args:
        also: names of rows.
    """
    undone = sa.or_(stage_run.c.state != StageState.DONE, stage_run.c.stage.in_(also))
    c.execute(stage_run.update().where(_parts_of(job_id, stage), undone).values(**UNBEGUN))


def join_parts(c: sa.Connection, job_id: str, stage: str) -> None:
    """Let a stage be whole again: what its parts made is of no more use."""
    c.execute(stage_run.delete().where(_parts_of(job_id, stage)))
    c.execute(stage_run.update().where(stage_of(job_id, stage)).values(parts=None))


def _parts_of(job_id: str, stage: str) -> sa.ColumnElement[bool]:
    return sa.and_(stage_run.c.job == job_id, stage_run.c.parent == stage)
