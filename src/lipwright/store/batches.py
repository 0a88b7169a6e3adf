"""Batches: tables whose rows each become a job. A row tells what its video is made from, and which job makes it.

Rows are stored when the batch is accepted. Their jobs are made behind that, some at a time: see `batch_making`.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import sqlalchemy as sa

from lipwright.contracts.job import FINAL, ErrorView, JobState
from lipwright.errors import IdempotencyConflict
from lipwright.store.pages import Page, page_of
from lipwright.store.tables import batch, batch_row, job
from lipwright.store.workspaces import upsert

OVER: Final = (JobState.FAILED, JobState.CANCELLED)
"""What another job takes the place of, when the same rows come again."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text that is translated before a job is made of it."""

    source: str
    """BCP 47."""
    target: str
    kept: tuple[str, ...] = ()
    """Words that stay as they are."""


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row that is to become a job."""

    line: int
    """Of the table, from 1."""
    name: str
    language: str
    digest: str
    """The SHA-256 of all that its video is made from."""
    spec: str
    """As JSON. An avatar's identity is left out: all rows share it."""
    wording: Wording | None = None


@dataclass(frozen=True, slots=True)
class BatchState:
    """A batch and where its rows are."""

    id: str
    size: int
    counts: dict[JobState, int]
    """How many rows are in each state; states of no row are left out."""
    cancelled: bool
    labels: dict[str, str]
    created_ms: int


@dataclass(frozen=True, slots=True)
class RowState:
    """A row and what has become of it."""

    position: int
    line: int
    name: str
    language: str
    state: JobState
    job: str | None
    taken: bool
    """The job was made for another row or batch that asked for the same."""
    outputs: dict[str, str]
    error: ErrorView | None


def add_batch(
    c: sa.Connection,
    workspace: str,
    rows: Sequence[NewRow],
    *,
    request: Mapping[str, Any],
    key: str | None,
    body_digest: str,
    now_ms: int,
) -> tuple[str, bool]:
    """Store a batch whose rows were checked; or let an earlier one go on that came with the same key.

    Args:
        request: what its jobs share, as a `JobRequest` has it, and the `identities` of their avatars by name.
    Returns: its id, and whether it is new.
    Raises: IdempotencyConflict: the key came with another body.
    """
    batch_id = uuid.uuid4().hex
    made = c.execute(
        upsert(c, batch)
        .values(
            id=batch_id,
            workspace=workspace,
            key=key,
            body_digest=body_digest,
            request=json.dumps(dict(request)),
            size=len(rows),
            open=True,
            cancelled=False,
            created_ms=now_ms,
        )
        .on_conflict_do_nothing()
        .returning(batch.c.id)
    ).one_or_none()
    if made is None:
        return _again(c, workspace, str(key), body_digest), False
    c.execute(
        batch_row.insert(),
        [
            {
                "batch": batch_id,
                "position": position,
                "workspace": workspace,
                "line": row.line,
                "name": row.name,
                "language": row.language,
                "digest": row.digest,
                "spec": row.spec,
                "wording": None if row.wording is None else json.dumps(asdict(row.wording)),
            }
            for position, row in enumerate(rows)
        ],
    )
    return batch_id, True


def get_batch(c: sa.Connection, workspace: str, batch_id: str) -> BatchState | None:
    """A batch of a workspace; None where there is none, or another workspace has it."""
    found = c.execute(sa.select(batch).where(batch.c.workspace == workspace, batch.c.id == batch_id)).one_or_none()
    return None if found is None else _batches(c, [found])[0]


def list_batches(c: sa.Connection, workspace: str, *, limit: int, cursor: str | None = None) -> Page[BatchState]:
    """Batches of a workspace, newest first.

    Raises: UsageError: a limit or a cursor that there cannot be.
    """
    mine = sa.select(batch).where(batch.c.workspace == workspace)
    page = page_of(c, mine, (batch.c.created_ms, batch.c.id), limit, cursor)
    return Page(tuple(_batches(c, page.items)), page.next_cursor)


def list_rows(
    c: sa.Connection, batch_id: str, *, after: int, limit: int, state: JobState | None = None
) -> list[RowState]:
    """Rows of a batch in the order of its table.

    Args:
        after: the position of the row before the first one; -1 for all from the start.
    """
    now = _row_state()
    query = (
        sa.select(batch_row, now.label("state"), job.c.outputs, job.c.error.label("job_error"))
        .select_from(_rows_with_jobs())
        .where(batch_row.c.batch == batch_id, batch_row.c.position > after)
    )
    if state is not None:
        query = query.where(now == state)
    return [_row(row) for row in c.execute(query.order_by(batch_row.c.position).limit(limit))]


def cancel_batch(c: sa.Connection, batch_id: str) -> list[str]:
    """Make no more jobs of a batch.

    Returns: the jobs that were made of it and have not ended: the caller cancels them.
    """
    c.execute(batch.update().where(batch.c.id == batch_id).values(open=False, cancelled=True))
    living = sa.and_(batch_row.c.batch == batch_id, batch_row.c.taken.is_(False), job.c.state.not_in(sorted(FINAL)))
    jobs = sa.select(job.c.id).join(batch_row, batch_row.c.job == job.c.id).where(living)
    return list(c.execute(jobs.order_by(batch_row.c.position)).scalars())


def forget_batches(c: sa.Connection, before_ms: int, limit: int) -> int:
    """Remove batches that are so old, and none of whose jobs is at work; returns how many. Their jobs are as any."""
    at_work = sa.select(batch_row.c.job).join(job, job.c.id == batch_row.c.job)
    at_work = at_work.where(batch_row.c.batch == batch.c.id, job.c.state.not_in(sorted(FINAL)))
    old = sa.select(batch.c.id).where(batch.c.created_ms < before_ms, batch.c.open.is_(False), ~at_work.exists())
    locked = old.order_by(batch.c.created_ms).limit(limit).with_for_update(skip_locked=True)
    ids = list(c.execute(locked).scalars())
    c.execute(batch_row.delete().where(batch_row.c.batch.in_(ids)))
    c.execute(batch.delete().where(batch.c.id.in_(ids)))
    return len(ids)


def _again(c: sa.Connection, workspace: str, key: str, body_digest: str) -> str:
    """Let rows be made again that failed or were cancelled."""
    keyed = sa.select(batch).where(batch.c.workspace == workspace, batch.c.key == key).with_for_update()
    known = c.execute(keyed).one()
    if known.body_digest != body_digest:
        raise IdempotencyConflict(
            f"idempotency key `{key}`: it came with another table, which made batch {known.id}. Send the same request,"
            " or another key."
        )
    over = sa.select(job.c.id).where(job.c.id == batch_row.c.job, job.c.state.in_(OVER))
    undone = sa.or_(batch_row.c.error.is_not(None), over.exists())
    reset = c.execute(
        batch_row.update()
        .where(batch_row.c.batch == known.id, undone)
        .values(job=None, taken=False, error=None, held_ms=0)
        .returning(batch_row.c.position)
    ).all()
    if reset or known.cancelled:
        c.execute(batch.update().where(batch.c.id == known.id).values(open=True, cancelled=False))
    return str(known.id)


def _rows_with_jobs() -> sa.Join:
    return sa.join(batch_row, batch, batch.c.id == batch_row.c.batch).outerjoin(job, job.c.id == batch_row.c.job)


def _row_state() -> sa.ColumnElement[str]:
    """A row is where its job is; one without a job waits for it, unless that cannot be made any more."""
    return sa.case(
        (job.c.state.is_not(None), job.c.state),
        (batch_row.c.error.is_not(None), JobState.FAILED.value),
        (batch.c.cancelled, JobState.CANCELLED.value),
        else_=JobState.QUEUED.value,
    )


def _batches(c: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[BatchState]:
    counts: dict[str, dict[JobState, int]] = {row.id: {} for row in rows}
    state = _row_state().label("state")
    counted = sa.select(batch_row.c.batch, state, sa.func.count().label("rows")).select_from(_rows_with_jobs())
    grouped = counted.where(batch_row.c.batch.in_(list(counts))).group_by(batch_row.c.batch, state)
    for one in c.execute(grouped):
        counts[one.batch][JobState(one.state)] = one.rows
    return [
        BatchState(row.id, row.size, counts[row.id], row.cancelled, json.loads(row.request)["labels"], row.created_ms)
        for row in rows
    ]


def _row(row: sa.Row[Any]) -> RowState:
    told = row.error or row.job_error
    return RowState(
        row.position,
        row.line,
        row.name,
        row.language,
        JobState(row.state),
        row.job,
        row.taken,
        json.loads(row.outputs or "{}"),
        None if told is None else ErrorView.model_validate_json(told),
    )
