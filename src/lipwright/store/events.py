"""What happened to jobs. An event is written in the transaction of the change that caused it.

Events are numbered within their job without a gap: the number is counted in the job's own row, which stays locked until
the transaction ends.
"""

import json
from collections.abc import Mapping

import sqlalchemy as sa

from lipwright.contracts.job import ErrorView, EventType, EventView, JobState
from lipwright.errors import JobNotFound
from lipwright.store.deliveries import add_delivery
from lipwright.store.tables import event, job
from lipwright.store.times import utc

_NUMBERED = (
    job.update()
    .where(job.c.id == sa.bindparam("of_job"))
    .values(last_sequence=job.c.last_sequence + 1, updated_ms=sa.bindparam("now_ms"))
    .returning(job.c.last_sequence, job.c.workspace, job.c.state, job.c.snapshot)
)
_ADDED = event.insert()


def add_event(
    c: sa.Connection,
    job_id: str,
    kind: EventType,
    now_ms: int,
    *,
    stage: str | None = None,
    progress: float | None = None,
    outputs: Mapping[str, str] | None = None,
    error: ErrorView | None = None,
) -> EventView:
    """Tell what has just been changed, and let it be delivered where the job has a callback."""
    told = c.execute(_NUMBERED, {"of_job": job_id, "now_ms": now_ms}).one()
    view = EventView(
        id=_id(job_id, told.last_sequence),
        sequence=told.last_sequence,
        type=kind,
        job=job_id,
        time=utc(now_ms),
        state=JobState(told.state),
        stage=stage,
        progress=progress,
        outputs=dict(outputs or {}),
        error=error,
    )
    return _add(c, view, told.workspace, told.snapshot, now_ms)


def add_first_event(c: sa.Connection, job_id: str, workspace: str, snapshot: str, now_ms: int) -> EventView:
    """Tell that a job was accepted, whose row was just made and counts this event already."""
    view = EventView(
        id=_id(job_id, 1),
        sequence=1,
        type=EventType.ACCEPTED,
        job=job_id,
        time=utc(now_ms),
        state=JobState.QUEUED,
    )
    return _add(c, view, workspace, snapshot, now_ms)


def _id(job_id: str, sequence: int) -> str:
    return f"evt_{job_id}_{sequence:06}"


def _add(c: sa.Connection, told: EventView, workspace: str, snapshot_text: str, now_ms: int) -> EventView:
    snapshot = json.loads(snapshot_text)
    view = told.model_copy(update={"labels": snapshot["labels"]})
    c.execute(
        _ADDED,
        {
            "id": view.id,
            "job": view.job,
            "workspace": workspace,
            "sequence": view.sequence,
            "type": view.type,
            "body": view.model_dump_json(),
            "created_ms": now_ms,
        },
    )
    if snapshot["callback"] is not None:
        add_delivery(c, view, workspace, snapshot["callback"]["url"], snapshot["callback"]["secret"], now_ms)
    return view


def events_after(c: sa.Connection, workspace: str, job_id: str, sequence: int, limit: int) -> list[EventView]:
    """Events of a job behind a number, in order.

    Args:
        sequence: 0 for all from the start.
    Raises: JobNotFound.
    """
    rows = c.execute(
        sa.select(event.c.body)
        .where(event.c.workspace == workspace, event.c.job == job_id, event.c.sequence > sequence)
        .order_by(event.c.sequence)
        .limit(limit)
    ).scalars()
    views = [EventView.model_validate_json(body) for body in rows]
    if (
        not views
        and c.execute(sa.select(job.c.id).where(job.c.workspace == workspace, job.c.id == job_id)).first() is None
    ):
        raise JobNotFound(f"job `{job_id}`: not known here. List the jobs to see which there are.")
    return views
