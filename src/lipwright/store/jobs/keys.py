"""Idempotency keys: a caller's own name of a request, under which it is done once, however often it is sent.

A key is taken in the transaction that does what was asked: of a request that was refused, nothing is kept.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from lipwright.errors import IdempotencyConflict, UsageError
from lipwright.store.tables import idempotency, job
from lipwright.store.workspaces import upsert

KEY_KEPT_MS = 24 * 3_600_000
MOST_KEY_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an earlier request with a key was about."""

    job_id: str
    run: int
    """Of the job, as it is now."""


def claim_key(c: sa.Connection, workspace: str, key: str, body_digest: str, job_id: str, now_ms: int) -> Claimed | None:
    """Take a key for a request about a job, waiting for whoever is taking it.

    Args:
        body_digest: tells requests apart that come with one key.
        job_id: may be of a job that the transaction is still to make.
    Returns: what the key was taken for before; None when it is ours now.
    Raises: IdempotencyConflict: the key came with another request. UsageError: a key that there cannot be.
    """
    if not 1 <= len(key) <= MOST_KEY_CHARACTERS:
        raise UsageError(f"an idempotency key of {len(key)} characters: give 1 to {MOST_KEY_CHARACTERS}.")
    ours = {"job": job_id, "body_digest": body_digest, "created_ms": now_ms}
    taken = c.execute(
        upsert(c, idempotency)
        .values(workspace=workspace, key=key, **ours)
        .on_conflict_do_update(
            index_elements=["workspace", "key"], set_=ours, where=idempotency.c.created_ms <= now_ms - KEY_KEPT_MS
        )
        .returning(idempotency.c.job)
    ).one_or_none()
    if taken is not None:
        return None
    owner = c.execute(
        sa.select(idempotency.c.body_digest, job.c.id, job.c.run)
        .join(job, job.c.id == idempotency.c.job)
        .where(idempotency.c.workspace == workspace, idempotency.c.key == key)
    ).one()
    if owner.body_digest != body_digest:
        raise IdempotencyConflict(
            f"idempotency key `{key}`: it came with another request, about job {owner.id}. Send the same request,"
            " or another key."
        )
    return Claimed(owner.id, owner.run)
