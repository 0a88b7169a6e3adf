"""No event is lost: with workers that are killed or stopped, with the database away, with a receiver that hangs."""

import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.errors import DatabaseFailed
from lipwright.outbox.deliver import Outbox
from lipwright.outbox.record import Tried
from lipwright.outbox.schedule import DAY_MS, next_try_ms
from lipwright.store.deliveries import DeliveryState
from lipwright.store.secrets import signing_secrets
from support.callbacks import WORKSPACE, Events
from support.outboxes import NEAR, ONE_DATABASE, outbox_for, problems, types, wait_for
from support.vendor import Reply, Vendor, never


@ONE_DATABASE
def test_each_try_is_told_with_its_lag(events: Events, outbox: Outbox, receiver: Vendor, tried: list[Tried]) -> None:
    job = events.job(receiver.url)
    events.clock.forward(3)
    outbox.run_once()
    (only,) = tried
    assert (only.job, only.workspace, only.type, only.state) == (job, WORKSPACE, "job.accepted", "delivered")
    assert 3 <= only.lag_s < 4


def test_many_workers_send_each_event_once(events: Events, receiver: Vendor) -> None:
    events.clock.now_ms = time.time_ns() // 1_000_000 - 1000
    jobs = {events.job(receiver.url) for _ in range(40)}
    for job in jobs:
        events.start(job)
    outboxes = [Outbox(events.database, NEAR) for _ in range(4)]
    for outbox in outboxes:
        outbox.start()
    wait_for(lambda: all(each.state == "delivered" for each in events.deliveries()))
    for outbox in outboxes:
        outbox.stop()
    sent = [(received.json["job"], received.json["sequence"]) for received in receiver.received]
    assert sorted(sent) == sorted((job, sequence) for job in jobs for sequence in (1, 2))
    for job in jobs:
        assert sent.index((job, 1)) < sent.index((job, 2))


def test_event_is_not_lost_with_the_worker_that_sends_it(events: Events, receiver: Vendor) -> None:
    job = events.job(receiver.url)
    receiver.script = [never]
    dying = outbox_for(events)
    assert not dying.deliver_due()
    wait_for(lambda: len(receiver.received) == 1)
    dying.stop(0)
    assert events.deliveries(job)[0].tries == ()
    other = outbox_for(events)
    assert other.run_once() == 0
    events.clock.forward(61)
    assert other.run_once() == 1
    other.stop()
    assert events.deliveries(job)[0].state is DeliveryState.DELIVERED


def test_event_is_not_lost_with_a_process_that_is_killed(events: Events, receiver: Vendor) -> None:
    events.clock.now_ms = time.time_ns() // 1_000_000 - 1000
    job = events.job(receiver.url)
    receiver.script = [never]
    script = (
        "import sys, time; from lipwright.outbox.deliver import Outbox; from lipwright.remote.addresses import Guard\n"
        "from lipwright.store.database import Database\n"
        "Outbox(Database(sys.argv[1]), Guard(allow_private=True)).start(); time.sleep(60)\n"
    )
    url = events.database.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", script, url]) as process:
        wait_for(lambda: len(receiver.received) == 1)
        process.kill()
    outbox = Outbox(events.database, NEAR, now_ms=lambda: time.time_ns() // 1_000_000)
    assert outbox.run_once() == 0
    outbox.stop()
    outbox = Outbox(events.database, NEAR, now_ms=lambda: time.time_ns() // 1_000_000 + 61_000)
    assert outbox.run_once() == 1
    outbox.stop()
    assert events.deliveries(job)[0].state is DeliveryState.DELIVERED
    assert receiver.received[0].body == receiver.received[1].body


def test_stopping_outbox_ends_what_it_began(events: Events, receiver: Vendor) -> None:
    def later(handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        answering.wait(5)
        handler.send_response(200)
        handler.end_headers()

    answering = threading.Event()
    job = events.job(receiver.url)
    receiver.script = [later]
    outbox = outbox_for(events)
    outbox.deliver_due()
    wait_for(lambda: len(receiver.received) == 1)
    stopping = threading.Thread(target=outbox.stop)
    stopping.start()
    answering.set()
    stopping.join()
    assert events.deliveries(job)[0].state is DeliveryState.DELIVERED
    assert not outbox.deliver_due()


def test_receiver_that_hangs_does_not_hold_up_others(events: Events, receiver: Vendor) -> None:
    with Vendor(lambda received: Reply(200)).running() as hanging:
        hanging.script = [never] * 100
        for _ in range(60):
            events.job(hanging.url)
        job = events.job(receiver.url)
        outbox = outbox_for(events)
        while outbox.deliver_due():
            pass
        wait_for(lambda: events.deliveries(job)[0].state == "delivered")
        assert len(hanging.received) <= 15  # three quarters of the slots
        outbox.stop(0)


def test_outbox_looks_again_after_the_database_was_away(
    events: Events, receiver: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = outbox_for(events)
    failures = [DatabaseFailed("away"), DatabaseFailed("away")]
    begin = events.database.begin

    def away() -> object:
        if threading.current_thread().name == "outbox-look" and failures:
            raise failures.pop()
        return begin()

    monkeypatch.setattr(events.database, "begin", away)
    job = events.job(receiver.url)
    outbox.start()
    wait_for(lambda: events.deliveries(job)[0].state == "delivered")
    outbox.stop()
    assert failures == []


def test_result_that_cannot_be_recorded_is_sent_again(
    events: Events, receiver: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = events.job(receiver.url)
    outbox = outbox_for(events)
    begin = events.database.begin

    def away() -> object:
        if threading.current_thread().name.startswith("outbox-record"):
            raise DatabaseFailed("away")
        return begin()

    monkeypatch.setattr(events.database, "begin", away)
    outbox.deliver_due()
    outbox.stop()
    monkeypatch.undo()
    events.clock.forward(61)
    other = outbox_for(events)
    assert other.run_once() == 1
    other.stop()
    assert events.deliveries(job)[0].state is DeliveryState.DELIVERED
    assert types(receiver) == ["job.accepted", "job.accepted"]


@ONE_DATABASE
def test_secret_of_an_event_is_in_no_row_of_its_tries(events: Events, outbox: Outbox, receiver: Vendor) -> None:
    receiver.script = [Reply(500, body=b"what a private server says")]
    job = events.job(receiver.url)
    outbox.run_once()
    with events.database.read() as c:
        rows = [tuple(row) for row in c.exec_driver_sql("SELECT * FROM delivery_try")]
        (secret,) = signing_secrets(c, WORKSPACE, "default", events.clock())
    assert secret.get_secret_value() not in str(rows)
    assert "private server" not in json.dumps([str(row) for row in rows])
    assert problems(events, job) == ["status 500"]


@given(
    tries=st.integers(1, 10_000),
    waited_ms=st.integers(0, 2 * DAY_MS),
    chance=st.floats(0, 1),
    after_s=st.none() | st.floats(0, 10**9),
)
def test_next_try_is_later_and_never_beyond_a_day(
    tries: int, waited_ms: int, chance: float, after_s: float | None
) -> None:
    since_ms = 1_900_000_000_000
    due_ms = next_try_ms(tries, since_ms, since_ms + waited_ms, chance, after_s)
    if due_ms is None:
        assert waited_ms + 4 * 3600_000 * 1.2 > DAY_MS
    else:
        assert due_ms - since_ms - waited_ms >= 4_000
        assert due_ms <= since_ms + DAY_MS
        assert due_ms - since_ms - waited_ms >= min(1000 * (after_s or 0), 4 * 3600_000) - 1
