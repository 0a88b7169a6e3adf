"""Jobs that ended long ago are forgotten, with all that tells of them."""

import sqlalchemy as sa

from lipwright.contracts.job import FINAL
from lipwright.store.deliveries import DeliveryState
from lipwright.store.tables import (
    avatar,
    batch_row,
    delivery,
    delivery_try,
    event,
    idempotency,
    job,
    job_asset,
    stage_run,
)

_NO_OUTPUTS = "{}"


def forget_jobs(c: sa.Connection, before_ms: int, limit: int) -> list[str]:
    """Remove jobs that ended and were not changed since.

    One whose events are still to be delivered stays, and so does one that made an avatar or a row of a batch.

    Args:
        limit: at most so many at once: others wait meanwhile.
    Returns: which ones. Their assets are not referred to any more.
    """
    undelivered = sa.select(delivery.c.job).where(delivery.c.job == job.c.id, delivery.c.state == DeliveryState.DUE)
    living = sa.select(avatar.c.job).where(avatar.c.job == job.c.id, job.c.outputs != _NO_OUTPUTS)
    batched = sa.select(batch_row.c.job).where(batch_row.c.job == job.c.id)
    ended = (
        sa.select(job.c.id)
        .where(
            job.c.state.in_(sorted(FINAL)),
            job.c.updated_ms < before_ms,
            ~undelivered.exists(),
            ~living.exists(),
            ~batched.exists(),
        )
        .order_by(job.c.updated_ms)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(c.execute(ended).scalars())
    events = sa.select(event.c.id).where(event.c.job.in_(ids))
    c.execute(delivery_try.delete().where(delivery_try.c.event.in_(events)))
    for table in (avatar, delivery, event, idempotency, job_asset, stage_run):
        c.execute(table.delete().where(table.c.job.in_(ids)))
    c.execute(job.delete().where(job.c.id.in_(ids)))
    return ids
