"""Rows of a job and its stages, read."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from lipwright.contracts.job import JobRequest, JobState, StageState
from lipwright.errors import JobNotFound, ServiceError
from lipwright.store.tables import job, stage_run

_JOB = sa.select(job).where(job.c.id == sa.bindparam("of_job"))
_LOCKED = _JOB.with_for_update()
_STAGES = sa.select(stage_run).where(stage_run.c.job == sa.bindparam("of_job")).order_by(stage_run.c.position)
_REFERRED = sa.text("INSERT INTO job_asset (job, digest) VALUES (:job, :digest) ON CONFLICT DO NOTHING")
"""As text, which is compiled once: SQLAlchemy compiles its own ON CONFLICT each time."""
THIS_STAGE = sa.and_(stage_run.c.job == sa.bindparam("of_job"), stage_run.c.stage == sa.bindparam("of_stage"))
"""The condition that a row is the stage of the parameters."""


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage of a job, or a part of one, as workers see it."""

    name: str
    queue: str
    position: int
    state: StageState
    attempt: int
    take: int
    """Rises when the whole stage is wanted differently."""
    line: int | None
    """The line that was last wanted differently."""
    lines: dict[int, int]
    """The take of each line that was wanted differently."""
    approved: bool
    outputs: dict[str, str]
    """What it published: names and digests."""
    edits: dict[str, str]
    """What a person put in the place of outputs."""
    parts: "tuple[StageRow, ...]" = ()
    """What it divided itself into, in the order of their work; none while it is whole. Their names are as `part_name`
    makes them."""

    @property
    def made(self) -> dict[str, str]:
        """What the stages behind it work with."""
        return self.outputs | self.edits

    def part_of(self, row_name: str) -> str:
        """What a part of this stage is called, by the name of its row."""
        return row_name.removeprefix(part_name(self.name, ""))


@dataclass(frozen=True, slots=True)
class JobRun:
    """A job, as workers see it."""

    id: str
    workspace: str
    kind: str
    run: int
    state: JobState
    priority: int
    cancelled: bool
    snapshot: JobRequest
    stages: tuple[StageRow, ...]
    """In order."""

    def whole(self, name: str) -> StageRow:
        """The stage whose row, or the row of whose part, has this name."""
        return next(stage for stage in self.stages if name in (stage.name, *(part.name for part in stage.parts)))


def load_run(c: sa.Connection, job_id: str) -> JobRun:
    """Read a job as it stands, of whatever workspace.

    Raises: JobNotFound. ServiceError: a later version stored it.
    """
    row = c.execute(_JOB, {"of_job": job_id}).one_or_none()
    if row is None:
        raise not_found(job_id)
    return JobRun(
        row.id,
        row.workspace,
        row.kind,
        row.run,
        JobState(row.state),
        row.priority,
        row.cancelled,
        read_snapshot(job_id, row.snapshot),
        load_stages(c, job_id),
    )


def load_stages(c: sa.Connection, job_id: str) -> tuple[StageRow, ...]:
    """The stages of a job, in order, each with its parts."""
    rows = c.execute(_STAGES, {"of_job": job_id}).all()
    parts: dict[str, list[StageRow]] = defaultdict(list)
    for row in rows:
        if row.parent is not None:
            parts[row.parent].append(_stage(row, []))
    return tuple(_stage(row, parts[row.stage]) for row in rows if row.parent is None)


def _stage(row: sa.Row[Any], parts: Iterable[StageRow]) -> StageRow:
    return StageRow(
        row.stage,
        row.queue,
        row.position,
        StageState(row.state),
        row.attempt,
        row.take,
        row.line,
        {int(line): take for line, take in json.loads(row.lines).items()},
        row.approved,
        json.loads(row.outputs),
        json.loads(row.edits),
        tuple(parts),
    )


def part_name(stage: str, part: str) -> str:
    """The name of the row of a part; no stage has such a one."""
    return f"{stage}/{part}"


def read_snapshot(job_id: str, text: str) -> JobRequest:
    """The request that a job was made from, by whichever version it was stored.

    Raises: ServiceError: a later version stored it.
    """
    try:
        return JobRequest.model_validate_json(text)
    except ValidationError as exc:
        raise ServiceError(
            f"job {job_id}: its snapshot has a form that this version does not know. Update Lipwright here."
        ) from exc


def lock_job(c: sa.Connection, job_id: str, workspace: str | None = None) -> sa.Row[Any]:
    """The job's row, which nobody else changes until the transaction ends.

    Args:
        workspace: whose it must be; None for workers, which serve all.
    Raises: JobNotFound.
    """
    query = _LOCKED if workspace is None else _LOCKED.where(job.c.workspace == workspace)
    row = c.execute(query, {"of_job": job_id}).one_or_none()
    if row is None:
        raise not_found(job_id)
    return row


def not_found(job_id: str) -> JobNotFound:
    """The error that says so."""
    return JobNotFound(f"job `{job_id[:80]}`: not known here. List the jobs to see which there are.")


def stage_of(job_id: str, stage: str) -> sa.ColumnElement[bool]:
    """The condition that a row is this stage of this job."""
    return sa.and_(stage_run.c.job == job_id, stage_run.c.stage == stage)


def refer(c: sa.Connection, job_id: str, digests: Collection[str]) -> None:
    """Keep assets for as long as the job is kept."""
    if digests:
        rows = [{"job": job_id, "digest": digest} for digest in sorted(set(digests))]
        c.execute(_REFERRED, one_or_many(rows))


def one_or_many(rows: list[dict[str, Any]]) -> dict[str, Any] | list[dict[str, Any]]:
    """Parameters of a statement for each of these rows. For a single one, less goes to and fro."""
    return rows[0] if len(rows) == 1 else rows
