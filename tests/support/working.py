"""Real workers, in processes of their own, on real databases; and jobs for them that act."""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

from lipwright.contracts.job import EventView, JobRequest, JobState, JobView, SpeakSpec
from lipwright.jobs.dispatcher import Dispatcher
from lipwright.jobs.pace import Pace
from lipwright.store.asset_rows import add_asset
from lipwright.store.assets import AssetStore
from lipwright.store.database import Database
from lipwright.store.events import events_after
from lipwright.store.jobs.ask import cancel_job
from lipwright.store.jobs.create import create_job
from lipwright.store.jobs.runs import begin_run
from lipwright.store.jobs.views import get_job
from lipwright.store.workspaces import ensure_workspace
from support.acting import Acting
from support.databases import Postgres

PACE = Pace(lease_s=3.0, beat_s=0.5, poll_s=0.03, look_s=0.1, stop_s=0.5, back_off_s=(0.05, 0.1))
PATIENCE_S = 40.0
QUEUES = ("avatar", "dubbing", "cpu", "gpu", "io", "maintenance")
RUNNER = "from support.working import be_forker; be_forker()"


Act = tuple[str, object]


def stage(name: str, *does: Act, queue: str = "cpu", parts: Sequence[Sequence[Act]] = ()) -> dict[str, Any]:
    """A stage that does something.

    Args:
        parts: what each of its parts does; `does` is then what is done when they are.
    """
    made: dict[str, Any] = {"name": name, "queue": queue, "does": [list(one) for one in does]}
    if parts:
        made["parts"] = {str(number): [list(one) for one in acts] for number, acts in enumerate(parts)}
    return made


def until(reached: Callable[[], bool], what: str, within_s: float = PATIENCE_S) -> None:
    """Wait for a state."""
    end_s = time.monotonic() + within_s
    while not reached():
        assert time.monotonic() < end_s, f"waited {within_s:g} s in vain: {what}"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _children(pid: int) -> list[str]:
    told = [path for path in Path(f"/proc/{pid}/task").glob("*/children") if path.exists()]
    return [child for path in told for child in path.read_text().split()]


class Forker:
    """A process that has loaded everything and starts nothing: workers are forks of it, which begin at once."""

    def __init__(self) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-c", RUNNER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )

    def ask(self, task: dict[str, Any]) -> int | None:
        """Start a worker (its pid), or ask for the exit code of one (None while it runs)."""
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._popen.stdin.write(f"{json.dumps(task)}\n")
        self._popen.stdin.flush()
        answer: int | None = json.loads(self._popen.stdout.readline())
        return answer

    def close(self) -> None:
        with self._popen as popen:
            assert popen.stdin is not None
            popen.stdin.close()
            popen.wait()


@dataclass
class Process:
    """A worker in a process."""

    forker: Forker
    pid: int
    log: Path
    code: int | None = None

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        if self.code is None:
            self.code = self.forker.ask({"ended": self.pid})
        return self.code

    def family(self) -> list[int]:
        """It and all that it started."""
        found, new = [self.pid], [self.pid]
        while new:
            new = [int(child) for pid in new for child in _children(pid)]
            found += new
        return found

    def signal(self, number: int, *, family: bool = False) -> None:
        for pid in self.family() if family else [self.pid]:
            os.kill(pid, number)

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        until(lambda: self.poll() is not None, f"the worker ends, see {self.log}")
        assert self.code is not None
        return self.code


@dataclass
class Company:
    """A database, a storage, and workers that share them."""

    folder: Path
    database: Database
    url: str
    forker: Forker | None
    pace: Pace = PACE
    processes: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.assets = AssetStore(f"file://{self.folder}/assets", self.folder / "cache")
        self.told = self.folder / "told.jsonl"
        self.route = Acting(self.told)
        self.scratch = self.folder / "scratch"
        self.dispatcher = Dispatcher(self.database)
        self.dispatcher.prepare()
        face = self.folder / "face"
        face.write_bytes(b"a face")
        stored = self.assets.put(face)
        self.face = stored.digest
        with self.database.begin() as connection:
            now_ms = self.database.now_ms(connection)
            for workspace in ("acme", "other"):
                ensure_workspace(connection, workspace, now_ms)
                add_asset(
                    connection,
                    workspace,
                    stored.digest,
                    name="face",
                    media_type=stored.media_type,
                    size_bytes=stored.size_bytes,
                    now_ms=now_ms,
                )

    def worker(
        self, *, fault: str = "", queues: Sequence[str] = QUEUES, idle_stop_s: float = 0.0, grace_s: float = 20.0
    ) -> Process:
        """Start a worker.

        Args:
            fault: a point and what happens there.
        """
        task = {
            "url": self.url,
            "folder": str(self.folder),
            "queues": list(queues),
            "idle_stop_s": idle_stop_s,
            "grace_s": grace_s,
            "pace": asdict(self.pace),
        }
        log = self.folder / f"worker{len(self.processes)}.log"
        assert self.forker is not None
        pid = self.forker.ask({**task, "fault": fault, "log": str(log)})
        assert pid is not None
        self.processes.append(Process(self.forker, pid, log))
        return self.processes[-1]

    def submit(
        self,
        *script: dict[str, Any],
        workspace: str = "acme",
        approvals: Sequence[str] = (),
        priority: int = 50,
        begun: bool = False,
    ) -> str:
        """Make a job, which somebody may have begun. Returns: its id."""
        request = JobRequest(
            spec=SpeakSpec(face=self.face, text=json.dumps(script)),
            approvals=frozenset(approvals),
            priority=priority,
        )
        with self.database.begin() as connection:
            now_ms = self.database.now_ms(connection)
            made = create_job(
                connection,
                workspace,
                request,
                self.route.stages(request.spec),
                key=None,
                body_digest="",
                now_ms=now_ms,
            )
            self.dispatcher.enqueue(connection, made.job_id, made.run)
            if begun:
                assert begin_run(connection, made.job_id, made.run, now_ms)
        return made.job_id

    def job(self, job_id: str, workspace: str = "acme") -> JobView:
        with self.database.read() as connection:
            return get_job(connection, workspace, job_id)

    def events(self, job_id: str) -> list[EventView]:
        with self.database.read() as connection:
            return events_after(connection, "acme", job_id, 0, 1000)

    def cancel(self, job_id: str) -> None:
        with self.database.begin() as connection:
            assert cancel_job(connection, "acme", job_id, self.database.now_ms(connection))
        view = self.job(job_id)
        self.dispatcher.cancel(job_id, view.run, [one.name for one in view.stages])

    def until_state(self, job_id: str, *states: JobState, workspace: str = "acme") -> JobView:
        """Wait until a job is in one of these states."""
        until(lambda: self.job(job_id, workspace).state in states, f"{job_id} {states}, see {self.folder}")
        return self.job(job_id, workspace)

    def acts(self, what: str, job_id: str = "", stage: str = "") -> list[dict[str, Any]]:
        """What the stages told."""
        if not self.told.exists():
            return []
        lines = [json.loads(line) for line in self.told.read_text().splitlines()]
        return [
            line
            for line in lines
            if line["what"].startswith(what) and job_id in ("", line["job"]) and stage in ("", line["stage"])
        ]

    def until_act(self, what: str, job_id: str = "", stage: str = "") -> dict[str, Any]:
        until(lambda: bool(self.acts(what, job_id, stage)), f"{what} {stage}, see {self.folder}")
        return self.acts(what, job_id, stage)[-1]

    def logs(self) -> str:
        """What all processes told; one that has just been asked for has no log yet."""
        return "\n".join(process.log.read_text() for process in self.processes if process.log.exists())

    def end(self) -> None:
        """Kill all that is left."""
        family = [pid for process in self.processes if process.poll() is None for pid in process.family()]
        for pid in {*family, *(line["pid"] for line in self.acts("begin"))}:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        for process in self.processes:
            process.wait()
        self.dispatcher.close()


@contextmanager
def company(
    kind: str, request: pytest.FixtureRequest, folder: Path, forker: Forker | None, pace: Pace = PACE
) -> Iterator[Company]:
    """One with a database of its own. Nobody of it outlives the block.

    Args:
        kind: `sqlite` or `postgres`.
        forker: starts its workers; None when there are none.
    """
    url = f"sqlite:///{folder}/lipwright.db"
    if kind == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new(migrated=True)
    database = Database(url)
    database.migrate()
    made = Company(folder, database, url, forker, pace)
    try:
        yield made
    finally:
        made.end()
        database.close()
        if kind == "postgres":
            server.drop(url)


def be_forker() -> None:
    """Be the process that workers are forks of."""
    import lipwright.jobs.worker  # noqa: F401 all is loaded before the first fork

    children: set[int] = set()
    try:
        for line in sys.stdin:
            task = json.loads(line)
            if "ended" in task:
                pid, status = os.waitpid(task["ended"], os.WNOHANG)
                children.discard(pid)
                _answer(os.waitstatus_to_exitcode(status) if pid else None)
                continue
            pid = os.fork()
            if not pid:
                _be_worker(task)
            children.add(pid)
            _answer(pid)
    finally:  # also when the test is gone and hears no answer
        for pid in children:
            os.kill(pid, signal.SIGKILL)


def _answer(number: int | None) -> None:
    sys.stdout.write(f"{json.dumps(number)}\n")
    sys.stdout.flush()


def _be_worker(task: dict[str, Any]) -> NoReturn:
    """Be the worker that a task describes."""
    from lipwright.jobs.worker import Worker

    with Path(task["log"]).open("wb") as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    if task["fault"]:
        os.environ["LIPWRIGHT_FAULT_POINT"] = task["fault"]
    folder, code = Path(task["folder"]), 1
    try:
        database = Database(task["url"])
        pace = task["pace"] | {"back_off_s": tuple(task["pace"]["back_off_s"])}
        Worker(
            database,
            {"speak": Acting(folder / "told.jsonl")},
            AssetStore(f"file://{folder}/assets", folder / "cache"),
            task["queues"],
            folder / "scratch",
            idle_stop_s=task["idle_stop_s"],
            grace_s=task["grace_s"],
            pace=Pace(**pace),
        ).run()
        database.close()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
