"""`lipwright serve`: the whole job service on one machine, with nothing else to install."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli import options
from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.cli.worker import service_settings
from lipwright.errors import Cancelled

if TYPE_CHECKING:
    from lipwright.settings import Settings
    from lipwright.store.database import Database

DRAINED_WITHIN_S = 60.0
"""So long a worker may take to end before it is killed; others do then what it did not."""
AGAIN_AFTER_S = 1.0
"""A worker that died is replaced after so long."""


def serve(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 for one that is free.")] = 8000,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Whether this machine does the jobs, too.")
    ] = True,
    database: options.DatabaseUrl = None,
    storage: options.StorageUrl = None,
) -> None:
    """Serve jobs over HTTP: an API, a worker, and a database and files in ./data."""
    from lipwright.api.log import configure_log
    from lipwright.settings import load_settings

    invocation = invocation_of(context)
    settings = service_settings(load_settings(), database, storage)
    configure_log(settings.log_format)

    from lipwright import tracing
    from lipwright.api.server import serve as answer
    from lipwright.api.service import Service
    from lipwright.jobs.dispatcher import Dispatcher
    from lipwright.wiring.renderers import receivers
    from lipwright.wiring.service import build_assets, build_database, build_routes, signing_key

    with tracing.exporting("api"), closing(build_database(settings)) as rows:
        rows.migrate()
        key = signing_key(settings)
        assets = build_assets(settings)
        with (
            closing(Dispatcher(rows)) as dispatcher,
            receivers(settings) as called,
            invocation.interrupts.deferred(),
        ):
            dispatcher.prepare()
            service = Service(rows, assets, dispatcher, build_routes(settings), settings, key, receivers=called)

            def ready(url: str) -> None:
                _greet(invocation, rows, url)
                if invocation.interrupts.exit_code is not None:  # it came before the server listened for signals
                    os.kill(os.getpid(), signal.SIGTERM)

            with _working(settings) if worker else nullcontext():
                answer(service, host, port, ready=ready)


def _greet(invocation: Invocation, database: "Database", url: str) -> None:
    import sqlalchemy as sa

    from lipwright.store.tables import token

    invocation.print(f"Lipwright serves jobs at {url} and describes them at {url}/v1/openapi.json. Ctrl-C ends it.")
    with database.read() as connection:
        is_new = connection.execute(sa.select(token.c.id).limit(1)).first() is None
    if is_new:
        invocation.print("Nobody has a token yet. Make one: lipwright token create --workspace acme")


@contextmanager
def _working(settings: "Settings") -> Iterator[None]:
    """A worker in a process of its own while the block runs; it ends when this process does, however that ends."""
    ending, lock = threading.Event(), threading.Lock()
    processes = [_start(settings)]

    def replace_dead() -> None:
        while not ending.is_set():
            processes[-1].wait()
            ending.wait(AGAIN_AFTER_S)
            with lock:
                if not ending.is_set():
                    processes.append(_start(settings))

    threading.Thread(target=replace_dead, name="worker-watch", daemon=True).start()
    try:
        yield
    finally:
        ending.set()
        with lock:
            _end(processes[-1])


def _start(settings: "Settings") -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "lipwright.cli.main", "worker", "--embedded"],
        env={
            **os.environ,
            "LIPWRIGHT_DATABASE": settings.database,
            "LIPWRIGHT_STORAGE": settings.storage,
            "LIPWRIGHT_IDLE_STOP_S": "0",
        },
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C of a terminal is told once, by this process
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Let a worker finish; a second signal cuts that short."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(DRAINED_WITHIN_S)
    except Cancelled:
        process.terminate()
        raise
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
