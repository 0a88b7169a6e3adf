"""Every event arrives, in order, signed, whatever its receiver does; what does not arrive is shown and sent again."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest
from standardwebhooks import Webhook

from lipwright.outbox.deliver import Outbox
from lipwright.outbox.record import Tried
from lipwright.remote.addresses import Guard
from lipwright.store.deliveries import DeliveryState, resend
from lipwright.store.secrets import rotate_secret, signing_secrets
from support.callbacks import WORKSPACE, Events
from support.outboxes import ONE_DATABASE, hurried, outbox_for, problems, types, wait_for
from support.vendor import Reply, Vendor, dropped, giant, never, page, redirect, trickling


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
