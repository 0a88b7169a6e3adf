"""How the engine of a worker looks into its queues: with one question for all of them, as long as they are empty.

By itself it asks several times for each queue, and each time for the queue's settings, which never change here while a
worker lives; and each time it takes work, which version of the program is the latest, which matters only to work
without one. Three of its private methods are replaced for that; a test fails when their signatures change.
"""

import threading
import time
from collections.abc import Sequence

import sqlalchemy as sa
from dbos._queue import Queue
from dbos._sys_db import SystemDatabase

from lipwright.jobs.away import AWAY


class Polls:
    """The looking of one worker. Thread-safe: each queue has a thread."""

    def __init__(self, system: SystemDatabase, queues: Sequence[str], every_s: float) -> None:
        """Look on behalf of the engine from now on.

        Args:
            queues: what the worker listens to, with their settings as they are now.
            every_s: the question is not asked more often.
        """
        self._engine = system.engine
        status = system.tables.workflow_status.c
        asked = [
            sa.select(sa.literal(name)).where(sa.exists().where(status.queue_name == name, status.status == "ENQUEUED"))
            for name in queues
        ]
        self._question = sa.union_all(*asked)
        self._every_s = every_s
        self._asked_s = float("-inf")
        self._filled: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        self._queues = {name: system.get_queue(name) for name in queues}
        self._read, self._scopes = system.get_queue, system.dequeue_scopes
        system.get_queue = self._get_queue  # type: ignore[method-assign]
        system.dequeue_scopes = self._dequeue_scopes  # type: ignore[method-assign]
        system._is_latest_version = _is_latest_version  # type: ignore[method-assign, assignment]

    def _get_queue(self, name: str, *, client_system_database: SystemDatabase | None = None) -> Queue | None:
        known = self._queues.get(name)
        return known or self._read(name, client_system_database=client_system_database)

    def _dequeue_scopes(self, queue_name: str) -> list[str | None]:
        if queue_name in self._queues and queue_name not in self._look():
            return []
        return self._scopes(queue_name)

    def is_filled(self, queue: str) -> bool:
        """Whether anything waited in one of these queues when it was last looked at, or may have."""
        try:
            return queue in self._look()
        except AWAY:
            return True

    def _look(self) -> frozenset[str]:
        """Which of the queues are not empty."""
        with self._lock:
            now_s = time.monotonic()
            if now_s - self._asked_s >= self._every_s:
                with self._engine.connect() as connection:
                    self._filled = frozenset(connection.execute(self._question).scalars())
                self._asked_s = now_s
            return self._filled


def _is_latest_version(_version: str, _connection: sa.Connection | None = None) -> bool:
    """Our work never comes without a version."""
    return False
