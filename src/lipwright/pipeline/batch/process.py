"""A process that makes rows, from both sides: what it does, and how the batch holds it.

It is spawned, so that it shares nothing with the batch, and lives until there are no more rows: engines stay loaded.
"""

import multiprocessing
import os
import signal
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from lipwright.contracts.batch import RowFault, RowJob, RowResult, RowState
from lipwright.contracts.progress import Progress
from lipwright.errors import Cancelled, LipwrightError

if TYPE_CHECKING:
    from lipwright.pipeline.batch.make import Maker, Workshop

SAYS_EVERY_S = 0.2
"""Progress is not told more often than this."""
STOPS_WITHIN_S = 20.0
"""A process that is asked to stop and works on is killed after so long."""
CRASHED = "row_crashed"
_context = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Advanced:
    """How far a row is."""

    stage: str
    share: float | None
    """Of the stage, 0 to 1; None where that is not known."""


class RowProcess:
    """The batch's end of it."""

    def __init__(self, shop: "Workshop") -> None:
        """Start it."""
        self._ours, theirs = _context.Pipe()
        self._process = _context.Process(target=run, args=(theirs, shop), name="rows", daemon=True)
        self._process.start()
        theirs.close()
        self.job: RowJob | None = None
        """What it makes now."""

    @property
    def waited_for(self) -> tuple[Connection, int]:
        """What `multiprocessing.connection.wait` takes: its words, and its end."""
        return self._ours, self._process.sentinel

    def give(self, job: RowJob) -> None:
        """Let it make a row. One that has died meanwhile is found so by `hear`."""
        self.job = job
        try:
            self._ours.send(job)
        except OSError:
            return

    def hear(self) -> Advanced | RowResult | None:
        """What it says next, without waiting; None when it says nothing."""
        try:
            if self._ours.poll():
                said = self._ours.recv()
                assert isinstance(said, Advanced | RowResult)  # noqa: S101 our own words
                return said
        except (EOFError, OSError):
            return None
        return None

    @property
    def ended(self) -> str | None:
        """How it ended; None while it lives."""
        if self._process.is_alive():
            return None
        code = self._process.exitcode or 0
        return f"with signal {-code}" if code < 0 else f"with code {code}"

    def ask_to_stop(self) -> None:
        """Let it leave what it makes, and end."""
        try:
            self._ours.send(None)
        except OSError:  # it has ended
            return

    def close(self, *, patient: bool = True) -> None:
        """Wait for its end, or make one."""
        self._process.join(STOPS_WITHIN_S if patient else 0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()
        self._ours.close()


class ToldProgress:
    """Tells the batch how far the row is, and hears from it that nobody wants it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stage = ""
        self._total: int | None = None
        self._done = 0
        self._told_s = 0.0

    def stage(self, name: str, total: int | None) -> None:
        self._stage, self._total, self._done = name, total, 0
        self._tell(0.0 if total else None)

    def advance(self, n: int = 1) -> None:
        self._done += n
        if self._total and time.monotonic() - self._told_s >= SAYS_EVERY_S:
            self._tell(min(self._done / self._total, 1.0))

    def check_cancelled(self) -> None:
        try:
            wanted = not self._connection.poll()
        except OSError:
            wanted = False
        if not wanted:
            raise Cancelled("the batch was stopped")

    def _tell(self, share: float | None) -> None:
        self._told_s = time.monotonic()
        try:
            self._connection.send(Advanced(self._stage, share))
        except OSError as exc:
            raise Cancelled("the batch has ended") from exc


def run(connection: Connection, shop: "Workshop") -> None:
    """The whole life of the process: make rows until there are no more, or until the batch is gone."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the batch decides when this ends
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    maker = shop.open()
    try:
        while (job := connection.recv()) is not None:
            connection.send(_result(maker, job, ToldProgress(connection)))
    except (EOFError, OSError):
        pass  # the batch is gone, and nobody waits for what is said
    # An engine's thread may be amid a sentence; the interpreter's shutdown would pull its runtime from under it.
    os._exit(0)


def _result(maker: "Maker", job: RowJob, progress: Progress) -> RowResult:
    try:
        return maker.make(job, progress)
    except Cancelled:
        return result_of(job, RowState.STOPPED)
    except LipwrightError as exc:
        return result_of(job, RowState.FAILED, fault_of(exc))
    except Exception as exc:  # the outermost edge: told in the log
        where = "".join(traceback.format_exception(exc))
        message = f"an unexpected error ({type(exc).__name__}: {exc}). summary.json says where; please report it."
        return result_of(job, RowState.FAILED, RowFault("unexpected", message, trace=where))


def result_of(job: RowJob, state: RowState, fault: RowFault | None = None) -> RowResult:
    """What came of a row that was not made."""
    return RowResult(job.row.name, job.row.line, state, job.output, job.key, job.language, job.voice, fault=fault)


def fault_of(error: LipwrightError) -> RowFault:
    """An error in words."""
    return RowFault(error.code, str(error), error.retryable, error.http_status, error.exit_code)


def crash_of(ended: str) -> RowFault:
    """What is said of a row whose process died twice."""
    message = f"its process ended {ended}, twice, perhaps for want of memory. Try fewer at once: --jobs 1."
    return RowFault(CRASHED, message, retryable=True)
