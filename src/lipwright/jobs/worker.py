"""A worker: takes jobs and stages out of queues and does them, until it is told to end or has nothing to do.

One a process. It ends in an order in which nothing is lost: it takes no more, lets running stages finish for a while,
kills and hands back the others, and gives up its lease.
"""

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import structlog

from lipwright import tracing
from lipwright.contracts.route import Route
from lipwright.errors import JobNotFound
from lipwright.inference import return_memory, share_heaps
from lipwright.jobs import lease
from lipwright.jobs.attempt import unexpected
from lipwright.jobs.away import AWAY, patiently
from lipwright.jobs.chores import Chore, Chores
from lipwright.jobs.engine import Engine, join_work, stage_work
from lipwright.jobs.joins import Joins
from lipwright.jobs.pace import Pace
from lipwright.jobs.queues import check_queues
from lipwright.jobs.reaper import Reaper
from lipwright.jobs.retention import retention
from lipwright.jobs.room import Room
from lipwright.jobs.run_job import Office, run_job
from lipwright.jobs.run_stage import Workshop, run_stage
from lipwright.jobs.runtime import Runtime
from lipwright.jobs.scratch import Scratch, new_name
from lipwright.jobs.sidecar import Sidecar
from lipwright.jobs.stage_process import StageProcesses
from lipwright.store.assets import AssetStore
from lipwright.store.database import Database
from lipwright.store.jobs.runs import fail_job

SIDECAR_DIED = 70
"""Exit code of a worker whose sidecar died: nobody would notice its own death any more."""
KILLED_WITHIN_S = 10.0
RETURNS_MEMORY_S = 60.0
"""So often what glibc keeps of freed memory goes back to the system."""

log = structlog.get_logger("lipwright.jobs")


class Worker:
    """The worker of this process."""

    def __init__(
        self,
        database: Database,
        routes: Mapping[str, Route],
        assets: AssetStore,
        queues: Sequence[str],
        scratch: Path,
        *,
        idle_stop_s: float = 0.0,
        grace_s: float = 30.0,
        chores: Sequence[Chore] = (),
        pace: Pace | None = None,
    ) -> None:
        """Nothing begins yet.

        Args:
            database: migrated.
            routes: by kind of job; they travel to other processes, pickled.
            queues: what to listen to.
            scratch: a folder for what stages write; workers may share it.
            idle_stop_s: how long nothing may be there to do before `run` returns; 0 for ever.
            grace_s: how long stages may go on when the worker is to end.
            chores: those whose queue it listens to are done.
        Raises: UsageError: there is no such queue.
        """
        self._database = database
        self._routes = routes
        self._assets = assets
        self._queues = check_queues(queues)
        self._root = scratch
        self._idle_stop_s = idle_stop_s
        self._grace_s = grace_s
        self._chores = chores
        self._pace = pace or Pace()
        self._executor = new_name()
        self._draining = threading.Event()
        self._killing = threading.Event()
        self._told_to_end = threading.Event()
        self._busy: dict[str, int] = {"jobs": 0, "stages": 0}
        self._lock = threading.Lock()

    def run(self) -> None:
        """Work until a signal or idleness ends it. Only the main thread can.

        Raises: DatabaseFailed: the database is away when it begins; later it is waited for.
        """

        def end(_number: int, _frame: FrameType | None) -> None:
            if self._told_to_end.is_set():
                self._killing.set()  # the second time it is meant
            self._told_to_end.set()

        share_heaps()
        before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
        self.start()
        gc.collect()
        gc.freeze()  # what is loaded stays; looking through it for garbage would hold up all threads now and then
        try:
            self._wait()
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self) -> None:
        """Begin to work, in threads and processes of its own."""
        database, pace = self._database, self._pace
        self._engine = Engine(database)
        self._engine.prepare()
        self._processes = StageProcesses(self._routes.values())
        url = database.engine.url.render_as_string(hide_password=False)
        self._sidecar = Sidecar(url, self._executor, pace, self._die)
        self._sidecar.wait()
        with database.begin() as connection:
            lease.register(connection, self._executor, self._queues, database.now_ms(connection))
        self._sidecar.begin()
        self._scratch = Scratch(self._root, self._executor)
        self._scratch.sweep(self._live)
        self._joins = Joins(self._engine.ended, pace.join_s)
        room = Room(self._queues)
        self._office = Office(
            database, self._engine, self._routes, self._joins, room, self._run_stage_straight, self._draining
        )
        self._shop = Workshop(
            executor=self._executor,
            database=database,
            routes=self._routes,
            assets=self._assets,
            scratch=self._scratch,
            sidecar=self._sidecar,
            processes=self._processes,
            room=room,
            pace=pace,
            draining=self._draining,
            killing=self._killing,
        )
        with database.named_errors():
            self._runtime = Runtime(
                database, self._executor, self._queues, self._run_job, self._run_stage, room, pace.poll_s
            )
        reaper = Reaper(database, self._engine, self._executor, pace.lease_s, self._runtime.active)
        chores = [*self._chores, retention(database, self._engine)]
        self._chores_running = Chores(
            [
                Chore("reap", "", pace.beat_s, lambda: self._reap(reaper)),
                Chore("memory", "", RETURNS_MEMORY_S, return_memory),
                *(chore for chore in chores if chore.queue in self._queues),
            ]
        )
        log.info("a worker begins", executor=self._executor, queues=self._queues)

    def stop(self) -> None:
        """End: finish or hand back what runs. Returns when all of it is done."""
        log.info("a worker ends", executor=self._executor)
        self._draining.set()
        self._runtime.take_no_more()
        self._joins.drain()
        self._until(lambda: not self._busy["stages"] or self._killing.is_set(), self._grace_s)
        self._killing.set()
        self._until(lambda: not self._busy["stages"] and not self._busy["jobs"], KILLED_WITHIN_S)
        self._chores_running.drain(KILLED_WITHIN_S)
        self._processes.close()
        self._sidecar.close()  # before the lease is gone, without which it kills the worker
        try:
            with self._database.begin() as connection:
                lease.leave(connection, self._executor)
            with self._database.read() as connection:
                live = lease.live(connection)
            begun = self._engine.begun()
            self._engine.hand_back({work: by for work, by in begun.items() if by not in live})
        except AWAY:
            log.warning("the database is away: the work is taken over when the lease has run out")
        self._runtime.close()
        self._engine.close()
        self._scratch.close()
        log.info("a worker has ended", executor=self._executor)

    def _run_job(self, job: str, run: int) -> None:
        with self._counted("jobs"), tracing.job_run(job, run):
            try:
                run_job(self._office, job, run)
            except JobNotFound:
                log.info("a job was removed", job=job)
            except Exception as error:  # the outermost edge: told in the log
                log.exception("a run failed, which nobody expected", job=job, run=run)
                view = unexpected("job", type(error).__name__)

                def fail() -> None:
                    with self._database.begin() as connection:
                        fail_job(connection, job, run, view, self._database.now_ms(connection))

                patiently(fail, self._draining)

    def _run_stage(self, job: str, run: int, stage: str) -> None:
        with self._counted("stages"):
            try:
                run_stage(self._shop, job, run, stage)
            except JobNotFound:
                log.info("a job was removed", job=job)
        self._joins.wake(stage_work(job, run, stage), join_work(job, run, stage))

    def _run_stage_straight(self, job: str, run: int, stage: str) -> None:
        with self._counted("stages"):
            run_stage(self._shop, job, run, stage, has_room=True)

    def _reap(self, reaper: Reaper) -> None:
        """Also who died idle, or whose work another machine handed back, left a folder."""
        self._processes.end_idle()
        reaper.look()
        with suppress(*AWAY):
            self._scratch.sweep(self._live)

    def _live(self) -> set[str]:
        with self._database.read() as connection:
            return lease.live(connection) | {self._executor}

    def _wait(self) -> None:
        """Until a signal comes, or nothing was there to do for long enough."""
        if not self._idle_stop_s:
            self._told_to_end.wait()
            return
        busy_s = time.monotonic()
        while not self._told_to_end.wait(min(1.0, self._idle_stop_s / 4)):
            if self._is_busy():
                busy_s = time.monotonic()
            elif time.monotonic() - busy_s >= self._idle_stop_s:
                log.info("a worker is idle", executor=self._executor)
                return

    def _is_busy(self) -> bool:
        if any(self._busy.values()):
            return True
        try:
            return self._engine.is_waiting(self._queues)
        except AWAY:
            return True

    @contextmanager
    def _counted(self, what: str) -> Iterator[None]:
        with self._lock:
            self._busy[what] += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy[what] -= 1

    def _until(self, reached: Callable[[], bool], within_s: float) -> None:
        end_s = time.monotonic() + within_s
        while not reached() and time.monotonic() < end_s:
            time.sleep(0.02)

    def _die(self) -> None:
        """The sidecar is dead."""
        log.error("the process beside the worker died; the worker ends with it", executor=self._executor)
        self._sidecar.kill_stages()
        sys.stdout.flush()
        os._exit(SIDECAR_DIED)
