"""An outbox looks often for what is due, so a look costs next to nothing while a receiver is down."""

import sqlalchemy as sa

from lipwright.contracts.job import EventType
from lipwright.outbox.deliver import Outbox
from lipwright.store.events import add_event
from support.callbacks import Events
from support.vendor import Reply, Vendor

JOBS, EVENTS = 10, 101


def test_looks_at_a_thousand_held_up_events_write_nothing_and_their_order_holds(
    events: Events, outbox: Outbox, receiver: Vendor
) -> None:
    receiver.script = [Reply(503)] * JOBS
    jobs = [events.job(receiver.url) for _ in range(JOBS)]
    with events.database.begin() as c:
        for job in jobs:
            for _ in range(EVENTS - 1):
                add_event(c, job, EventType.PROGRESS, events.clock())
    assert outbox.run_once() == JOBS  # each job's first event alone
    statements: list[str] = []
    sa.event.listen(
        events.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2].split()[0])
    )
    for _ in range(20):
        assert not outbox.deliver_due()
    assert len(statements) <= 60
    assert {"UPDATE", "INSERT"}.isdisjoint(statements)
    events.clock.forward(7)
    for _ in range(3):
        assert outbox.run_once() == JOBS
    for job in jobs:
        told = [received.json["sequence"] for received in receiver.received if received.json["job"] == job]
        assert told == [1, 1, 2, 3]
