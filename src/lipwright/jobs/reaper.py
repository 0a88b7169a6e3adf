"""Takes the leases of silent workers, and hands the work of the dead back to its queues."""

import time
from collections.abc import Callable

import structlog

from lipwright.jobs import lease
from lipwright.jobs.away import AWAY
from lipwright.jobs.engine import Engine
from lipwright.store.database import Database

log = structlog.get_logger("lipwright.jobs")


class Reaper:
    """One a worker; called now and then from one thread.

    When the database was away, all leases look silent. So it reaps only after a whole lease of unbroken connection, in
    which everybody who lives has beaten.
    """

    def __init__(
        self,
        database: Database,
        engine: Engine,
        executor: str,
        lease_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin.

        Args:
            executor: the worker itself, which does not judge itself.
        """
        self._database = database
        self._engine = engine
        self._executor = executor
        self._lease_s = lease_s
        self._lease_ms = round(lease_s * 1000)
        self._clock = clock
        self._connected_s: float | None = None

    def look(self) -> list[str]:
        """Look once.

        Returns: the ids of the work that was handed back.
        """
        try:
            return self._reap()
        except AWAY:
            self._connected_s = None
            return []

    def _reap(self) -> list[str]:
        with self._database.read() as connection:
            now_ms = self._database.now_ms(connection)
            found = lease.silent(connection, self._executor, self._lease_ms, now_ms)
        if self._connected_s is None:
            self._connected_s = self._clock()
        if self._clock() - self._connected_s < self._lease_s:
            return []
        if found:
            with self._database.begin() as connection:
                now_ms = self._database.now_ms(connection)
                for executor in lease.take_silent(connection, self._executor, self._lease_ms, now_ms):
                    log.warning("a worker is dead", executor=executor)
        with self._database.read() as connection:
            live = lease.live(connection) | {self._executor}
        work = self._engine.hand_back(live)
        if work:
            log.warning("work of dead workers goes on elsewhere", work=work)
        return work
