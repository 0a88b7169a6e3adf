"""Processes of a house that are forked from one which has everything imported: a schedule starts a dozen of them.

What is forked holds no thread, no lock and no connection; from there on it is what `service_house` starts anew.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from benchmarks.service_house import LISTENS, House

PRELOADED = (
    "simulation.nursery",
    "simulation.fakes",
    "lipwright.api.server",
    "lipwright.jobs.worker",
    "lipwright.outbox.deliver",
    "lipwright.outbox.send",
    "lipwright.remote.addresses",
    "lipwright.settings",
)
STARTS_WITHIN_S = 60.0


class Forked:
    """A process as `subprocess.Popen` shows one."""

    def __init__(self, process: ForkServerProcess, log: Path) -> None:
        self.log = log
        self.pid = process.pid or 0
        self.returncode: int | None = None
        self._process = process
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        return self._wait(0.0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._wait(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(["forked"], timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def _wait(self, timeout_s: float | None) -> int | None:
        with self._lock:
            if self.returncode is None:
                self._process.join(timeout_s)
                self.returncode = self._process.exitcode
            return self.returncode


@dataclass
class ForkingHouse(House):
    """A house whose processes are forked."""

    forked: list[Forked] = field(default_factory=list)

    def server(self) -> tuple[Any, str]:
        process = self._start("server")
        end_s = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < end_s:
            has_ended = process.poll() is not None
            for line in process.log.read_text().splitlines():
                if line.startswith(LISTENS):
                    return process, line.removeprefix(LISTENS).strip()
            if has_ended:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the server did not start, see {self.folder}")

    def _start(self, role: str, stdout: int | None = None, **more: Any) -> Any:
        log = self.folder / f"{len(self.processes):03d}-{role}.log"
        log.touch()
        process = _nursery().Process(target=_be, args=(self._task(role, more), self.folder, log), name=role)
        process.start()
        forked = Forked(process, log)
        self.processes.append(forked)  # type: ignore[arg-type]
        return forked


def _nursery() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


def _be(task: dict[str, Any], folder: Path, log: Path) -> None:
    os.environ["LIPWRIGHT_HOUSE"] = str(folder)
    os.environ["OMP_NUM_THREADS"] = "1"
    file = os.open(log, os.O_WRONLY | os.O_APPEND)
    for number in (1, 2):
        os.dup2(file, number)
    os.close(file)
    sys.argv[1:] = [json.dumps(task)]
    from benchmarks.service_house import be

    be()
