"""Callers of a job service, and a receiver of its events, for benchmarks."""

import http.client
import json
import os
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from benchmarks.service_house import House
from lipwright.store.tables import delivery, event, job

CALLERS = 8


def body(house: House, stages: Sequence[tuple[str, float] | tuple[str, float, int]], callback: str = "") -> bytes:
    """A job whose stages sleep: their queues, seconds, and into how many parts they divide themselves."""
    request: dict[str, Any] = {"spec": {"kind": "speak", "face": house.face, "text": json.dumps(stages)}}
    if callback:
        request["callback"] = {"url": callback}
    return json.dumps(request).encode()


class Caller:
    """One connection that stays open."""

    def __init__(self, url: str, token: str) -> None:
        """Connect."""
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def create(self, content: bytes) -> str:
        """Make a job. Returns: its id."""
        self._connection.request("POST", "/v1/jobs", content, self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"status {answer.status}: {said[:300]!r}")
        return str(json.loads(said)["id"])


@dataclass
class Created:
    """What a load came to, in milliseconds."""

    took_ms: list[float] = field(default_factory=list)
    """From sending the request to having the answer."""
    from_schedule_ms: list[float] = field(default_factory=list)
    """From the moment when it was to be sent, so that a server which holds up its callers shows."""
    jobs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def create_at_rate(url: str, token: str, content: bytes, rate: float, count: int) -> Created:
    """Make jobs at a steady rate, whatever the server does meanwhile."""
    result, lock = Created(), threading.Lock()
    numbers: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(count):
        numbers.put(number)
    begin_s = time.perf_counter() + 0.3

    def call() -> None:
        caller = Caller(url, token)
        while True:
            try:
                number = numbers.get_nowait()
            except queue.Empty:
                return
            due_s = begin_s + number / rate
            time.sleep(max(0.0, due_s - time.perf_counter()))
            sent_s = time.perf_counter()
            try:
                made = caller.create(content)
            except (OSError, RuntimeError, http.client.HTTPException) as error:
                with lock:
                    result.errors.append(str(error))
                caller = Caller(url, token)
                continue
            done_s = time.perf_counter()
            with lock:
                result.jobs.append(made)
                result.took_ms.append((done_s - sent_s) * 1000)
                result.from_schedule_ms.append((done_s - due_s) * 1000)

    threads = [threading.Thread(target=call) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return result


def states(house: House) -> dict[str, int]:
    """How many jobs are in each state."""
    with house.database.read() as connection:
        rows = connection.execute(sa.select(job.c.state, sa.func.count()).group_by(job.c.state)).all()
    return {str(state): count for state, count in rows}


def until_all_ended(house: House, within_s: float) -> bool:
    """Wait until no job is queued or running. Returns: False when that takes too long."""
    end_s = time.monotonic() + within_s
    while {"queued", "running"} & states(house).keys():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.1)
    return True


def events(house: House) -> dict[str, list[dict[str, Any]]]:
    """All events of all jobs, by job, in the order of their numbers."""
    found: dict[str, list[dict[str, Any]]] = {}
    with house.database.read() as connection:
        for row in connection.execute(sa.select(event.c.job, event.c.body).order_by(event.c.job, event.c.sequence)):
            found.setdefault(row.job, []).append(json.loads(row.body))
    return found


def undelivered(house: House) -> int:
    """How many events are still to be sent."""
    with house.database.read() as connection:
        rows = sa.select(sa.func.count()).select_from(delivery).where(delivery.c.state == "due")
        return int(connection.execute(rows).scalar_one())


def cpu_s(pid: int) -> float:
    """What a process, all that it started, and all that these waited for, took of the processor."""
    ticks = 0
    for one in family(pid):
        with suppress(OSError):
            ticks += sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    found, new = [pid], [pid]
    while new:
        new = [child for parent in new for child in _children(parent)]
        found += new
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it ends meanwhile
            found += map(int, path.read_text().split())
    return found


def seconds(time_text: str) -> float:
    """Since 1970, of the time of an event."""
    return datetime.fromisoformat(time_text).timestamp()


def wrong_jobs(told: dict[str, list[dict[str, Any]]], stages: int) -> list[str]:
    """Jobs that did not complete, or whose events have holes, or tell of a stage other than once and in order."""
    wrong = []
    for name, of_job in told.items():
        done = [one["stage"] for one in of_job if one["progress"] == 1.0 and one["outputs"]]
        if (
            [one["sequence"] for one in of_job] != [*range(1, len(of_job) + 1)]
            or [one["type"] for one in of_job][:2] != ["job.accepted", "job.started"]
            or of_job[-1]["type"] != "job.completed"
            or done != [f"stage{number}" for number in range(stages)]
        ):
            wrong.append(name)
    return wrong


class Receiver:
    """Takes events and notes when they came."""

    def __init__(self) -> None:
        """Nothing came yet."""
        self.url = ""
        self.received: list[tuple[float, dict[str, Any]]] = []

    def lags_ms(self) -> list[float]:
        """From each event to its arrival."""
        return [(came_s - seconds(told["time"])) * 1000 for came_s, told in self.received]

    def out_of_order(self) -> int:
        """Jobs whose events came first in another order than they happened."""
        first: dict[str, list[int]] = {}
        for _, told in self.received:
            seen = first.setdefault(told["job"], [])
            if told["sequence"] not in seen:
                seen.append(told["sequence"])
        return sum(seen != [*range(1, len(seen) + 1)] for seen in first.values())


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on loopback that takes everything, for one block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            came_s = time.time()
            content = self.rfile.read(int(self.headers["content-length"]))
            receiver.received.append((came_s, json.loads(content)))
            self.send_response(204)
            self.end_headers()

        def handle(self) -> None:
            with suppress(OSError):  # a worker ended, which held a connection
                super().handle()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield receiver
        finally:
            server.shutdown()
