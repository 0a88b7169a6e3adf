"""A service that does small jobs for hours: nothing of it may grow but its database. Prints one JSON document.

python -m benchmarks.soak --hours 8 --database postgres

Each minute a line goes to stderr: memory (what processes share is counted once), open files and threads of the server
and of the worker with all their helpers, and the size of the database beside the number of jobs in it. At the end a
line is fitted through all but the first quarter of the samples, in which caches fill: a rise beyond what is allowed
fails the run.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from benchmarks.machine import describe_machine
from benchmarks.service_house import House, house
from benchmarks.service_load import Caller, body, family, receiving, states
from lipwright.store.tables import job

ALLOWED_RISE = {"server_mb": 0.10, "worker_mb": 0.10, "server_files": 0.10, "worker_files": 0.10}
"""From the first to the last of the fitted samples, as a part of the middle one."""
ALLOWED_THREADS = 2.0
ALLOWED_JOB_PART = 1.2
"""By how much more of the database a job of the last half may take than one of the first, in parts: all are alike."""
STAGES = (("io", 0.0), ("cpu", 0.05))
WARM_PART = 0.25
LEAST_SAMPLES = 8


def main() -> None:
    """Soak."""
    options = argparse.ArgumentParser()
    options.add_argument("--hours", type=float, default=8.0)
    options.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    options.add_argument("--every", type=float, default=60.0, help="seconds between samples")
    options.add_argument("--rate", type=float, default=2.0, help="jobs a second")
    given = options.parse_args()
    _say(describe_machine())
    with house(given.database) as made, receiving() as receiver:
        server, url = made.server()
        worker = made.worker()
        ending, errors = threading.Event(), list[str]()
        load = threading.Thread(target=_load, args=(made, url, receiver.url, given.rate, ending, errors))
        load.start()
        samples: list[dict[str, float]] = []
        begin_s = time.monotonic()
        while (now_s := time.monotonic() - begin_s) < given.hours * 3600:
            time.sleep(min(given.every, given.hours * 3600 - now_s))
            if server.poll() is not None or worker.poll() is not None:
                errors.append(f"server ended {server.poll()}, worker ended {worker.poll()}")
                break
            samples.append(_sample(made, server.pid, worker.pid) | {"s": round(time.monotonic() - begin_s)})
            _say(" ".join(f"{name} {value:g}" for name, value in samples[-1].items()))
            receiver.received.clear()
        ending.set()
        load.join()
        ended = states(made)
    wrong = errors[:5] + not_flat(samples)
    if ended.get("failed"):
        wrong.append(f"{ended['failed']} jobs failed")
    print(json.dumps({"samples": samples, "jobs": ended, "wrong": wrong}, indent=1))  # noqa: T201 the result
    if wrong:
        raise SystemExit(f"error: {'; '.join(wrong)}")


def not_flat(samples: Sequence[dict[str, float]]) -> list[str]:
    """What grew."""
    fitted = samples[int(len(samples) * WARM_PART) :]
    if len(fitted) < LEAST_SAMPLES:
        return [f"{len(fitted)} samples are too few to fit a line through: soak for longer, or take them more often"]
    wrong = []
    for name, allowed in ALLOWED_RISE.items():
        rise, middle = _rise(fitted, name)
        if rise > allowed * middle:
            wrong.append(f"{name} rose by {rise:.1f} from about {middle:.1f}")
    for name in ("server_threads", "worker_threads"):
        rise, middle = _rise(fitted, name)
        if rise > ALLOWED_THREADS:
            wrong.append(f"{name} rose by {rise:.1f} from about {middle:.1f}")
    half = len(fitted) // 2
    first, second = (
        (part[-1]["database_mb"] - part[0]["database_mb"]) / max(1.0, part[-1]["jobs"] - part[0]["jobs"]) * 1000
        for part in (fitted[: half + 1], fitted[half:])
    )
    if second - first > ALLOWED_JOB_PART * max(first, 1.0):
        wrong.append(f"a job took {first:.1f} KB of the database at first, and {second:.1f} KB in the end")
    return wrong


def _rise(samples: Sequence[dict[str, float]], name: str) -> tuple[float, float]:
    values = np.array([sample[name] for sample in samples])
    times = np.array([sample["s"] for sample in samples])
    slope = np.polyfit(times, values, 1)[0]
    return float(slope * (times[-1] - times[0])), float(np.median(values))


def _load(made: House, url: str, callback: str, rate: float, ending: threading.Event, errors: list[str]) -> None:
    caller, content = Caller(url, made.token), body(made, STAGES, callback)
    while not ending.wait(1 / rate):
        waiting = states(made)
        if waiting.get("queued", 0) > 100 * rate:  # the worker cannot follow: this is no measurement of speed
            continue
        try:
            caller.create(content)
        except Exception as error:
            errors.append(f"a job was not made: {error}")
            caller = Caller(url, made.token)


def _sample(made: House, server: int, worker: int) -> dict[str, float]:
    sample: dict[str, float] = {}
    for name, leader in (("server", server), ("worker", worker)):
        pids = [pid for pid in family(leader) if _is_lasting(pid)]
        sample[f"{name}_mb"] = round(sum(map(_pss_kb, pids)) / 1000, 1)
        sample[f"{name}_files"] = sum(_count(pid, "fd") for pid in pids)
        sample[f"{name}_threads"] = sum(_count(pid, "task") for pid in pids)
    with made.database.read() as connection:
        sample["jobs"] = connection.execute(sa.select(sa.func.count()).select_from(job)).scalar_one()
        if made.database.is_sqlite:
            size = sum(path.stat().st_size for path in made.folder.glob("lipwright.db*"))
        else:
            size = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
    return sample | {"database_mb": round(size / 1e6, 3)}


def _is_lasting(pid: int) -> bool:
    """Not the process of a stage, which comes and goes: it leads a group of its own and is a fork."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        is_fork = b"forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()
        return not (is_fork and int(fields[2]) == pid)
    return False


def _pss_kb(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def _count(pid: int, what: str) -> int:
    with suppress(OSError):
        return len(list(Path(f"/proc/{pid}/{what}").iterdir()))
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 for whoever watches


if __name__ == "__main__":
    main()
