"""The process of a stage, seen from the worker.

It is forked from a server process which holds no model and no thread, and has the routes' modules loaded: it begins in
a few milliseconds. Where there is no fork, it is spawned.
"""

import multiprocessing
import sys
import threading
from collections.abc import Iterable
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext, SpawnContext

from lipwright.contracts.job import ErrorView
from lipwright.contracts.route import Divided, Route
from lipwright.jobs.attempt import Advanced, Failed, Made, Stopped, Task, run
from lipwright.jobs.groups import kill_group, kill_left

CRASHED = "stage_crashed"

_starting = threading.Lock()


def context(routes: Iterable[Route]) -> ForkServerContext | SpawnContext:
    """How processes are made. The first of a worker starts the server, and loads the modules of these routes."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    chosen = multiprocessing.get_context("forkserver")
    modules = {type(route).__module__ for route in routes} - {"__main__"}
    chosen.set_forkserver_preload(["__main__", "lipwright.jobs.attempt", *sorted(modules)])
    return chosen


class StageProcess:
    """One attempt."""

    def __init__(self, made_by: ForkServerContext | SpawnContext, task: Task) -> None:
        """Start it."""
        self._stage = task.stage
        self._ours, theirs = made_by.Pipe()
        self._process = made_by.Process(target=run, args=(theirs, task), name=f"stage-{task.stage}")
        with _starting:
            self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def hear(self, timeout_s: float) -> Advanced | Made | Divided | Failed | Stopped | None:
        """What it says next; None when it says nothing for so long.

        A process that ends without a word crashed: that may pass, so it is tried again.
        """
        ready = wait([self._ours, self._process.sentinel], timeout_s)
        if not ready:
            return None
        try:
            if self._ours.poll():
                said = self._ours.recv()
                assert isinstance(said, Advanced | Made | Divided | Failed | Stopped)  # noqa: S101 our own words
                return said
        except (EOFError, OSError):
            pass
        self._process.join()
        how = f"with signal {-code}" if (code := self._process.exitcode or 0) < 0 else f"with code {code}"
        message = f"`{self._stage}`: its process ended {how}, perhaps for want of memory. The job can be retried."
        return Failed(ErrorView(code=CRASHED, message=message, retryable=True))

    def ask_to_stop(self) -> None:
        """Cancel it: it hears so when it next looks."""
        try:
            self._ours.send(None)
        except OSError:  # it has ended
            return

    def kill(self) -> None:
        """End it and all that it started."""
        if self._process.is_alive():
            kill_group(self.pid)
        else:
            kill_left(self.pid)

    def close(self) -> None:
        """End what is left of it, and let go."""
        self.kill()
        self._process.join()
        self._process.close()
        self._ours.close()
