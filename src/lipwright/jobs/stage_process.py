"""The processes of stages, seen from the worker.

They are forked from a server process which holds no model and no thread, and has the routes' modules loaded: one begins
in a few milliseconds. Where there is no fork, it is spawned. One that an attempt left as it was is kept for a while for
the next one of the same workspace: what a hostile file may have done to it meets nobody else.
"""

import multiprocessing
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext, SpawnContext

from lipwright.contracts.job import ErrorView
from lipwright.contracts.route import Divided, Route
from lipwright.jobs.attempt import Advanced, Ended, Failed, Made, Stopped, Task, serve
from lipwright.jobs.groups import kill_group, kill_left

CRASHED = "stage_crashed"
KEPT_S = 10.0
"""So long a process waits for another attempt."""


class StageProcess:
    """A process, and the attempt that it does."""

    def __init__(self, made_by: ForkServerContext | SpawnContext, workspace: str) -> None:
        """Start it."""
        self.workspace = workspace
        self.is_ready = False
        """Whether it could do another attempt."""
        self.since_s = 0.0
        """Since when it waits for one."""
        self._stage = ""
        self._is_asked_to_stop = False
        self._ours, theirs = made_by.Pipe()
        self._process = made_by.Process(target=serve, args=(theirs,), name=f"stage-{workspace}")
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def begin(self, task: Task) -> bool:
        """Have it do an attempt.

        Returns: False when it has ended meanwhile.
        """
        self._stage = task.stage
        self.is_ready = False
        try:
            self._ours.send(task)
        except OSError:
            return False
        return True

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
                assert isinstance(said, Advanced | Ended)  # noqa: S101 our own words
                if isinstance(said, Advanced):
                    return said
                self.is_ready = said.is_ready and not self._is_asked_to_stop
                return said.outcome
        except (EOFError, OSError):
            pass
        self._process.join()
        how = f"with signal {-code}" if (code := self._process.exitcode or 0) < 0 else f"with code {code}"
        message = f"`{self._stage}`: its process ended {how}, perhaps for want of memory. The job can be retried."
        return Failed(ErrorView(code=CRASHED, message=message, retryable=True))

    def ask_to_stop(self) -> None:
        """Cancel the attempt: it hears so when it next looks. The process does no other one, which might hear it."""
        self._is_asked_to_stop = True
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


class StageProcesses:
    """Those of one worker. Thread-safe."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Start the server, which loads the modules of these routes meanwhile."""
        self._made_by = _context(routes)
        self._kept: list[StageProcess] = []
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._is_closed = False

    @contextmanager
    def doing(self, task: Task) -> Iterator[StageProcess]:
        """A process that does an attempt. All that is left of it ends with the block; itself only if it has changed."""
        process = self._begun(task)
        try:
            yield process
        except BaseException:
            process.is_ready = False
            raise
        finally:
            self._part_with(process)

    def end_idle(self, now_s: float | None = None) -> None:
        """End those that wait for too long. To be called now and then."""
        now_s = time.monotonic() if now_s is None else now_s
        with self._lock:
            idle = [process for process in self._kept if now_s - process.since_s >= KEPT_S]
            self._kept = [process for process in self._kept if process not in idle]
        for process in idle:
            process.close()

    def close(self) -> None:
        """End them all, those that are at work when they are done."""
        with self._lock:
            self._is_closed = True
            kept, self._kept = self._kept, []
        for process in kept:
            process.close()

    def _begun(self, task: Task) -> StageProcess:
        while (process := self._take(task.workspace)) is not None:
            if process.begin(task):
                return process
            process.close()
        with self._starting:
            process = StageProcess(self._made_by, task.workspace)
        process.begin(task)  # should it have ended already, the first to listen hears so
        return process

    def _take(self, workspace: str) -> StageProcess | None:
        with self._lock:
            for process in reversed(self._kept):
                if process.workspace == workspace:
                    self._kept.remove(process)
                    return process
        return None

    def _part_with(self, process: StageProcess) -> None:
        with self._lock:
            if process.is_ready and not self._is_closed:
                process.since_s = time.monotonic()
                self._kept.append(process)
                return
        process.close()


def _context(routes: Iterable[Route]) -> ForkServerContext | SpawnContext:
    """How processes are made."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    from multiprocessing.forkserver import ensure_running

    chosen = multiprocessing.get_context("forkserver")
    modules = {type(route).__module__ for route in routes} - {"__main__"}
    chosen.set_forkserver_preload(["__main__", "lipwright.jobs.attempt", *sorted(modules)])
    ensure_running()
    return chosen
