"""`lipwright worker`: does the work of a job service, on this machine or on many."""

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli import options

if TYPE_CHECKING:
    from lipwright.settings import Settings

ALL_QUEUES = "avatar,dubbing,cpu,gpu,io,callbacks,maintenance"


def worker(
    *,
    queues: Annotated[
        str, typer.Option("--queues", metavar="NAMES", help="What to do, with commas; `gpu` does one thing at a time.")
    ] = ALL_QUEUES,
    database: options.DatabaseUrl = None,
    storage: options.StorageUrl = None,
    embedded: Annotated[
        bool, typer.Option("--embedded", hidden=True, help="End when stdin does: with the server that began it.")
    ] = False,
) -> None:
    """Work for a job service until a signal comes; what runs then may end within half a minute, or is handed back."""
    from lipwright.api.log import configure_log
    from lipwright.jobs.queues import check_queues
    from lipwright.settings import load_settings

    chosen = check_queues(name.strip() for name in queues.split(",") if name.strip())
    settings = service_settings(load_settings(), database, storage)
    configure_log(settings.log_format)

    from lipwright import tracing
    from lipwright.wiring.service import build_worker

    with tracing.exporting("worker"), build_worker(settings, chosen) as working:
        if embedded:
            threading.Thread(target=_end_with_stdin, name="embedded", daemon=True).start()
        working.run()


def service_settings(settings: "Settings", database: str | None, storage: str | None) -> "Settings":
    """The settings with what the command line names."""
    named = {"database": database, "storage": storage}
    return settings.model_copy(update={name: value for name, value in named.items() if value is not None})


def _end_with_stdin() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)
