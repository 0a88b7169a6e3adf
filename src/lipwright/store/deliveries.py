"""Events that are to be sent to callbacks: which are due, what each try came to, and those that nobody took.

Events of one job go out in order: one is sent only when all before it were delivered or given up. What an earlier one
holds up is put off when somebody first comes across it, and is due as soon as that one has gone; so whoever looks for
what is due does not find the same held up ones again and again.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from lipwright.contracts.job import EventType, EventView
from lipwright.errors import JobBusy, JobNotFound
from lipwright.store.pages import Page, page_of
from lipwright.store.tables import delivery, delivery_try, event

_PUT_OFF_AT_ONCE: Final = 5000
"""An SQLite statement takes 32,766 values."""


class DeliveryState(StrEnum):
    """Where a delivery is."""

    DUE = "due"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up; somebody may send it again."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that the caller is to try."""

    event: str
    job: str
    workspace: str
    sequence: int
    url: str
    secret: str
    """Name of the workspace's secret that signs it."""
    type: EventType
    body: str
    """What is signed and sent, to the byte."""
    tries: int
    """How many failed since it became due."""
    since_ms: int
    """When it became due: the event's time, or that of sending it again."""


@dataclass(frozen=True, slots=True)
class Try:
    """One try at a delivery."""

    number: int
    """From 1."""
    started_ms: int
    took_ms: int
    status: int | None
    """Of the HTTP answer; None without one."""
    problem: str | None
    """None when it was delivered."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery, as its workspace sees it."""

    event: str
    job: str
    sequence: int
    type: EventType
    url: str
    state: DeliveryState
    due_ms: int
    delivered_ms: int | None
    tries: tuple[Try, ...]


def add_delivery(c: sa.Connection, told: EventView, workspace: str, url: str, secret: str, now_ms: int) -> None:
    """Let an event be sent."""
    c.execute(
        delivery.insert().values(
            event=told.id,
            workspace=workspace,
            job=told.job,
            sequence=told.sequence,
            url=url,
            secret=secret,
            state=DeliveryState.DUE,
            created_ms=now_ms,
            since_ms=now_ms,
            due_ms=now_ms,
        )
    )


def take_due(c: sa.Connection, now_ms: int, limit: int, *, hold_ms: int = 60_000) -> list[Due]:
    """Take deliveries that are due, longest due first, and put off those that earlier ones hold up.

    Args:
        hold_ms: how long nobody else gets them; longer than a try takes. Whoever dies meanwhile is waited for so long.
    """
    taken: list[sa.Row[Any]] = []
    while len(taken) < limit:
        found = c.execute(
            sa.select(delivery, event.c.type, event.c.body)
            .join(event, event.c.id == delivery.c.event)
            .where(delivery.c.state == DeliveryState.DUE, delivery.c.due_ms <= now_ms)
            .order_by(delivery.c.due_ms, delivery.c.event)
            .limit(limit - len(taken))
            .with_for_update(skip_locked=True, of=delivery)
        ).all()
        first = _first_due(c, {row.job for row in found})
        ready = [row for row in found if first[row.job] == row.sequence]
        _defer(c, [row.event for row in ready], now_ms + hold_ms)
        taken += ready
        held_up = {row.job: first[row.job] for row in found if first[row.job] != row.sequence}
        if not _put_off_behind(c, held_up, now_ms, now_ms + hold_ms):
            break
    return [
        Due(
            row.event,
            row.job,
            row.workspace,
            row.sequence,
            row.url,
            row.secret,
            EventType(row.type),
            row.body,
            row.tries,
            row.since_ms,
        )
        for row in taken
    ]


def _first_due(c: sa.Connection, jobs: Collection[str]) -> dict[str, int]:
    """The number of the earliest event of each job that is still to be delivered."""
    rows = c.execute(
        sa.select(delivery.c.job, sa.func.min(delivery.c.sequence).label("first"))
        .where(delivery.c.job.in_(jobs), delivery.c.state == DeliveryState.DUE)
        .group_by(delivery.c.job)
    )
    return {row.job: row.first for row in rows}


def _put_off_behind(c: sa.Connection, first: Mapping[str, int], now_ms: int, due_ms: int) -> int:
    """Put off what the first delivery of its job holds up. Where somebody is just noting what became of that one,
    nothing is put off: they would not know of it.

    Nobody is waited for, so it does not matter in which order rows are locked.

    Returns: how many were put off.
    """
    if not first:
        return 0
    rows = c.execute(
        sa.select(delivery.c.event, delivery.c.job, delivery.c.sequence, delivery.c.due_ms)
        .where(delivery.c.job.in_(first), delivery.c.state == DeliveryState.DUE)
        .order_by(delivery.c.job, delivery.c.sequence)
        .limit(_PUT_OFF_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    ours = {row.job for row in rows if row.sequence == first[row.job]}
    held_up = [row.event for row in rows if row.job in ours and row.sequence > first[row.job] and row.due_ms <= now_ms]
    _defer(c, held_up, due_ms)
    return len(held_up)


def _defer(c: sa.Connection, events: Collection[str], due_ms: int) -> None:
    if events:
        c.execute(delivery.update().where(delivery.c.event.in_(events)).values(due_ms=due_ms))


def put_off(c: sa.Connection, taken: Due, due_ms: int) -> None:
    """Give a delivery back that was taken and not tried, unless somebody else has tried it meanwhile."""
    held = sa.and_(
        delivery.c.event == taken.event, delivery.c.state == DeliveryState.DUE, delivery.c.tries == taken.tries
    )
    c.execute(delivery.update().where(held).values(due_ms=due_ms))


def next_due_ms(c: sa.Connection) -> int | None:
    """When the next delivery is due; None when there is none."""
    due = sa.select(delivery.c.due_ms).where(delivery.c.state == DeliveryState.DUE)
    return c.execute(due.order_by(delivery.c.due_ms).limit(1)).scalar_one_or_none()


def record_try(
    c: sa.Connection,
    taken: Due,
    *,
    started_ms: int,
    took_ms: int,
    status: int | None,
    problem: str | None,
    next_ms: int | None,
) -> DeliveryState:
    """Note what a try came to. What another one delivered meanwhile stays delivered.

    Args:
        problem: None when it was delivered.
        next_ms: when to try again after a problem; None gives it up.
    Returns: where the delivery is now.
    """
    locked = sa.select(delivery.c.state, delivery.c.tries).where(delivery.c.event == taken.event).with_for_update()
    row = c.execute(locked).one()
    number = c.execute(
        sa.select(sa.func.coalesce(sa.func.max(delivery_try.c.number), 0) + 1).where(
            delivery_try.c.event == taken.event
        )
    ).scalar_one()
    noted = Try(number, started_ms, took_ms, status, problem)
    c.execute(
        delivery_try.insert().values(
            event=taken.event,
            number=noted.number,
            started_ms=noted.started_ms,
            took_ms=noted.took_ms,
            status=noted.status,
            problem=noted.problem,
        )
    )
    state = DeliveryState(row.state)
    if problem is None:
        state = DeliveryState.DELIVERED
        values: dict[str, object] = {"delivered_ms": started_ms + took_ms}
    elif state is DeliveryState.DUE and row.tries == taken.tries:
        state = DeliveryState.DEAD if next_ms is None else DeliveryState.DUE
        values = {"tries": row.tries + 1} | ({} if next_ms is None else {"due_ms": next_ms})
    else:
        return state
    c.execute(delivery.update().where(delivery.c.event == taken.event).values(state=state, **values))
    if state is not DeliveryState.DUE:
        _release_next(c, taken)
    return state


def _release_next(c: sa.Connection, gone: Due) -> None:
    """What a delivery has held up is due now. Each holds up the next one, so that one alone is looked for."""
    following = (
        sa.select(delivery.c.event)
        .where(delivery.c.job == gone.job, delivery.c.sequence > gone.sequence, delivery.c.state == DeliveryState.DUE)
        .order_by(delivery.c.sequence)
        .limit(1)
    )
    c.execute(delivery.update().where(delivery.c.event.in_(following)).values(due_ms=delivery.c.since_ms))


def resend(c: sa.Connection, workspace: str, event_id: str, now_ms: int) -> None:
    """Send an event again, from the first try on.

    Raises: JobNotFound: the workspace has no such delivery. JobBusy: it is being delivered.
    """
    of = sa.and_(delivery.c.workspace == workspace, delivery.c.event == event_id)
    state = c.execute(sa.select(delivery.c.state).where(of).with_for_update()).scalar_one_or_none()
    if state is None:
        raise JobNotFound(
            f"delivery of event `{event_id[:80]}`: not known here. List the deliveries to see which there are."
        )
    if state == DeliveryState.DUE:
        raise JobBusy(f"event {event_id}: it is being delivered already. Look at its tries.")
    c.execute(delivery.update().where(of).values(state=DeliveryState.DUE, tries=0, since_ms=now_ms, due_ms=now_ms))


def list_deliveries(
    c: sa.Connection,
    workspace: str,
    *,
    limit: int,
    cursor: str | None = None,
    job: str | None = None,
    state: DeliveryState | None = None,
) -> Page[Delivery]:
    """Deliveries of a workspace with all their tries, newest event first.

    Raises: UsageError: a limit or a cursor that there cannot be.
    """
    query = (
        sa.select(delivery, event.c.type)
        .join(event, event.c.id == delivery.c.event)
        .where(delivery.c.workspace == workspace)
    )
    if job is not None:
        query = query.where(delivery.c.job == job)
    if state is not None:
        query = query.where(delivery.c.state == state)
    page = page_of(c, query, (delivery.c.created_ms, delivery.c.event), limit, cursor)
    tries: dict[str, list[Try]] = defaultdict(list)
    of_page = delivery_try.c.event.in_([row.event for row in page.items])
    for one in c.execute(sa.select(delivery_try).where(of_page).order_by(delivery_try.c.number)):
        tries[one.event].append(Try(one.number, one.started_ms, one.took_ms, one.status, one.problem))
    deliveries = (
        Delivery(
            row.event,
            row.job,
            row.sequence,
            EventType(row.type),
            row.url,
            DeliveryState(row.state),
            row.due_ms,
            row.delivered_ms,
            tuple(tries[row.event]),
        )
        for row in page.items
    )
    return Page(tuple(deliveries), page.next_cursor)
