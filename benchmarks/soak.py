"""A service that does small jobs for hours: nothing of it may grow but its database. Prints one JSON document.

python -m benchmarks.soak --hours 8 --database postgres

Each minute a line goes to stderr: memory, open files and threads of each lasting process (the server, the worker, the
process beside it, and the one that it forks stages from), and the size of the database beside the number of jobs in it.
Memory is what a process has written for itself: what it shares or maps from files cannot leak, and moves with others.

At the end a line is fitted through all but the first quarter of the samples, in which caches fill: a rise beyond what
is allowed fails the run. An allocator takes memory a megabyte at a time, so a few are allowed however short the
run is: 8 hours see a leak of half a megabyte an hour, 20 minutes one of 12.
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

ALLOWED_MB = 3.0
"""From the first to the last of the fitted samples, of one process."""
ALLOWED_FILES = 3.0
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
    slopes = {name: round(slope_an_hour(samples, name), 2) for name in _measured(samples, "mb", "files", "threads")}
    if ended.get("failed"):
        wrong.append(f"{ended['failed']} jobs failed")
    print(json.dumps({"samples": samples, "rise_an_hour": slopes, "jobs": ended, "wrong": wrong}, indent=1))  # noqa: T201 the result
    if wrong:
        raise SystemExit(f"error: {'; '.join(wrong)}")


def not_flat(samples: Sequence[dict[str, float]]) -> list[str]:
    """What grew."""
    fitted = samples[int(len(samples) * WARM_PART) :]
    if len(fitted) < LEAST_SAMPLES:
        return [f"{len(fitted)} samples are too few to fit a line through: soak for longer, or take them more often"]
    wrong = []
    hours = (fitted[-1]["s"] - fitted[0]["s"]) / 3600
    for what, allowed in (("mb", ALLOWED_MB), ("files", ALLOWED_FILES), ("threads", ALLOWED_THREADS)):
        for name in _measured(samples, what):
            rise = slope_an_hour(samples, name) * hours
            if rise > allowed:
                wrong.append(f"{name} rose by {rise:.1f} to about {fitted[-1][name]:.1f}")
    half = len(fitted) // 2
    first, second = (
        (part[-1]["database_mb"] - part[0]["database_mb"]) / max(1.0, part[-1]["jobs"] - part[0]["jobs"]) * 1000
        for part in (fitted[: half + 1], fitted[half:])
    )
    if second - first > ALLOWED_JOB_PART * max(first, 1.0):
        wrong.append(f"a job took {first:.1f} KB of the database at first, and {second:.1f} KB in the end")
    return wrong


def slope_an_hour(samples: Sequence[dict[str, float]], name: str) -> float:
    """By how much a measure rises in an hour, when caches are full."""
    fitted = samples[int(len(samples) * WARM_PART) :]
    values, times = (np.array([sample[key] for sample in fitted]) for key in (name, "s"))
    return float(np.polyfit(times, values, 1)[0] * 3600) if len(fitted) > 1 else 0.0


def _measured(samples: Sequence[dict[str, float]], *what: str) -> list[str]:
    """Measures of processes that were there all the time."""
    everywhere = set.intersection(*(set(sample) for sample in samples)) if samples else set()
    return sorted(name for name in everywhere if name.rpartition("_")[2] in what and name != "database_mb")


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
        for pid in family(leader):
            if (role := _role(name, leader, pid)) is not None:
                sample[f"{role}_mb"] = round(_own_kb(pid) / 1000, 2)
                sample[f"{role}_files"] = _count(pid, "fd")
                sample[f"{role}_threads"] = _count(pid, "task")
    with made.database.read() as connection:
        sample["jobs"] = connection.execute(sa.select(sa.func.count()).select_from(job)).scalar_one()
        if made.database.is_sqlite:
            size = sum(path.stat().st_size for path in made.folder.glob("lipwright.db*"))
        else:
            size = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
    return sample | {"database_mb": round(size / 1e6, 3)}


def _role(name: str, leader: int, pid: int) -> str | None:
    """What a process is to its family; None for that of a stage, which comes and goes."""
    if pid == leader:
        return name
    with suppress(OSError):
        said = Path(f"/proc/{pid}/cmdline").read_bytes()
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        for helper in ("sidecar", "forkserver", "resource_tracker"):
            if helper.encode() in said:
                return f"{name}_{helper}" if parent == leader else None
    return None


def _own_kb(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
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
