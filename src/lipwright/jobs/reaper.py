"""Takes the leases of silent workers, and hands the work of the dead back to its queues, and work that got lost.

The engine takes work out of a queue, and then begins it: when the database goes away in between, it tells that in its
log and forgets the work, which the rows say is its own for as long as the worker lives.
"""

import time
from collections.abc import Callable, Collection

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
        active: Callable[[], Collection[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin.

        Args:
            executor: the worker itself, whose lease is not its own to take.
            active: ids of the work that this worker does at the moment.
        """
        self._database = database
        self._engine = engine
        self._executor = executor
        self._lease_s = lease_s
        self._lease_ms = round(lease_s * 1000)
        self._active = active
        self._clock = clock
        self._connected_s: float | None = None
        self._idle_since_s: dict[str, float] = {}
        """Work that this worker has taken and does not do."""

    def look(self) -> list[str]:
        """Look once.

        Returns: the ids of the work that was handed back.
        """
        try:
            return self._reap()
        except AWAY:
            self._connected_s = None
            self._idle_since_s = {}
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
        begun = self._engine.begun()
        lost = self._lost({work for work, by in begun.items() if by == self._executor})
        if lost:
            log.warning("work that was taken and not begun goes on", work=sorted(lost))
        dead = {work for work, by in begun.items() if by not in live}
        if dead:
            log.warning("work of dead workers goes on elsewhere", work=sorted(dead))
        return self._engine.hand_back({work: begun[work] for work in dead | lost})

    def _lost(self, taken: Collection[str]) -> set[str]:
        """What this worker has taken, and has not done for a whole lease."""
        idle = set(taken).difference(self._active())
        now_s = self._clock()
        self._idle_since_s = {work: self._idle_since_s.get(work, now_s) for work in idle}
        return {work for work, since_s in self._idle_since_s.items() if now_s - since_s >= self._lease_s}
