"""Avatars of workspaces by their names. An avatar is what a job of its kind made, and lives as long as its row."""

import json
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from lipwright.contracts.job import AvatarSpec, ErrorView, JobState
from lipwright.errors import AvatarExists, AvatarNotFound, did_you_mean
from lipwright.store.jobs.rows import read_snapshot
from lipwright.store.pages import Page, page_of
from lipwright.store.tables import avatar, job
from lipwright.store.workspaces import upsert

IDENTITY: Final = "identity.json"
"""What an avatar's job publishes: the whole of it."""
NOTHING: Final = "{}"
"""The outputs of a job that never was complete."""
_OVER = (JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class AvatarRow:
    """An avatar, and the job that makes it or has made it."""

    name: str
    job: str
    run: int
    state: JobState
    spec: AvatarSpec
    outputs: dict[str, str]
    """Of the last time that the job was complete; names and digests."""
    error: ErrorView | None
    created_ms: int

    @property
    def identity(self) -> str | None:
        """The digest of its identity; None as long as it was never complete."""
        return self.outputs.get(IDENTITY)


def claim_avatar(c: sa.Connection, workspace: str, name: str, job_id: str, now_ms: int) -> None:
    """Give a name to a job that makes an avatar. A job that failed before it was ever complete holds no name.

    Raises: AvatarExists: another job has it.
    """
    made = {"job": job_id, "created_ms": now_ms}
    insert = upsert(c, avatar).values(workspace=workspace, name=name, **made).on_conflict_do_nothing()
    if c.execute(insert.returning(avatar.c.job)).one_or_none() is not None:
        return
    mine = _is(workspace, name)
    owner = c.execute(sa.select(avatar.c.job).where(mine).with_for_update()).scalar_one()
    if owner == job_id:
        return
    held = c.execute(sa.select(job.c.state, job.c.outputs).where(job.c.id == owner).with_for_update(read=True)).one()
    if held.state not in _OVER or held.outputs != NOTHING:
        raise AvatarExists(f"avatar `{name}`: there is one of this name. Delete it, or choose another name.")
    c.execute(avatar.update().where(mine).values(**made))


def get_avatar(c: sa.Connection, workspace: str, name: str) -> AvatarRow:
    """An avatar of a workspace.

    Raises: AvatarNotFound: also when it is another workspace's.
    """
    row = c.execute(_joined().where(_is(workspace, name))).one_or_none()
    if row is None:
        names = c.execute(sa.select(avatar.c.name).where(avatar.c.workspace == workspace).limit(1000)).scalars().all()
        hint = did_you_mean(name, names)
        raise AvatarNotFound(f"avatar `{name[:80]}`: not known here.{hint} Create it with POST /v1/avatars.")
    return _row(row)


def list_avatars(c: sa.Connection, workspace: str, *, limit: int, cursor: str | None = None) -> Page[AvatarRow]:
    """Avatars of a workspace, newest first.

    Raises: UsageError: a limit or a cursor that there cannot be.
    """
    mine = _joined().where(avatar.c.workspace == workspace)
    page = page_of(c, mine, (avatar.c.created_ms, avatar.c.name), limit, cursor)
    return Page(tuple(_row(row) for row in page.items), page.next_cursor)


def delete_avatar(c: sa.Connection, workspace: str, name: str) -> AvatarRow:
    """Forget an avatar's name. Its job and its files are like any others from now on: the caller cancels the job.

    Raises: AvatarNotFound.
    """
    row = get_avatar(c, workspace, name)
    c.execute(avatar.delete().where(_is(workspace, name)))
    return row


def _is(workspace: str, name: str) -> sa.ColumnElement[bool]:
    return sa.and_(avatar.c.workspace == workspace, avatar.c.name == name)


def _joined() -> sa.Select[Any]:
    of_job = (job.c.run, job.c.state, job.c.snapshot, job.c.outputs, job.c.error)
    return sa.select(avatar, *of_job).join(job, job.c.id == avatar.c.job)


def _row(row: sa.Row[Any]) -> AvatarRow:
    spec = read_snapshot(row.job, row.snapshot).spec
    assert isinstance(spec, AvatarSpec)  # noqa: S101 only such a job has a name
    return AvatarRow(
        row.name,
        row.job,
        row.run,
        JobState(row.state),
        spec,
        json.loads(row.outputs),
        None if row.error is None else ErrorView.model_validate_json(row.error),
        row.created_ms,
    )
