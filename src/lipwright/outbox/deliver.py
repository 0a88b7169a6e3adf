"""Events to those who asked for them: at least once, in order within a job.

The rows say what is to be sent and who has taken it. Whoever dies while it sends gives nothing back: what it took is
due again a minute later.
"""

import asyncio
import random
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

import httpx
import sqlalchemy as sa
import structlog

from lipwright import tracing
from lipwright.errors import DatabaseFailed
from lipwright.outbox.loop import BackgroundLoop
from lipwright.outbox.record import OnTry, Recorder, Taken, host_of, ignore
from lipwright.outbox.send import Message, Outcome, Patience, Problem, Sender
from lipwright.remote.addresses import Guard
from lipwright.store.database import Database
from lipwright.store.deliveries import next_due_ms, put_off, take_due
from lipwright.store.secrets import signing_secrets

log = structlog.get_logger("lipwright.outbox")

DEFAULT_SLOTS: Final = 100
_EACH_TAKE: Final = 50
_SHARE: Final = 0.75
"""Of all slots, for one receiver."""
_SLOW_SHARE: Final = 0.25
"""For one that takes longer than a second: one that hangs does not hold up the others."""
_SLOW_S: Final = 1.0
_PUT_OFF_MS: Final = 500
_LOOK_S: Final = 0.2
_RECORDERS: Final = 4


class Outbox:
    """Sends what is due. Any number of processes may have one. Its methods are called by one thread at a time."""

    def __init__(
        self,
        database: Database,
        guard: Guard,
        *,
        on_try: OnTry = ignore,
        slots: int = DEFAULT_SLOTS,
        patience: Patience | None = None,
        verify: ssl.SSLContext | None = None,
        now_ms: Callable[[], int] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Send nothing yet.

        Args:
            on_try: called after each try, in a thread of the outbox.
            slots: how many events are sent at once.
            patience: how long a receiver may take; None for 5 s and 15 s.
            verify: certificates that are trusted; None for the usual ones.
            now_ms: since 1970; None for the database's clock.
            chance: 0 to 1.
        """
        self._database, self._guard, self._slots, self._now_ms = database, guard, slots, now_ms
        self._patience = patience or Patience()
        self._verify = verify or httpx.create_ssl_context()
        self._recorder = Recorder(database, on_try, chance)
        self._threads = ThreadPoolExecutor(_RECORDERS, thread_name_prefix="outbox-record")
        self._in_flight: dict[Future[None], tuple[str, float]] = {}
        """What is being sent: to whom, and since when."""
        self._lock = threading.Lock()
        self._loop: BackgroundLoop[Sender] | None = None
        self._stopped = threading.Event()
        self._looker: threading.Thread | None = None

    def deliver_due(self) -> bool:
        """Begin to send what is due, as much as there are slots, and do not wait for it.

        Returns: whether there may be more.
        Raises: DatabaseFailed.
        """
        with self._lock:
            free = min(self._slots - len(self._in_flight), _EACH_TAKE)
            in_flight = list(self._in_flight.values())
        if free <= 0 or self._stopped.is_set() or not self._is_due():
            return False
        found, taken = self._take(free, in_flight)
        if taken and self._loop is None:
            self._loop = BackgroundLoop(self._sender, name="outbox")
        if self._loop is not None:
            for each in taken:
                self._begin(self._loop, each)
        return found == free

    def run_once(self) -> int:
        """Send what is due now, and wait until all of it is recorded.

        Returns: how many events were sent.
        Raises: DatabaseFailed.
        """
        _, taken = self._take(self._slots, [])

        async def send_all() -> None:
            async with self._sender() as sender:
                await asyncio.gather(*(self._deliver(sender, each) for each in taken))

        if taken:
            asyncio.run(send_all())
        return len(taken)

    def start(self) -> None:
        """Look for what is due every fifth of a second, in a thread of its own, until `stop`."""
        self._looker = threading.Thread(target=self._look, name="outbox-look", daemon=True)
        self._looker.start()

    def stop(self, grace_s: float = 16.0) -> None:
        """Begin nothing any more, let what is being sent end within so long, and drop the rest, which is sent again by
        whoever looks next."""
        self._stopped.set()
        if self._looker is not None:
            self._looker.join()
        with self._lock:
            in_flight = list(self._in_flight)
        wait(in_flight, grace_s)
        if self._loop is not None:
            self._loop.close()
        self._threads.shutdown()

    def _look(self) -> None:
        wait_s = 0.0
        while not self._stopped.wait(wait_s):
            try:
                wait_s = 0.0 if self.deliver_due() else _LOOK_S
            except DatabaseFailed:
                wait_s = min(max(2 * wait_s, _LOOK_S), 30.0)
                log.warning("what is due cannot be read", again_s=wait_s, exc_info=True)

    def _is_due(self) -> bool:
        """Whether it is worth to hold up all who write."""
        with self._database.read() as connection:
            due_ms = next_due_ms(connection)
            return due_ms is not None and due_ms <= self._clock(connection)

    def _clock(self, connection: sa.Connection) -> int:
        return self._now_ms() if self._now_ms else self._database.now_ms(connection)

    def _sender(self) -> Sender:
        return Sender(self._guard, self._verify, self._patience)

    def _take(self, limit: int, in_flight: Sequence[tuple[str, float]]) -> tuple[int, list[Taken]]:
        """Take what is due, and give back what a single receiver has too much of.

        Returns: how many were due, and those to send.
        """
        by_host = Counter(host for host, _ in in_flight)
        slow = {host for host, since_s in in_flight if time.monotonic() - since_s > _SLOW_S}
        taken = []
        with self._database.begin() as connection:
            now_ms = self._clock(connection)
            due = take_due(connection, now_ms, limit)
            for delivery in due:
                host = host_of(delivery.url)
                if by_host[host] >= self._slots * (_SLOW_SHARE if host in slow else _SHARE):
                    put_off(connection, delivery, now_ms + _PUT_OFF_MS)
                    continue
                by_host[host] += 1
                secrets = signing_secrets(connection, delivery.workspace, delivery.secret, now_ms)
                taken.append(Taken(delivery, Message(delivery.event, delivery.url, delivery.body, secrets), now_ms))
        return len(due), taken

    def _begin(self, loop: BackgroundLoop[Sender], taken: Taken) -> None:
        def ended(future: Future[None]) -> None:
            with self._lock:
                del self._in_flight[future]
            if not future.cancelled() and (error := future.exception()):
                log.error("a try is not recorded", event_id=taken.delivery.event, exc_info=error)

        future = loop.begin(lambda sender: self._deliver(sender, taken))
        with self._lock:
            self._in_flight[future] = taken.host, time.monotonic()
        future.add_done_callback(ended)

    async def _deliver(self, sender: Sender, taken: Taken) -> None:
        started_s, due = time.monotonic(), taken.delivery
        with tracing.delivery(due.job, due.event, due.type, due.tries + 1):
            try:
                outcome = await sender.send(taken.message, taken.started_ms / 1000)
            except Exception:  # the outermost edge: told in the log
                log.exception("an event cannot be sent", event_id=due.event)
                outcome = Outcome(problem=Problem.UNEXPECTED)
            tracing.note("not_taken" if outcome.problem else "delivered", outcome.problem)
        took_s = time.monotonic() - started_s
        await asyncio.get_running_loop().run_in_executor(self._threads, self._recorder.record, taken, outcome, took_s)
