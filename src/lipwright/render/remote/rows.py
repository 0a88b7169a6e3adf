"""How rows of the orders' ledger are read and changed, within a transaction of whoever calls."""

import json

import sqlalchemy as sa

from lipwright.render.remote.tables import (
    IN_FLIGHT,
    Ordered,
    OrderState,
    Submission,
    SubmissionState,
    order,
    submission,
)


def has_turn(c: sa.Connection, key: str, most_in_flight: int, now_ms: int) -> bool:
    """Whether an order may be sent now: it has no attempt under way, a place is free, its vendor wants to be asked."""
    found = c.execute(sa.select(order.c.renderer, order.c.state).where(order.c.key == key)).one()
    same = submission.c.renderer == found.renderer
    keys = list(c.execute(sa.select(submission.c.key).where(same, submission.c.state.in_(IN_FLIGHT))).scalars())
    if found.state != OrderState.OPEN or key in keys or len(keys) >= most_in_flight:
        return False
    calm = sa.select(sa.func.max(order.c.not_before_ms)).where(order.c.renderer == found.renderer)
    return bool(c.execute(calm).scalar_one() <= now_ms)


def count_of(key: str, state: SubmissionState) -> sa.ScalarSelect[int]:
    """How many attempts of an order's present round are in a state."""
    present = sa.select(order.c.round).where(order.c.key == key).scalar_subquery()
    return (
        sa.select(sa.func.count())
        .select_from(submission)
        .where(submission.c.key == key, submission.c.state == state, submission.c.round == present)
        .scalar_subquery()
    )


def row_of(c: sa.Connection, reference: str) -> sa.RowMapping:
    """One attempt."""
    return c.execute(sa.select(submission).where(submission.c.reference == reference)).mappings().one()


def change(c: sa.Connection, reference: str, **values: object) -> None:
    """Change one attempt."""
    c.execute(submission.update().where(submission.c.reference == reference).values(**values))


def tell(c: sa.Connection, key: str, said: str) -> None:
    """Add to what the user is told of an order; the same words once."""
    told = json.loads(c.execute(sa.select(order.c.told).where(order.c.key == key)).scalar_one())
    if said not in told:
        c.execute(order.update().where(order.c.key == key).values(told=json.dumps([*told, said])))


def ordered_of(row: sa.RowMapping) -> Ordered:
    """An order from its row, with its `losses`."""
    return Ordered(
        key=row["key"],
        state=OrderState(row["state"]),
        expected_s=row["expected_s"],
        sha256=row["sha256"] or "",
        duration_s=row["duration_s"] or 0.0,
        vendor_id=row["vendor_id"] or "",
        problem=row["problem"] or "",
        told=tuple(json.loads(row["told"])),
        losses=row["losses"],
    )


def submission_of(row: sa.RowMapping) -> Submission:
    """An attempt from its row."""
    return Submission(
        reference=row["reference"],
        key=row["key"],
        state=SubmissionState(row["state"]),
        vendor_id=row["vendor_id"] or "",
        sent_ms=row["sent_ms"],
        unknown_ms=row["unknown_ms"],
        bad_files=row["bad_files"],
    )
