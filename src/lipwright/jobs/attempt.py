"""Attempts at stages, in the process that does them. What one needs travels to it, what it says travels back, pickled.

A running stage has a process to itself: a crash, a leak, a held interpreter lock or a cancellation of one stage touches
no other. A process that an attempt left as it was does another one; else it ends, and the memory of its models is given
back.
"""

import contextvars
import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from lipwright.contracts.job import ErrorView
from lipwright.contracts.route import Divided, Route, StageWork
from lipwright.contracts.strict import Strict
from lipwright.errors import Cancelled, LipwrightError, RateLimited, StorageFailed
from lipwright.jobs.groups import lead_group
from lipwright.jobs.surroundings import Surroundings

SAYS_EVERY_S = 0.2
"""Progress is not told more often than this."""
PART_NAME = re.compile(r"[a-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Task:
    """What a process is to do: StageWork without its progress."""

    route: Route
    job: str
    workspace: str
    spec: Strict
    stage: str
    attempt: int
    take: int
    line: int | None
    lines: Mapping[int, int]
    folder: Path
    assets: Mapping[str, Path]
    earlier: Mapping[str, Path]
    part: str | None
    parts: Mapping[str, Mapping[str, Path]] | None


@dataclass(frozen=True, slots=True)
class Advanced:
    """It goes on."""

    progress: float
    remaining_s: float | None


@dataclass(frozen=True, slots=True)
class Made:
    """It is done."""

    files: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Failed:
    """It failed."""

    error: ErrorView
    after_s: float | None = None
    """How long the one who refused wants to be left alone."""
    trace: str = ""
    """Where in the code, of an error that nobody expected."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """It was cancelled."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The last word of an attempt."""

    outcome: Made | Divided | Failed | Stopped
    is_ready: bool
    """Whether the process is as it was before, and waits for another task."""


class ToldProgress:
    """Tells the worker how far the part is that was begun last, and hears from it that nobody wants the work."""

    def __init__(self, connection: Connection) -> None:
        """Begin."""
        self._connection = connection
        self._total: int | None = None
        self._done = 0
        self._began_s = self._told_s = time.monotonic()

    def stage(self, name: str, total: int | None) -> None:
        self._total, self._done = total, 0
        self._began_s = time.monotonic()
        self._told_s = 0.0
        self._tell()

    def advance(self, n: int = 1) -> None:
        self._done += n
        self._tell()

    def check_cancelled(self) -> None:
        try:
            if self._connection.poll():
                self._connection.recv()
                raise Cancelled("The job was cancelled.")
        except (EOFError, OSError):
            os._exit(1)  # the worker is gone: nobody waits for this, and somebody else does it

    def _tell(self) -> None:
        now_s = time.monotonic()
        if not self._total or now_s - self._told_s < SAYS_EVERY_S:
            return
        self._told_s = now_s
        part = min(self._done / self._total, 1.0)
        remaining_s = (now_s - self._began_s) * (1 - part) / part if part else None
        try:
            self._connection.send(Advanced(part, remaining_s))
        except OSError:
            os._exit(1)


def serve(connection: Connection) -> None:
    """Do one attempt after the other and say how each ended. The whole life of the process."""
    lead_group()
    for name in ("SIGINT", "SIGTERM"):  # the worker decides when this ends
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    surroundings = Surroundings() if sys.platform == "linux" else None
    try:
        is_ready = True
        while is_ready:
            task = connection.recv()
            if surroundings is not None:
                surroundings.point_temporary_files_at(task.folder)
            outcome = contextvars.copy_context().run(_do, connection, task)
            is_well = isinstance(outcome, Made | Divided)
            is_ready = is_well and surroundings is not None and surroundings.put_back()
            connection.send(Ended(outcome, is_ready))
    except (EOFError, OSError):  # the worker is gone, or wants no more
        os._exit(1)


def _do(connection: Connection, task: Task) -> Made | Divided | Failed | Stopped:
    work = StageWork(
        job=task.job,
        workspace=task.workspace,
        spec=task.spec,
        stage=task.stage,
        attempt=task.attempt,
        take=task.take,
        line=task.line,
        lines=task.lines,
        folder=task.folder,
        assets=task.assets,
        earlier=task.earlier,
        progress=ToldProgress(connection),
        part=task.part,
        parts=task.parts,
    )
    try:
        made = task.route.run(work)
        return _checked(made, task) if isinstance(made, Divided) else Made(dict(made))
    except Cancelled:
        return Stopped()
    except LipwrightError as error:
        if not error.retryable and (lost := _lost_input(error, task)) is not None:
            return lost
        view = ErrorView(
            code=error.code,
            message=_without_paths(str(error), task),
            retryable=error.retryable,
            part=getattr(error, "part", None),
        )
        return Failed(view, error.after_s if isinstance(error, RateLimited) else None)
    except Exception as error:  # the outermost edge: told in the log
        lost = _lost_input(error, task)
        where = "".join(traceback.format_tb(error.__traceback__))
        return lost or Failed(unexpected(task.stage, type(error).__name__), trace=f"{where}{type(error).__name__}")


def _lost_input(error: BaseException, task: Task) -> Failed | None:
    """What a failure comes to where the storage went away while the work read out of it; None where it did not.

    It may be back by now: of an error of the system, the file that it names tells; else the files that are there.
    """
    inputs = {*task.assets.values(), *task.earlier.values()}
    inputs.update(*(made.values() for made in (task.parts or {}).values()))
    causes = (error, error.__cause__, error.__context__)
    named = {one.filename for one in causes if isinstance(one, OSError)}
    if named.isdisjoint(map(str, inputs)) and all(map(os.path.isfile, inputs)):
        return None
    message = (
        f"`{task.stage}`: a file that it works with could not be read any more. See that the storage works, then retry"
        " the job."
    )
    return Failed(ErrorView(code=StorageFailed.code, message=message, retryable=True))


def _checked(divided: Divided, task: Task) -> Divided:
    """Raises: ValueError: this attempt may not divide the stage, or not so."""
    if task.part is not None or task.parts is not None:
        raise ValueError("only a whole stage divides itself, and once")
    names = divided.parts
    if not names or len({*names}) < len(names) or not all(PART_NAME.fullmatch(name) for name in names):
        raise ValueError("parts need names, each its own, of small letters, digits and -")
    return divided


def unexpected(stage: str, kind: str) -> ErrorView:
    """An error that nobody expected, without what it says: that may hold what nobody else is to read."""
    message = f"`{stage}`: an unexpected error ({kind}). The log of the worker says where; please report it."
    return ErrorView(code="unexpected", message=message, retryable=False)


def _without_paths(message: str, task: Task) -> str:
    """A message in which no path of this machine stands."""
    files = [*task.earlier.items(), *task.assets.items()]
    files += [(f"{part}/{name}", path) for part, made in (task.parts or {}).items() for name, path in made.items()]
    named = {str(path): name for name, path in files}
    for path in sorted(named, key=len, reverse=True):
        message = message.replace(path, named[path])
    return message.replace(f"{task.folder}{os.sep}", "").replace(str(task.folder), task.stage)
