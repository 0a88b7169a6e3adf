"""Jobs, as their callers see them."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from lipwright.contracts.job import ErrorView, JobRequest, JobState, JobView, StageState, StageView
from lipwright.contracts.route import StagePlan
from lipwright.store.jobs.rows import not_found
from lipwright.store.pages import Page, page_of
from lipwright.store.tables import job, stage_run
from lipwright.store.times import utc

_OF_THESE = stage_run.c.job.in_(sa.bindparam("jobs", expanding=True))
_STAGES = (
    sa.select(stage_run).where(_OF_THESE, stage_run.c.parent.is_(None)).order_by(stage_run.c.job, stage_run.c.position)
)
_PARTS = (
    sa.select(stage_run.c.job, stage_run.c.parent, sa.func.max(stage_run.c.attempt).label("attempt"))
    .where(_OF_THESE, stage_run.c.parent.is_not(None))
    .group_by(stage_run.c.job, stage_run.c.parent)
)
_JOB = sa.select(job).where(job.c.workspace == sa.bindparam("of_workspace"), job.c.id == sa.bindparam("of_job"))


def get_job(c: sa.Connection, workspace: str, job_id: str) -> JobView:
    """A job of a workspace.

    Raises: JobNotFound: also when it is another workspace's.
    """
    row = c.execute(_JOB, {"of_workspace": workspace, "of_job": job_id}).one_or_none()
    if row is None:
        raise not_found(job_id)
    return _views(c, [row])[0]


def new_job(job_id: str, request: JobRequest, plans: Sequence[StagePlan], now_ms: int) -> JobView:
    """A job that was made at this moment, as `get_job` would read it."""
    return JobView(
        id=job_id,
        kind=request.spec.kind,
        state=JobState.QUEUED,
        run=1,
        priority=request.priority,
        labels=request.labels,
        stages=tuple(StageView(name=plan.name, state=StageState.PENDING, attempt=0) for plan in plans),
        outputs={},
        waits_for=None,
        error=None,
        created_at=utc(now_ms),
        updated_at=utc(now_ms),
    )


def list_jobs(
    c: sa.Connection,
    workspace: str,
    *,
    limit: int,
    cursor: str | None = None,
    state: JobState | None = None,
    kind: str | None = None,
) -> Page[JobView]:
    """Jobs of a workspace, newest first.

    Raises: UsageError: a limit or a cursor that there cannot be.
    """
    query = sa.select(job).where(job.c.workspace == workspace)
    if state is not None:
        query = query.where(job.c.state == state)
    if kind is not None:
        query = query.where(job.c.kind == kind)
    page = page_of(c, query, (job.c.created_ms, job.c.id), limit, cursor)
    return Page(tuple(_views(c, page.items)), page.next_cursor)


def _views(c: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[JobView]:
    stages: dict[str, list[StageView]] = defaultdict(list)
    of_these = {"jobs": [row.id for row in rows]}
    whole = c.execute(_STAGES, of_these).all()
    divided = any(row.parts is not None for row in whole)
    attempts = {(row.job, row.parent): row.attempt for row in c.execute(_PARTS, of_these)} if divided else {}
    for row in whole:
        stages[row.job].append(_stage(row, attempts.get((row.job, row.stage), 0)))
    return [
        JobView(
            id=row.id,
            kind=row.kind,
            state=JobState(row.state),
            run=row.run,
            priority=row.priority,
            labels=json.loads(row.snapshot)["labels"],
            stages=tuple(stages[row.id]),
            outputs=json.loads(row.outputs),
            waits_for=row.waits_for,
            error=_error(row.error),
            created_at=utc(row.created_ms),
            updated_at=utc(row.updated_ms),
        )
        for row in rows
    ]


def _stage(row: sa.Row[Any], part_attempts: int) -> StageView:
    return StageView(
        name=row.stage,
        state=StageState(row.state),
        attempt=max(row.attempt, part_attempts),
        progress=row.progress,
        remaining_s=row.remaining_s,
        outputs=json.loads(row.outputs) | json.loads(row.edits),
        error=_error(row.error),
        started_at=None if row.started_ms is None else utc(row.started_ms),
        ended_at=None if row.ended_ms is None else utc(row.ended_ms),
    )


def _error(text: str | None) -> ErrorView | None:
    return None if text is None else ErrorView.model_validate_json(text)
