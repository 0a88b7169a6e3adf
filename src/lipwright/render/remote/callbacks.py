"""What vendors have called back, and what it changes in the orders' ledger."""

from typing import Any, Final

import sqlalchemy as sa

from lipwright.render.remote.rows import change
from lipwright.render.remote.tables import IN_FLIGHT, OrderState, SubmissionState, callback, order, submission
from lipwright.store.database import Database

_KEPT_MS: Final = 30 * 86_400_000
"""Callbacks are forgotten after so long."""


def note_callback(
    database: Database, digest: str, renderer: str, vendor_id: str, reference: str, event: str, now_ms: int
) -> str:
    """Record what a vendor says, and make what it concerns due at once.

    Args:
        digest: of what it says; the same again is a duplicate.
    Returns: what it was: `noted`, `duplicate`, `unknown`, `late`.
    """
    with database.begin() as c:
        c.execute(callback.delete().where(callback.c.received_ms < now_ms - _KEPT_MS))
        if c.execute(sa.select(callback.c.digest).where(callback.c.digest == digest)).first():
            return "duplicate"
        c.execute(
            callback.insert().values(
                digest=digest,
                renderer=renderer,
                vendor_id=vendor_id,
                reference=reference,
                event=event,
                received_ms=now_ms,
            )
        )
        row = _called(c, renderer, vendor_id, reference)
        if row is None:
            return "unknown"
        is_open = c.execute(sa.select(order.c.state).where(order.c.key == row["key"])).scalar_one() == OrderState.OPEN
        if not is_open or row["state"] not in {*IN_FLIGHT, SubmissionState.LOST}:
            return "late"
        changes: dict[str, Any] = {"due_ms": now_ms, "nudged_ms": now_ms}
        if row["state"] == SubmissionState.PREPARING:
            return "unknown"  # nothing was sent yet
        if row["vendor_id"] or vendor_id:
            changes |= {"state": SubmissionState.SENT, "vendor_id": row["vendor_id"] or vendor_id}
        change(c, row["reference"], **changes)
        return "noted"


def _called(c: sa.Connection, renderer: str, vendor_id: str, reference: str) -> sa.RowMapping | None:
    """The attempt that a callback speaks of; none where its two names belong to two."""
    query = sa.select(submission).where(submission.c.renderer == renderer)
    found = None
    if reference:
        found = c.execute(query.where(submission.c.reference == reference)).mappings().one_or_none()
    if found is None and vendor_id:
        found = c.execute(query.where(submission.c.vendor_id == vendor_id)).mappings().first()
    if found is not None and vendor_id and found["vendor_id"] and found["vendor_id"] != vendor_id:
        return None
    return found
