"""Leases: which workers are alive. A worker is alive while its row is beaten; who finds a row silent takes the lease.

Times are the database's. A lease that was taken is never given back: the worker goes on under a new name, or dies.
"""

import os
import socket

import sqlalchemy as sa

from lipwright.store.tables import worker_lease

LIVE = "live"


def register(connection: sa.Connection, executor: str, queues: tuple[str, ...], now_ms: int) -> None:
    """A worker begins."""
    connection.execute(
        worker_lease.insert().values(
            executor=executor,
            state=LIVE,
            queues=",".join(queues),
            host=socket.gethostname(),
            pid=os.getpid(),
            seen_ms=now_ms,
        )
    )


def beat(connection: sa.Connection, executor: str, now_ms: int) -> bool:
    """A worker is alive.

    Returns: False when its lease was taken.
    """
    row = connection.execute(
        worker_lease.update()
        .where(worker_lease.c.executor == executor, worker_lease.c.state == LIVE)
        .values(seen_ms=now_ms)
        .returning(worker_lease.c.executor)
    ).first()
    return row is not None


def stands(connection: sa.Connection, executor: str) -> bool:
    """Whether nobody took a worker's lease."""
    row = connection.execute(
        sa.select(worker_lease.c.executor).where(worker_lease.c.executor == executor, worker_lease.c.state == LIVE)
    ).first()
    return row is not None


def leave(connection: sa.Connection, executor: str) -> None:
    """A worker ends: its lease is gone, and whatever it still held belongs to the others."""
    connection.execute(worker_lease.delete().where(worker_lease.c.executor == executor))


def silent(connection: sa.Connection, executor: str, lease_ms: int, now_ms: int) -> bool:
    """Whether there is a lease to take, other than one's own."""
    found = connection.execute(
        sa.select(worker_lease.c.executor).where(_is_silent(executor, lease_ms, now_ms)).limit(1)
    ).first()
    return found is not None


def take_silent(connection: sa.Connection, executor: str, lease_ms: int, now_ms: int) -> list[str]:
    """Take the leases of others that were silent for too long.

    Returns: who they were.
    """
    rows = connection.execute(
        worker_lease.update()
        .where(_is_silent(executor, lease_ms, now_ms))
        .values(state="dead")
        .returning(worker_lease.c.executor)
    )
    return [row.executor for row in rows]


def live(connection: sa.Connection) -> set[str]:
    """All that are alive."""
    rows = connection.execute(sa.select(worker_lease.c.executor).where(worker_lease.c.state == LIVE))
    return {row.executor for row in rows}


def forget_dead(connection: sa.Connection, before_ms: int) -> None:
    """Delete rows of workers that died before a time."""
    connection.execute(worker_lease.delete().where(worker_lease.c.state != LIVE, worker_lease.c.seen_ms < before_ms))


def _is_silent(executor: str, lease_ms: int, now_ms: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        worker_lease.c.state == LIVE,
        worker_lease.c.executor != executor,
        worker_lease.c.seen_ms < now_ms - lease_ms,
    )
