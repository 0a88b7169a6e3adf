"""Every event arrives, in order, signed, whatever its receiver does; what does not arrive is shown and sent again."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from lipwright.errors import DatabaseFailed
from lipwright.outbox.deliver import Outbox
from lipwright.outbox.record import Tried
from lipwright.outbox.schedule import DAY_MS, next_try_ms
from lipwright.outbox.send import Patience
from lipwright.remote.addresses import Guard
from lipwright.store.database import Database
from lipwright.store.deliveries import DeliveryState, resend
from lipwright.store.secrets import rotate_secret, signing_secrets
from support.callbacks import WORKSPACE, Events
from support.vendor import Reply, Vendor, dropped, giant, never, page, redirect, trickling

NEAR = Guard(allow_private=True)
ONE_DATABASE = pytest.mark.parametrize("_new_url", ["sqlite"], indirect=True)
"""For what the kind of database makes no difference to."""


@pytest.fixture
def receiver() -> Iterator[Vendor]:
    with Vendor(lambda received: Reply(204)).running() as vendor:
        vendor._server.socket.listen(200)  # five by default: the others would wait a second for their connection
        yield vendor


@pytest.fixture
def events(database: Database) -> Events:
    return Events(database)


@pytest.fixture
def tried() -> list[Tried]:
    return []


@pytest.fixture
def outbox(events: Events, tried: list[Tried]) -> Iterator[Outbox]:
    opened = outbox_for(events, on_try=tried.append)
    yield opened
    opened.stop(0)


def outbox_for(
    events: Events,
    guard: Guard = NEAR,
    *,
    on_try: Callable[[Tried], None] = lambda tried: None,
    patience: Patience | None = None,
) -> Outbox:
    return Outbox(
        events.database,
        guard,
        on_try=on_try,
        patience=patience,
        now_ms=events.clock,
        chance=lambda: 0.5,
        slots=20,
    )


@contextmanager
def hurried(events: Events) -> Iterator[Outbox]:
    """One that soon gives up."""
    opened = outbox_for(events, patience=Patience(connect_s=0.3, whole_s=0.5))
    yield opened
    opened.stop(0)


def types(vendor: Vendor) -> list[str]:
    return [received.json["type"] for received in vendor.received]


def problems(events: Events, job: str) -> list[str | None]:
    return [each.problem for each in events.deliveries(job)[0].tries]


def test_event_arrives_once_as_it_is_stored(events: Events, outbox: Outbox, receiver: Vendor) -> None:
    job = events.job(f"{receiver.url}/hooks?from=us")
    assert outbox.run_once() == 1
    assert outbox.run_once() == 0
    (received,) = receiver.received
    assert (received.method, received.path, received.query) == ("POST", "/hooks", {"from": "us"})
    assert received.headers["content-type"] == "application/json"
    assert received.headers["user-agent"].startswith("lipwright/")
    assert received.json["job"] == job
    assert received.json["id"] == received.headers["webhook-id"]
    (delivery,) = events.deliveries(job)
    assert delivery.state is DeliveryState.DELIVERED
    assert [(each.status, each.problem) for each in delivery.tries] == [(204, None)]


@ONE_DATABASE
def test_signature_is_one_that_the_standard_verifies(events: Events, outbox: Outbox, receiver: Vendor) -> None:
    events.clock.now_ms = time.time_ns() // 1_000_000  # the verifier looks at the time
    events.job(receiver.url)
    outbox.run_once()
    (received,) = receiver.received
    with events.database.read() as c:
        (secret,) = signing_secrets(c, WORKSPACE, "default", events.clock())
    assert Webhook(secret.get_secret_value()).verify(received.body, received.headers) == received.json


def test_both_secrets_sign_while_one_is_replaced(events: Events, outbox: Outbox, receiver: Vendor) -> None:
    events.clock.now_ms = time.time_ns() // 1_000_000
    events.job(receiver.url)
    with events.database.begin() as c:
        (old,) = signing_secrets(c, WORKSPACE, "default", events.clock())
        new = rotate_secret(c, WORKSPACE, "default", events.clock(), keep_ms=1000)
    outbox.run_once()
    for secret in (old, new):
        Webhook(secret.get_secret_value()).verify(receiver.received[0].body, receiver.received[0].headers)
    events.clock.forward(2)
    events.job(receiver.url)
    outbox.run_once()
    assert len(receiver.received[0].headers["webhook-signature"].split()) == 2
    assert len(receiver.received[1].headers["webhook-signature"].split()) == 1
    Webhook(new.get_secret_value()).verify(receiver.received[1].body, receiver.received[1].headers)


def test_events_of_a_job_arrive_in_order_and_those_of_others_meanwhile(
    events: Events, outbox: Outbox, receiver: Vendor
) -> None:
    first = events.job(receiver.url)
    events.start(first)
    events.cancel(first)
    receiver.script = [Reply(500)]
    outbox.run_once()
    second = events.job(receiver.url)
    outbox.run_once()
    assert [received.json["job"] for received in receiver.received] == [first, second]
    events.clock.forward(6)
    while outbox.run_once():
        pass
    mine = [received.json for received in receiver.received if received.json["job"] == first]
    assert [event["type"] for event in mine] == ["job.accepted", "job.accepted", "job.started", "job.cancelled"]
    assert [event["sequence"] for event in mine] == [1, 1, 2, 3]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Reply(500), "status 500"),
        (page(404), "status 404"),
        (Reply(304), "status 304"),
        (redirect("http://169.254.169.254/latest/meta-data/"), "redirect 307"),
        (redirect("http://127.0.0.1:1/", 301), "redirect 301"),
        (dropped, "answer"),
        (never, "timeout"),
        (Reply(200, body=b"x", announced=10**12), None),
        (giant, None),
        (trickling, None),
    ],
)
def test_answer_is_judged_by_its_status_alone(
    answer: Reply | Callable[[BaseHTTPRequestHandler, threading.Event], None],
    problem: str | None,
    events: Events,
    outbox: Outbox,
    receiver: Vendor,
) -> None:
    job = events.job(receiver.url)
    receiver.script = [answer]
    with hurried(events) as first:
        (first if problem == "timeout" else outbox).run_once()
    assert problems(events, job) == [problem]
    assert len(receiver.received) == 1
    if problem is not None:
        events.clock.forward(6)
        outbox.run_once()
        assert problems(events, job) == [problem, None]
        assert receiver.received[0].headers["webhook-id"] == receiver.received[1].headers["webhook-id"]
        assert receiver.received[0].headers["webhook-timestamp"] != receiver.received[1].headers["webhook-timestamp"]


def slow_head(handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
    """Sends its head letter by letter, so that no silence is long."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not closing.wait(0.02):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def endless_head(handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not closing.is_set():
        handler.wfile.write(b"x" * 65536)


def no_http(handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
    handler.wfile.write(b"220 mail.example ESMTP\r\n")


@ONE_DATABASE
@pytest.mark.parametrize(
    ("behaviour", "problem"), [(slow_head, "timeout"), (endless_head, "answer"), (no_http, "answer")]
)
def test_lying_receiver_is_given_up_in_time(
    behaviour: Callable[[BaseHTTPRequestHandler, threading.Event], None],
    problem: str,
    events: Events,
    outbox: Outbox,
    receiver: Vendor,
) -> None:
    job = events.job(receiver.url)
    receiver.script = [behaviour]
    with hurried(events) as first:
        (first if problem == "timeout" else outbox).run_once()
    assert problems(events, job) == [problem]


def test_receiver_that_is_down_is_tried_for_a_day(events: Events, tried: list[Tried]) -> None:
    outbox = outbox_for(events, on_try=tried.append)
    begin_ms = events.clock()
    job = events.job("http://127.0.0.1:9/")
    starts = []
    while events.deliveries(job)[0].state is DeliveryState.DUE:
        events.clock.now_ms = events.deliveries(job)[0].due_ms
        starts.append((events.clock() - begin_ms) / 1000)
        assert outbox.run_once() == 1
    outbox.stop()
    assert starts[:4] == pytest.approx([0, 5, 20, 65], abs=2)
    assert 20 * 3600 <= starts[-1] <= 24 * 3600
    assert len(starts) < 20
    assert {each.problem for each in tried} == {"connect"}
    assert [each.state for each in tried] == [DeliveryState.DUE] * (len(starts) - 1) + [DeliveryState.DEAD]


def test_dead_event_holds_up_nobody_and_can_be_sent_again(events: Events, outbox: Outbox, receiver: Vendor) -> None:
    job = events.job(receiver.url)
    events.start(job)
    receiver.script = [Reply(410)]
    outbox.run_once()
    assert [each.state for each in events.deliveries(job)] == [DeliveryState.DEAD, DeliveryState.DUE]
    outbox.run_once()
    assert types(receiver) == ["job.accepted", "job.started"]
    events.clock.forward(48 * 3600)
    receiver.script = [Reply(500)]
    with events.database.begin() as c:
        resend(c, WORKSPACE, events.deliveries(job)[0].event, events.clock())
    outbox.run_once()
    events.clock.forward(6)
    outbox.run_once()
    delivery = events.deliveries(job)[0]
    assert delivery.state is DeliveryState.DELIVERED
    assert [each.status for each in delivery.tries] == [410, 500, 204]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("after", "waits_s"), [("100", 100), ("Thu, 01 Jan 2099 00:00:00 GMT", 4 * 3600), ("soon", 5), ("-7", 5)]
)
def test_receiver_that_asks_to_wait_is_waited_for(
    after: str, waits_s: float, events: Events, outbox: Outbox, receiver: Vendor
) -> None:
    job = events.job(receiver.url)
    receiver.script = [Reply(429, {"retry-after": after})]
    outbox.run_once()
    delivery = events.deliveries(job)[0]
    assert (delivery.due_ms - events.clock()) / 1000 == pytest.approx(waits_s, abs=1)


@ONE_DATABASE
def test_nothing_that_a_receiver_sets_comes_back_to_it(events: Events, outbox: Outbox, receiver: Vendor) -> None:
    receiver.script = [Reply(204, {"set-cookie": "follow=me"})]
    job = events.job(receiver.url)
    events.start(job)
    outbox.deliver_due()
    wait_for(lambda: events.deliveries(job)[0].state == "delivered")
    outbox.deliver_due()
    wait_for(lambda: events.deliveries(job)[1].state == "delivered")
    assert ["cookie" in received.headers for received in receiver.received] == [False, False]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("host", "problem"), [("inside.example", "address_forbidden"), ("unknown.example", "name_unknown")]
)
def test_name_that_leads_nowhere_or_inside_is_a_problem_and_no_request(
    host: str, problem: str, events: Events, receiver: Vendor
) -> None:
    def resolve(name: str, port: int) -> list[str]:
        if name == "unknown.example":
            raise OSError("not known")
        return ["127.0.0.1"]

    outbox = outbox_for(events, Guard(resolve=resolve))
    job = events.job(f"https://{host}:{receiver.url.rpartition(':')[2]}/")
    outbox.run_once()
    outbox.stop()
    assert problems(events, job) == [problem]
    assert receiver.received == []


@ONE_DATABASE
def test_receiver_without_tls_is_told_so(events: Events, receiver: Vendor) -> None:
    outbox = outbox_for(events)
    job = events.job(receiver.url.replace("http:", "https:"))
    outbox.run_once()
    outbox.stop()
    assert problems(events, job) == ["tls"]


def test_event_without_a_secret_is_not_sent_unsigned(events: Events, outbox: Outbox, receiver: Vendor) -> None:
    job = events.job(receiver.url)
    with events.database.begin() as c:
        c.exec_driver_sql("DELETE FROM secret")
    outbox.run_once()
    assert problems(events, job) == ["no_secret"]
    assert receiver.received == []


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


def wait_for(is_so: Callable[[], bool], limit_s: float = 20) -> None:
    until = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)
