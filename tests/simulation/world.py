"""One simulation: a service, its callers, and what befalls them."""

import os
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from benchmarks.service_house import House
from benchmarks.service_load import family

from lipwright.jobs.pace import Pace
from lipwright.store.events import events_after
from lipwright.store.tables import worker_lease
from simulation.caller import Caller
from simulation.checks import left_behind, processes_of, wrong_deliveries, wrong_events, wrong_results
from simulation.nursery import ForkingHouse
from simulation.receiver import Receiver, receiving
from simulation.schedule import LASTS_S, WORKERS, Blow, JobPlan, Schedule

PACE = Pace(lease_s=5.0, beat_s=0.5, poll_s=0.05, look_s=0.2, stop_s=0.5, back_off_s=(0.05, 0.1, 0.2, 0.4))
DELIVERED_WITHIN_S = 40.0
STARTS_WITHIN_S = 120.0
WORKSPACE = "acme"


class Switch:
    """Takes a Postgres server away and brings it back."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def off(self) -> None:
        self._server.stop()

    def on(self) -> None:
        """On a busy machine it may need longer than the package waits for it."""
        end_s = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                self._server.ensure_postgres_running()
            except (subprocess.SubprocessError, AssertionError):
                if time.monotonic() > end_s:
                    raise
                time.sleep(0.5)
            else:
                return


@dataclass
class World:
    schedule: Schedule
    house: House
    receiver: Receiver
    switch: Switch | None
    url: str = ""
    wrong: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    server: "subprocess.Popen[str] | None" = None
    workers: "list[subprocess.Popen[str]]" = field(default_factory=list)
    killed: set[int] = field(default_factory=set)
    callers: list[Caller] = field(default_factory=list)
    died: int = 0
    """Workers that ended by themselves: their lease was taken."""

    def run(self) -> None:
        self.server, self.url = self.house.server()
        self.workers = [self.house.worker() for _ in range(WORKERS)]
        calm, begin_s = threading.Event(), time.monotonic() + 1.0
        self.callers = [self._caller(plan, calm, begin_s) for plan in self.schedule.jobs]
        threads = [threading.Thread(target=caller.live) for caller in self.callers]
        ending = threading.Event()
        watch = threading.Thread(target=self._replace_dead, args=(ending,))
        for thread in (*threads, watch):
            thread.start()
        try:
            self._befall(begin_s)
            calm.set()
            for thread in threads:
                thread.join()
            self._check()
            self._until_workers_live()
        finally:
            calm.set()
            ending.set()
            watch.join()
        self._end()

    def _befall(self, begin_s: float) -> None:
        blows = [threading.Thread(target=self._strike, args=(blow, begin_s)) for blow in self.schedule.blows]
        for thread in blows:
            thread.start()
        for thread in blows:
            thread.join()
        time.sleep(max(0.0, begin_s + LASTS_S - time.monotonic()))

    def _caller(self, plan: JobPlan, calm: threading.Event, begin_s: float) -> Caller:
        face = self.house.face
        spec: dict[str, Any] = {"kind": plan.kind, "seed": plan.seed}
        spec |= {"face": face, "text": "Hello"} if plan.kind == "speak" else {"video": face, "target": "de"}
        request: dict[str, Any] = {"spec": spec, "approvals": sorted(plan.approvals)}
        if plan.callback:
            request["callback"] = {"url": self.receiver.url}
        return Caller(plan, request, lambda: self.url, self.house.token, begin_s, calm, self.house.edit)

    def _strike(self, blow: Blow, begin_s: float) -> None:
        time.sleep(max(0.0, begin_s + blow.at_s - time.monotonic()))
        self.story.append(f"{time.monotonic() - begin_s:.2f} {blow}")
        try:
            getattr(self, f"_{blow.what}")(blow)
        except Exception as error:
            self.wrong.append(f"the simulation itself failed in {blow}: {error!r}")

    def _kill_worker(self, blow: Blow) -> None:
        worker = self.workers[blow.worker]
        self.killed.add(worker.pid)
        worker.kill()  # the watch replaces it
        time.sleep(blow.lasts_s)

    def _kill_server(self, blow: Blow) -> None:
        with _one_server:
            assert self.server is not None
            self.server.kill()
            self.server.wait()
            time.sleep(blow.lasts_s)
            while True:
                try:
                    self.server, self.url = self.house.server()
                except RuntimeError:  # the database is away
                    time.sleep(0.2)
                    continue
                return

    def _kill_both(self, blow: Blow) -> None:
        worker = self.workers[blow.worker]
        self.killed.add(worker.pid)
        worker.kill()
        self._kill_server(blow)

    def _freeze_worker(self, blow: Blow) -> None:
        self._freeze([self.workers[blow.worker].pid], blow.lasts_s)

    def _freeze_machine(self, blow: Blow) -> None:
        """With its sidecar and its stages."""
        self._freeze(family(self.workers[blow.worker].pid), blow.lasts_s)

    def _freeze(self, pids: list[int], lasts_s: float) -> None:
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            if number == signal.SIGSTOP:
                time.sleep(lasts_s)

    def _database_away(self, blow: Blow) -> None:
        with _one_database:
            if self.switch is not None:
                self.switch.off()
                time.sleep(blow.lasts_s)
                self.switch.on()
                return
            path = self.house.url.removeprefix("sqlite:///")
            holder = sqlite3.connect(path, isolation_level=None, timeout=30)
            holder.execute("BEGIN EXCLUSIVE")
            time.sleep(blow.lasts_s)
            holder.execute("COMMIT")
            holder.close()

    def _storage_away(self, blow: Blow) -> None:
        """A file where the folder is to be: nothing can be written, nothing read."""
        with _one_storage:
            assets, away = self.house.folder / "assets", self.house.folder / "assets.away"
            assets.rename(away)
            assets.touch()
            time.sleep(blow.lasts_s)
            assets.unlink()
            away.rename(assets)

    def _receiver(self, blow: Blow) -> None:
        self.receiver.mood = blow.mood
        time.sleep(blow.lasts_s)
        self.receiver.mood = "well"

    def _replace_dead(self, ending: threading.Event) -> None:
        while not ending.wait(0.3):
            for number, worker in enumerate(self.workers):
                if worker.poll() is not None:
                    self.died += worker.pid not in self.killed
                    how = "was killed" if worker.pid in self.killed else "gave way"
                    self.story.append(f"worker {number} {how}: {worker.returncode}")
                    self.workers[number] = self.house.worker()

    def _check(self) -> None:
        """What callers and receiver know against what the database says."""
        end_s = time.monotonic() + DELIVERED_WITHIN_S
        for caller in self.callers:
            self.wrong += caller.wrong
            if not caller.id or not caller.view:
                continue
            events = self._events(caller.id)
            while wrong_deliveries(caller, events, self.receiver) and time.monotonic() < end_s:
                time.sleep(0.1)
            self.wrong += wrong_deliveries(caller, events, self.receiver)
            self.wrong += wrong_events(caller, events)
            self.wrong += wrong_results(caller, self.house)
        with self.house.database.read() as connection:
            count = connection.exec_driver_sql("SELECT count(*) FROM job").scalar_one()
        if count != len([caller for caller in self.callers if caller.id]):
            self.wrong.append(f"{len(self.callers)} jobs were made with keys of their own, and {count} are there")

    def _events(self, job: str) -> list[dict[str, Any]]:
        with self.house.database.read() as connection:
            return [one.model_dump(mode="json") for one in events_after(connection, WORKSPACE, job, 0, 10_000)]

    def _until_workers_live(self) -> None:
        """A worker that was just started does not listen for signals yet."""
        end_s = time.monotonic() + 60
        while time.monotonic() < end_s:
            with self.house.database.read() as connection:
                rows = connection.execute(sa.select(worker_lease.c.pid).where(worker_lease.c.state == "live"))
                if {worker.pid for worker in self.workers} <= {row.pid for row in rows}:
                    return
            time.sleep(0.1)
        self.wrong.append("workers do not come back")

    def _dead_folders(self) -> set[str]:
        """Of workers that are gone; the others remove them."""
        scratch = self.house.folder / "scratch"
        with self.house.database.read() as connection:
            # A lease may outlive its worker for a while.
            pids = [worker.pid for worker in self.workers]
            live = connection.execute(sa.select(worker_lease.c.executor).where(worker_lease.c.pid.in_(pids)))
            return {path.name for path in scratch.iterdir()} - {row.executor for row in live}

    def _end(self) -> None:
        end_s = time.monotonic() + PACE.lease_s * 3
        while self._dead_folders() and time.monotonic() < end_s:
            time.sleep(0.2)
        self.house.end()
        codes = [worker.returncode for worker in self.workers]
        if any(codes):
            self.wrong.append(f"workers that were told to end ended with {codes}")
        end_s = time.monotonic() + 5
        while left_behind(self.house) and time.monotonic() < end_s:
            time.sleep(0.1)
        self.wrong += left_behind(self.house)
        for pid in processes_of(self.house.folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


_one_server, _one_database, _one_storage = threading.Lock(), threading.Lock(), threading.Lock()


@contextmanager
def databases(kind: str) -> Iterator[Callable[[Path], tuple[str, Switch | None]]]:
    """Makes a new database for each simulation, on one server."""
    if kind == "sqlite":
        yield lambda folder: (f"sqlite:///{folder}/lipwright.db", None)
        return
    from support.databases import Postgres

    with tempfile.TemporaryDirectory(prefix="lipwright-postgres-") as name:
        server = Postgres(Path(name) / "data")
        try:
            yield lambda folder: (server.new(migrated=True), Switch(server._server))
        finally:
            server.stop()


def simulated(schedule: Schedule, new: Callable[[Path], tuple[str, Switch | None]], folder: Path) -> World:
    """Let it happen, and look what is wrong."""
    url, switch = new(folder)
    house = ForkingHouse(folder, url, routes="simulation.fakes:routes", prelude="simulation.fakes:hurry", pace=PACE)
    with receiving() as receiver:
        world = World(schedule, house, receiver, switch)
        try:
            world.run()
        finally:
            house.end()
    return world
