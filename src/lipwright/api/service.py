"""What the wiring gives to the API: all that it works with, and the bounds of a request."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import SecretStr
from sqlalchemy import Connection

from lipwright.contracts.job import JobView
from lipwright.contracts.route import Route
from lipwright.render.remote.receiver import Receiver
from lipwright.settings import Settings
from lipwright.store.assets import AssetStore
from lipwright.store.database import Database


class Dispatcher(Protocol):
    """Hands runs of jobs to the workers."""

    def enqueue(self, connection: Connection, job_id: str, run: int) -> None:
        """Hand a run over, in the transaction that makes it."""

    def enqueue_new(self, connection: Connection, workspace: str, view: JobView) -> None:
        """Hand over a job that the transaction has just made."""

    def cancel(self, job_id: str, run: int, stages: Iterable[str] = ()) -> None:
        """Tell the workers at once what the job's row says already."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what one caller may cost."""

    json_bytes: int = 2_000_000
    """Of a body that is no upload."""
    json_depth: int = 32
    """How many objects and lists may lie in each other."""
    body_s: float = 30.0
    """Within so long a body that is no upload is here."""
    idle_s: float = 30.0
    """An upload never pauses for longer, and a download is never left waiting for longer."""
    upload_bytes_s: int = 4096
    """An upload that has taken longer than that was at least so fast all in all."""
    header_s: float = 15.0
    """Within so long a new connection has sent the head of its first request."""
    stream_s: float = 900.0
    """A stream of events ends after so long; its caller comes back with the last event that it saw."""
    heartbeat_s: float = 15.0
    poll_s: float = 0.5
    """How often a stream of events looks for new ones."""


@dataclass(frozen=True, slots=True)
class Service:
    """All that the API works with."""

    database: Database
    assets: AssetStore
    dispatcher: Dispatcher
    routes: Mapping[str, Route]
    """By the kind of job."""
    settings: Settings
    """Engines, the largest upload, requests in a minute, private addresses."""
    signing_key: SecretStr
    """Signs links to files."""
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""
    receivers: Mapping[str, Receiver] = field(default_factory=dict)
    """Who takes the callbacks of remote renderers, by their names."""
    closing: threading.Event = field(default_factory=threading.Event)
    """Set when the server is to stop: streams of events end."""
