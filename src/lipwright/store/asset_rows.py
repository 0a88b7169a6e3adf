"""Which files a workspace has. The bytes lie in the object storage, once for each digest, whoever has them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from lipwright.contracts.job import AssetView
from lipwright.errors import AssetNotFound
from lipwright.store.pages import Page, page_of
from lipwright.store.tables import asset, job, job_asset
from lipwright.store.times import utc

TOUCHED_EVERY_MS = 60_000

_ADDED = sa.text(
    "INSERT INTO asset (workspace, digest, name, media_type, size_bytes, created_ms, used_ms)"
    " VALUES (:workspace, :digest, :name, :media_type, :size_bytes, :now_ms, :now_ms)"
    " ON CONFLICT DO NOTHING RETURNING digest"
)
"""As text, which is compiled once: SQLAlchemy compiles its own ON CONFLICT each time."""
_THESE = sa.and_(
    asset.c.workspace == sa.bindparam("of_workspace"), asset.c.digest.in_(sa.bindparam("digests", expanding=True))
)
_HELD = sa.select(asset.c.digest, asset.c.used_ms).where(_THESE).with_for_update(read=True, key_share=True)
# Locked in one order by everybody: no two wait for each other.
_IDLE = (
    sa.select(asset.c.digest)
    .where(_THESE, asset.c.used_ms <= sa.bindparam("before_ms"))
    .order_by(asset.c.digest)
    .with_for_update(key_share=True)
)
_TOUCHED = asset.update().where(_THESE)


@dataclass(frozen=True, slots=True)
class AssetRow:
    """A file of a workspace."""

    workspace: str
    digest: str
    name: str
    media_type: str
    size_bytes: int
    created_ms: int
    used_ms: int
    """When it was last uploaded, published or asked for, to the minute."""

    @property
    def view(self) -> AssetView:
        """As its workspace sees it."""
        return AssetView(
            digest=self.digest,
            name=self.name,
            media_type=self.media_type,
            size_bytes=self.size_bytes,
            created_at=utc(self.created_ms),
        )


def add_asset(
    c: sa.Connection, workspace: str, digest: str, *, name: str, media_type: str, size_bytes: int, now_ms: int
) -> bool:
    """A workspace has a file.

    Returns: False when it had it already: what it is called stays, and it counts as used now.
    """
    file = {"workspace": workspace, "digest": digest, "name": name, "media_type": media_type, "size_bytes": size_bytes}
    made = c.execute(_ADDED, {**file, "now_ms": now_ms}).one_or_none()
    if made is None:
        touch_assets(c, workspace, [digest], now_ms)
    return made is not None


def get_asset(c: sa.Connection, workspace: str, digest: str) -> AssetRow:
    """A file of a workspace.

    Raises: AssetNotFound: also when only another workspace has it.
    """
    row = c.execute(sa.select(asset).where(_is(workspace, digest))).one_or_none()
    if row is None:
        raise AssetNotFound(f"asset `{digest[:80]}`: not known here. Upload it, or list the assets.")
    return _row(row)


def list_assets(c: sa.Connection, workspace: str, *, limit: int, cursor: str | None = None) -> Page[AssetRow]:
    """Files of a workspace, newest first.

    Raises: UsageError: a limit or a cursor that there cannot be.
    """
    mine = sa.select(asset).where(asset.c.workspace == workspace)
    page = page_of(c, mine, (asset.c.created_ms, asset.c.digest), limit, cursor)
    return Page(tuple(_row(row) for row in page.items), page.next_cursor)


def missing_assets(c: sa.Connection, workspace: str, digests: Collection[str]) -> frozenset[str]:
    """Which of these the workspace has not. Those that it has cannot be removed before the transaction ends."""
    return frozenset(digests).difference(hold_assets(c, workspace, digests))


def hold_assets(c: sa.Connection, workspace: str, digests: Collection[str]) -> dict[str, int]:
    """Which of these the workspace has, and when they were used last. They cannot be removed before the transaction
    ends."""
    rows = c.execute(_HELD, {"of_workspace": workspace, "digests": [*{*digests}]})
    return {row.digest: row.used_ms for row in rows}


def touch_assets(
    c: sa.Connection, workspace: str, digests: Collection[str], now_ms: int, held: Mapping[str, int] | None = None
) -> None:
    """These are in use: nobody removes them soon.

    What was used within the last minute stays as it is, so that jobs of one file do not wait for each other.

    Args:
        held: what `hold_assets` told in this transaction; about these nobody is asked again.
    """
    before_ms = now_ms - TOUCHED_EVERY_MS
    idle = [digest for digest in digests if held is None or held.get(digest, before_ms) <= before_ms]
    if not idle:
        return
    these = {"of_workspace": workspace, "digests": idle}
    locked = c.execute(_IDLE, {**these, "before_ms": before_ms}).scalars().all()
    if locked:
        c.execute(_TOUCHED, {"of_workspace": workspace, "digests": locked, "used_ms": now_ms})


def unreferenced(c: sa.Connection, before_ms: int, limit: int) -> list[AssetRow]:
    """Files of all workspaces that no job refers to, and that nobody used since, longest unused first.

    What somebody is making a job of at this moment is not among them; a job that comes while they are being dropped in
    the same transaction finds them missing.
    """
    referring = (
        sa.select(job_asset.c.job)
        .join(job)
        .where(job_asset.c.digest == asset.c.digest, job.c.workspace == asset.c.workspace)
    )
    idle = sa.select(asset).where(asset.c.used_ms < before_ms, ~referring.exists())
    locked = idle.order_by(asset.c.used_ms).limit(limit).with_for_update(skip_locked=True, of=asset)
    return [_row(row) for row in c.execute(locked)]


def drop_asset(c: sa.Connection, workspace: str, digest: str) -> bool:
    """A workspace has a file no more.

    Returns: False when it had it not.
    """
    dropped = c.execute(asset.delete().where(_is(workspace, digest)).returning(asset.c.digest))
    return dropped.one_or_none() is not None


def is_known(c: sa.Connection, digest: str) -> bool:
    """Whether any workspace has these bytes: then they are not removed."""
    return c.execute(sa.select(asset.c.digest).where(asset.c.digest == digest).limit(1)).first() is not None


def _is(workspace: str, digest: str) -> sa.ColumnElement[bool]:
    return sa.and_(asset.c.workspace == workspace, asset.c.digest == digest)


def _row(row: sa.Row[Any]) -> AssetRow:
    return AssetRow(row.workspace, row.digest, row.name, row.media_type, row.size_bytes, row.created_ms, row.used_ms)
