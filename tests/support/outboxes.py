"""An outbox, its events, and a receiver on loopback."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from lipwright.outbox.deliver import Outbox
from lipwright.outbox.record import Tried
from lipwright.outbox.send import Patience
from lipwright.remote.addresses import Guard
from lipwright.store.database import Database
from support.callbacks import Events
from support.vendor import Reply, Vendor

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


def wait_for(is_so: Callable[[], bool], limit_s: float = 20) -> None:
    until = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)
