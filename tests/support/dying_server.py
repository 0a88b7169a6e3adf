"""A server of the API, in a process of its own, that kills itself at a named point of the first request that writes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from lipwright.api.server import serve
from lipwright.contracts.job import JobView
from lipwright.jobs.dispatcher import Dispatcher
from lipwright.store.database import Database
from support.serving import service_of

POINTS = ("transaction.begun", "transaction.written", "transaction.enqueued", "transaction.committed")
"""`written`: the rows are; `enqueued`: the engine's too, and nothing is committed; `committed`: before the answer."""


class Dying(Database):
    """Kills its process."""

    def __init__(self, url: str, at: str) -> None:
        super().__init__(url)
        self.at = at

    def hit(self, point: str) -> None:
        if point == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        with super().begin() as connection:
            self.hit("transaction.begun")
            yield connection
        self.hit("transaction.committed")


class DyingDispatcher(Dispatcher):
    """Kills its process, too."""

    def __init__(self, database: Dying) -> None:
        super().__init__(database)
        self._dying = database

    def enqueue(self, connection: sa.Connection, job_id: str, run: int) -> None:
        self._dying.hit("transaction.written")
        super().enqueue(connection, job_id, run)
        self._dying.hit("transaction.enqueued")

    def enqueue_new(self, connection: sa.Connection, workspace: str, view: JobView) -> None:
        self._dying.hit("transaction.written")
        super().enqueue_new(connection, workspace, view)
        self._dying.hit("transaction.enqueued")


def _be(url: str, folder: Path, at: str) -> None:
    database = Dying(url, at)
    service = replace(service_of(database, folder), dispatcher=DyingDispatcher(database))
    serve(service, "127.0.0.1", 0, ready=_say)


def _say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def be_nursery() -> None:
    """Be the process that servers are forks of: it has loaded everything, and has no threads."""
    for line in sys.stdin:
        url, folder, at = json.loads(line)
        pid = os.fork()
        if not pid:
            try:
                _be(url, Path(folder), at)
            finally:
                os._exit(1)
        _say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


class Nursery:
    """Makes servers that begin at once, one after the other."""

    def __init__(self) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-c", "from support.dying_server import be_nursery; be_nursery()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )

    @contextmanager
    def server(self, url: str, folder: Path, at: str) -> Iterator[str]:
        """The address of a server that kills itself in the block."""
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._popen.stdin.write(f"{json.dumps([url, str(folder), at])}\n")
        self._popen.stdin.flush()
        yield self._popen.stdout.readline().strip()
        assert int(self._popen.stdout.readline()) == -signal.SIGKILL

    def close(self) -> None:
        with self._popen as popen:
            popen.kill()
