"""A stage of a job, or a part of one, on this worker: attempts until it is published, has failed for good, or is not
wanted any more. A stage that divides itself ends here, and is begun once more when its parts are done.

The row of the stage is the truth. Each attempt writes a fresh token into it, and publishes only while it stands there:
of two workers that believe a stage to be theirs, one is heard. The row counts the attempts, so a stage that takes its
worker down with it does not take down one worker after the other.
"""

import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import structlog

from lipwright import tracing
from lipwright.contracts.job import ErrorView
from lipwright.contracts.route import Divided, Route
from lipwright.errors import Cancelled, LipwrightError
from lipwright.jobs import faults
from lipwright.jobs.attempt import Advanced, Failed, Made, Stopped, Task, unexpected
from lipwright.jobs.away import AWAY, Draining, patiently
from lipwright.jobs.pace import Pace
from lipwright.jobs.publish import publish
from lipwright.jobs.room import Room
from lipwright.jobs.scratch import Scratch
from lipwright.jobs.sidecar import Sidecar
from lipwright.jobs.stage_process import StageProcess, StageProcesses
from lipwright.store.assets import AssetStore
from lipwright.store.database import Database
from lipwright.store.jobs.attempts import StageStart, begin_stage, fail_stage, hand_back_stage, is_wanted, set_progress
from lipwright.store.jobs.parts import divide_stage
from lipwright.store.jobs.rows import JobRun, load_run

WORKER_LOST = "worker_lost"
LONGEST_WAIT_S = 300.0
"""However long the one who refused wants to be left alone."""

log = structlog.get_logger("lipwright.jobs")


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the stages of a worker share."""

    executor: str
    database: Database
    routes: Mapping[str, Route]
    assets: AssetStore
    scratch: Scratch
    sidecar: Sidecar
    processes: StageProcesses
    room: Room
    pace: Pace
    draining: threading.Event
    """The worker ends: nothing new begins."""
    killing: threading.Event
    """It cannot wait any longer: what runs is killed and handed back."""


def run_stage(shop: Workshop, job: str, run: int, stage: str, *, has_room: bool = False) -> None:
    """Do a stage, or a part of one.

    Args:
        has_room: room for it was taken already.
    Raises: Draining: it was handed back.
    """
    while True:
        if shop.draining.is_set():
            raise Draining
        token = uuid.uuid4().hex
        try:
            attempt = _begin(shop, job, run, stage, token)
        except Cancelled:
            return
        if attempt is None:
            return
        work = _Attempt(shop, attempt[0], attempt[1], stage, token, has_room)
        with tracing.stage_attempt(job, run, stage, attempt[1].attempt):
            after_s = work.make()
        if after_s is None:
            return
        if shop.draining.wait(after_s):
            raise Draining


def _begin(shop: Workshop, job: str, run: int, stage: str, token: str) -> tuple[JobRun, StageStart] | None:
    def begin() -> tuple[JobRun, StageStart] | None:
        with shop.database.begin() as connection:
            now_ms = shop.database.now_ms(connection)
            start = begin_stage(connection, job, run, stage, token, shop.executor, now_ms)
            return None if start is None else (load_run(connection, job), start)

    return patiently(begin, shop.draining)


class _Attempt:
    """One attempt at a stage."""

    def __init__(self, shop: Workshop, job: JobRun, start: StageStart, stage: str, token: str, has_room: bool) -> None:
        self._shop = shop
        self._job = job
        self._start = start
        self._stage = stage
        self._token = token
        self._has_room = has_room
        self._log = log.bind(job=job.id, run=job.run, stage=stage, attempt=start.attempt)

    def make(self) -> float | None:
        """Make the stage.

        Returns: seconds after which it is to be tried again; None when it has ended, in whatever way.
        Raises: Draining: it was handed back.
        """
        faults.hit("stage.begin")
        try:
            if self._start.attempt > self._shop.pace.attempts:
                return self._fail(Failed(_lost(self._stage, self._shop.pace.attempts)))
            with self._shop.scratch.folder(self._token) as folder:
                return self._in_folder(folder)
        except Draining:
            self._hand_back()
            raise
        except LipwrightError as error:  # an asset is gone, or the storage does not work
            view = ErrorView(code=error.code, message=str(error), retryable=error.retryable)
            return self._fail(Failed(view))
        except Exception as error:  # the outermost edge: told in the log
            self._log.exception("a stage failed, which nobody expected")
            return self._fail(Failed(unexpected(self._stage, type(error).__name__)))

    def _in_folder(self, folder: Path) -> float | None:
        route = self._shop.routes[self._job.kind]
        spec = self._job.snapshot.spec
        whole = self._job.whole(self._stage)
        before = [row for row in self._job.stages if row.position < whole.position]
        made = {name: digest for row in before for name, digest in row.made.items()}
        is_part = whole.name != self._stage
        parts = None if is_part or not whole.parts else {whole.part_of(row.name): row.outputs for row in whole.parts}
        from_parts = [digest for outputs in (parts or {}).values() for digest in outputs.values()]
        with self._shop.assets.using({*route.assets(spec), *made.values(), *from_parts}) as local:
            task = Task(
                route=route,
                job=self._job.id,
                workspace=self._job.workspace,
                spec=spec,
                stage=whole.name,
                attempt=self._start.attempt,
                take=self._start.take,
                line=self._start.line,
                lines=self._start.lines,
                folder=folder,
                assets={digest: local[digest] for digest in route.assets(spec)},
                earlier=_paths(made, local),
                part=whole.part_of(self._stage) if is_part else None,
                parts=None if parts is None else {part: _paths(outputs, local) for part, outputs in parts.items()},
            )
            room = nullcontext() if self._has_room else self._shop.room.taken(whole.queue, self._shop.killing)
            with room, self._shop.processes.doing(task) as process, self._shop.sidecar.minding(process.pid):
                ended = self._supervise(process)
        if isinstance(ended, Made):
            self._publish(folder, ended)
            return None
        if isinstance(ended, Divided):
            self._divide(ended)
            return None
        if isinstance(ended, Failed):
            return self._fail(ended)
        self._log.info("a stage was stopped")
        tracing.note("stopped")
        return None

    def _supervise(self, process: StageProcess) -> Made | Divided | Failed | Stopped:
        """Follow the process of the stage to its end."""
        pace = self._shop.pace
        look_s = time.monotonic() + pace.look_s
        stop_s: float | None = None
        told = written = Advanced(0.0, None)
        write_s = look_s
        faults.hit("stage.running")
        while True:
            said = process.hear(max(0.0, min(look_s - time.monotonic(), 0.1)))
            if isinstance(said, Advanced):
                told = said
            elif said is not None:
                return said
            now_s = time.monotonic()
            if self._shop.killing.is_set():
                raise Draining
            if stop_s is not None:
                if now_s > stop_s:
                    return Stopped()
            elif now_s >= look_s:
                look_s = now_s + pace.look_s
                news = told if told != written and now_s >= write_s else None
                if news is not None:
                    written, write_s = news, now_s + 2 * pace.look_s
                if not self._is_wanted(news):
                    process.ask_to_stop()
                    stop_s = now_s + pace.stop_s

    def _is_wanted(self, news: Advanced | None) -> bool:
        """Whether the stage is still wanted; its progress is written down on the way, where there is news of it."""
        database, job = self._shop.database, self._job.id

        def ask() -> bool:
            if news is None:
                with database.read() as connection:
                    return is_wanted(connection, job, self._stage, self._token)
            with database.begin() as connection:
                now_ms = database.now_ms(connection)
                return set_progress(connection, job, self._stage, self._token, news.progress, news.remaining_s, now_ms)

        return patiently(ask, self._shop.killing)

    def _publish(self, folder: Path, made: Made) -> None:
        published = publish(
            self._shop.database,
            self._shop.assets,
            self._job,
            self._stage,
            self._token,
            folder,
            made.files,
            self._shop.killing,
        )
        tracing.note("done" if published else "not_wanted")
        self._log.info("a stage is done" if published else "a stage was done by somebody else, or is not wanted")

    def _divide(self, divided: Divided) -> None:
        """Write down what it is divided into. The run of the job has the parts done."""
        faults.hit("stage.before_divide")
        database = self._shop.database

        def write() -> bool:
            with database.begin() as connection:
                return divide_stage(connection, self._job.id, self._stage, self._token, divided.parts)

        is_divided = patiently(write, self._shop.killing)
        faults.hit("stage.after_divide")
        tracing.note("divided" if is_divided else "not_wanted")
        self._log.info("a stage is divided" if is_divided else "a stage is not wanted", parts=len(divided.parts))

    def _fail(self, failed: Failed) -> float | None:
        """Write the failure down, or try again.

        Returns: as `make`.
        """
        number, error = self._start.attempt, failed.error
        tracing.note("failed", error.code)
        self._log.warning("a stage failed", code=error.code, retryable=error.retryable, trace=failed.trace or None)
        if error.retryable and number < self._shop.pace.attempts:
            return min(max(self._shop.pace.back_off_s[number - 1], failed.after_s or 0.0), LONGEST_WAIT_S)
        database = self._shop.database

        def write() -> None:
            with database.begin() as connection:
                now_ms = database.now_ms(connection)
                fail_stage(connection, self._job.id, self._stage, self._token, error, now_ms)

        patiently(write, self._shop.killing)
        return None

    def _hand_back(self) -> None:
        """This attempt does not count: the worker ends, the stage did nothing wrong."""
        try:
            with self._shop.database.begin() as connection:
                hand_back_stage(connection, self._job.id, self._stage, self._token)
        except AWAY:
            self._log.warning("the database is away: this attempt counts")
        self._log.info("a stage was handed back")


def _paths(made: Mapping[str, str], local: Mapping[str, Path]) -> dict[str, Path]:
    return {name: local[digest] for name, digest in made.items()}


def _lost(stage: str, attempts: int) -> ErrorView:
    message = (
        f"`{stage}`: {attempts} workers ended while they did it, perhaps for want of memory. "
        "Look into their logs, then retry the job."
    )
    return ErrorView(code=WORKER_LOST, message=message, retryable=True)
