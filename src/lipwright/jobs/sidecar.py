"""The small process beside a worker: beats its lease, and ends what must not outlive it.

The worker speaks to it through its stdin: first a line of JSON, then `.` now and then, `+PID` and `-PID` when a stage
begins and ends, and `bye`. It says `up` when it is loaded, which takes a while; then the worker registers its lease and
says `beat`. While it hears the worker, it beats the lease. When the worker's end of the pipe closes, the
worker is dead: its stages are killed. When the lease was taken, the worker is a zombie whose work others do by now: it
is killed too. A worker that is frozen is not heard, so its lease runs out.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

from lipwright.jobs import lease
from lipwright.jobs.away import AWAY
from lipwright.jobs.groups import kill, kill_group
from lipwright.jobs.pace import Pace
from lipwright.store.database import Database


class Sidecar:
    """The worker's side of it."""

    def __init__(self, database_url: str, executor: str, pace: Pace, on_death: Callable[[], None]) -> None:
        """Start it.

        Args:
            on_death: called when it died before `close`; without it, nobody would notice the worker's death.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lipwright.jobs.sidecar"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._stages: set[int] = set()
        self._on_death = on_death
        first = {"url": database_url, "executor": executor, "beat_s": pace.beat_s, "lease_s": pace.lease_s}
        self._say(json.dumps(first))
        threading.Thread(target=self._watch, name="sidecar-watch", daemon=True).start()
        threading.Thread(target=self._speak, args=(pace.beat_s,), name="sidecar-speak", daemon=True).start()

    def wait(self) -> None:
        """Return when it is up, or died. It knows no lease before `begin`."""
        self._hear()

    def begin(self) -> None:
        """Let it beat the lease, which is registered by now. Returns when it has done so once, or died."""
        self._say("beat")
        self._hear()
        if self._process.stdout:
            self._process.stdout.close()

    def _hear(self) -> None:
        if self._process.stdout:
            self._process.stdout.readline()

    @contextmanager
    def minding(self, pid: int) -> Iterator[None]:
        """Inside, the group of this process ends when the worker dies."""
        with self._lock:
            self._stages.add(pid)
        self._say(f"+{pid}")
        try:
            yield
        finally:
            self._say(f"-{pid}")
            with self._lock:
                self._stages.discard(pid)

    def kill_stages(self) -> None:
        """Kill all that is minded."""
        with self._lock:
            stages = list(self._stages)
        for pid in stages:
            kill_group(pid)

    def close(self) -> None:
        """End it; the lease is not beaten any more."""
        self._closing.set()
        self._say("bye")
        with suppress(BrokenPipeError), self._lock:
            if self._process.stdin:
                self._process.stdin.close()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def _say(self, line: str) -> None:
        with suppress(BrokenPipeError, ValueError), self._lock:  # it is dead or closed; `_watch` knows
            if self._process.stdin:
                self._process.stdin.write(f"{line}\n")
                self._process.stdin.flush()

    def _speak(self, every_s: float) -> None:
        while not self._closing.wait(every_s / 2):
            self._say(".")

    def _watch(self) -> None:
        self._process.wait()
        if not self._closing.is_set():
            self._on_death()


def main() -> None:
    """Be the sidecar."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # meant for the worker, which takes its time to end
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    first = json.loads(sys.stdin.readline())
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    with closing(Database(first["url"])) as database:
        print("up", flush=True)  # noqa: T201 the worker waits for it
        while (line := lines.get()) != "beat":
            if line in ("bye", "end"):
                return
        _mind(database, first["executor"], os.getppid(), lines, first["beat_s"], first["lease_s"])


def _read(lines: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        lines.put(line.strip())
    lines.put("end")


def _mind(
    database: Database, executor: str, worker: int, lines: "queue.SimpleQueue[str]", beat_s: float, lease_s: float
) -> None:
    stages: set[int] = set()
    heard_s = beaten_s = time.monotonic() - beat_s
    is_alive = False
    while True:
        try:
            line = lines.get(timeout=beat_s / 2)
        except queue.Empty:
            line = ""
        now_s = time.monotonic()
        if line == "bye":
            return
        if line == "end":
            _end(stages)
            return
        if line:
            heard_s = now_s
        if line.startswith("+"):
            stages.add(int(line[1:]))
        elif line.startswith("-"):
            stages.discard(int(line[1:]))
        if now_s - beaten_s >= beat_s / 2:
            beaten_s = now_s
            try:
                if not _beat(database, executor, is_heard=now_s - heard_s < lease_s):
                    kill(worker)  # not its group, which may be that of a person's terminal
                    _end(stages)
                    return
            except AWAY:
                continue
            if not is_alive:
                is_alive = True
                print("alive", flush=True)  # noqa: T201 the worker waits for it


def _beat(database: Database, executor: str, *, is_heard: bool) -> bool:
    """Beat for a worker that is heard; of one that is not, only look.

    Returns: False when its lease was taken.
    """
    if not is_heard:
        with database.read() as connection:
            return lease.stands(connection, executor)
    with database.begin() as connection:
        return lease.beat(connection, executor, database.now_ms(connection))


def _end(stages: set[int]) -> None:
    for pid in stages:
        kill_group(pid)


if __name__ == "__main__":
    main()
