"""What is promised of the job service, measured over its HTTP API with stages that sleep. Prints one JSON document.

python -m benchmarks.service --database sqlite
python -m benchmarks.service --database postgres --only creation webhooks

A table with the promises goes to stderr. A promise that is missed is printed, and fails nothing; a job that is lost or
an event that is missing fails the run.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from benchmarks.machine import describe_machine
from benchmarks.service_house import House, house
from benchmarks.service_load import (
    Caller,
    body,
    cpu_s,
    create_at_rate,
    events,
    receiving,
    seconds,
    states,
    undelivered,
    until_all_ended,
    wrong_jobs,
)
from lipwright.store.tables import stage_run, worker_lease

RATES = {"sqlite": 100.0, "postgres": 200.0}
"""Jobs that are made in a second."""
LOAD_S = 10.0
SMALL_JOBS = 300
STAGES = 20
WINDOWS, WINDOW_S, WORKERS = 60, 0.5, 3
WEBHOOK_JOBS, WEBHOOK_RATE = 60, 4.0
PATIENCE_S = 120.0
PROMISES: dict[str, tuple[str, float]] = {
    "creation_p99_ms": ("<=", 50.0),
    "small_jobs_per_s": (">=", 60.0),
    "stage_overhead_ms": ("<=", 60.0),
    "webhook_p95_ms": ("<=", 500.0),
    "windows_speedup": (">=", 2.5),
}
Figures = dict[str, float]


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser()
    options.add_argument("--database", choices=RATES, required=True)
    options.add_argument("--only", nargs="+", choices=PARTS, default=[*PARTS])
    given = options.parse_args()
    machine = describe_machine()
    _say(machine)
    figures: Figures = {}
    quality: dict[str, Any] = {}
    load: dict[str, float] = {}
    for part in given.only:
        load[part] = round(os.getloadavg()[0], 1)
        measured, seen = PARTS[part](given.database)
        figures |= {name: round(value, 2) for name, value in measured.items()}
        quality[part] = seen
        for name, value in measured.items():
            sign, promise = PROMISES.get(name, ("", 0.0))
            missed = (sign == "<=" and value > promise) or (sign == ">=" and value < promise)
            _say(f"{name:28} {value:10.2f}   {f'{sign} {promise:g}' if sign else ''} {'MISSED' if missed else ''}")
        _say(f"{'':28} {seen}")
    document = {
        "machine": machine.splitlines(),
        "database": given.database,
        "load_before": load,
        "figures": figures,
        "quality": quality,
    }
    print(json.dumps(document, indent=1))  # noqa: T201 the result
    if any(seen["wrong"] for seen in quality.values()):
        raise SystemExit("error: jobs or events were lost")


def creation(kind: str) -> tuple[Figures, dict[str, Any]]:
    """How long it takes to make a job, at a steady rate, while no worker works."""
    rate = RATES[kind]
    with house(kind) as made:
        _, url = made.server()
        content = body(made, [("cpu", 0.0)])
        create_at_rate(url, made.token, content, rate, round(rate))  # the first ones load what is loaded once
        result = create_at_rate(url, made.token, content, rate, round(rate * LOAD_S))
        there = sum(states(made).values()) - round(rate)
    lost = len(result.jobs) - there
    figures = {
        "creation_per_s": rate,
        "creation_p50_ms": statistics.median(result.took_ms),
        "creation_p99_ms": _percentile(result.took_ms, 99),
        "creation_from_schedule_p99_ms": _percentile(result.from_schedule_ms, 99),
    }
    seen = {"made": len(result.jobs), "errors": result.errors[:3], "wrong": len(result.errors) + lost}
    return figures, seen


def small_jobs(kind: str) -> tuple[Figures, dict[str, Any]]:
    """How many jobs of one stage that does nothing go through one worker, from the first started to the last done."""
    with house(kind) as made:
        _, url = made.server()
        result = create_at_rate(url, made.token, body(made, [("io", 0.0)]), 50, SMALL_JOBS)
        worker = made.worker()
        _until_live(made, 1)
        begin_s = cpu_s(worker.pid)
        ended = until_all_ended(made, PATIENCE_S)
        worked_s = cpu_s(worker.pid) - begin_s
        told = events(made)
    times = [(seconds(of_job[1]["time"]), seconds(of_job[-1]["time"])) for of_job in told.values()]
    took_s = max(end for _, end in times) - min(begin for begin, _ in times)
    wrong = len(wrong_jobs(told, 1)) + len(result.errors)
    figures = {"small_jobs_per_s": SMALL_JOBS / took_s, "small_job_cpu_ms": worked_s * 1000 / SMALL_JOBS}
    return figures, {"completed": len(told), "ended": ended, "wrong": wrong}


def overhead(kind: str) -> tuple[Figures, dict[str, Any]]:
    """What a stage costs beside its work: a job of many stages that do nothing, alone on a worker."""
    with house(kind) as made:
        _, url = made.server()
        made.worker()
        for _ in range(4):
            # The server hangs up on a caller who says nothing while a job takes long.
            Caller(url, made.token).create(body(made, [("cpu", 0.0)] * STAGES))
            ended = until_all_ended(made, PATIENCE_S)
        told = events(made)
    all_s = sorted(seconds(of_job[-1]["time"]) - seconds(of_job[1]["time"]) for of_job in told.values())
    wrong = len(wrong_jobs(told, STAGES))
    # The first one starts what is started once.
    return {"stage_overhead_ms": statistics.median(all_s[:3]) * 1000 / STAGES}, {"ended": ended, "wrong": wrong}


def webhooks(kind: str) -> tuple[Figures, dict[str, Any]]:
    """How long after it happened an event arrives at a receiver that answers at once."""
    with house(kind) as made, receiving() as receiver:
        _, url = made.server()
        made.worker()
        Caller(url, made.token).create(body(made, [("cpu", 0.0)]))
        until_all_ended(made, PATIENCE_S)  # the worker is up
        content = body(made, [("io", 0.1), ("io", 0.2)], receiver.url)
        result = create_at_rate(url, made.token, content, WEBHOOK_RATE, WEBHOOK_JOBS)
        ended = until_all_ended(made, PATIENCE_S)
        end_s = time.monotonic() + PATIENCE_S
        while undelivered(made) and time.monotonic() < end_s:
            time.sleep(0.1)
        told = {name: of_job for name, of_job in events(made).items() if name in result.jobs}
    lags = receiver.lags_ms()
    happened = {one["id"] for of_job in told.values() for one in of_job}
    missing = happened - {one["id"] for _, one in receiver.received}
    wrong = len(wrong_jobs(told, 2)) + len(missing) + receiver.out_of_order() + len(result.errors)
    figures = {"webhook_p50_ms": statistics.median(lags), "webhook_p95_ms": _percentile(lags, 95)}
    return figures, {"events": len(happened), "ended": ended, "received": len(lags), "wrong": wrong}


def windows(kind: str) -> tuple[Figures, dict[str, Any]]:
    """How much sooner a job's windows are done by three workers than by one, each of which does one at a time."""
    figures: Figures = {}
    wrong = 0
    for workers in (1, WORKERS):
        with house(kind) as made:
            _, url = made.server()
            for _ in range(workers):
                made.worker()
            _all_work(made, url, workers)
            job_id = Caller(url, made.token).create(body(made, [("gpu", WINDOW_S, WINDOWS)]))
            until_all_ended(made, PATIENCE_S)
            told = events(made)[job_id]
            with made.database.read() as connection:
                of_job = sa.select(stage_run.c.executor).where(
                    stage_run.c.job == job_id, stage_run.c.parent.is_not(None)
                )
                done = connection.execute(of_job.where(stage_run.c.state == "done")).scalars().all()
        figures[f"windows_{workers}_s"] = seconds(told[-1]["time"]) - seconds(told[1]["time"])
        wrong += len(wrong_jobs({job_id: told}, 1)) + WINDOWS - len(done) + workers - len(set(done))
    figures["windows_speedup"] = figures["windows_1_s"] / figures[f"windows_{WORKERS}_s"]
    return figures, {"wrong": wrong}


def _all_work(made: House, url: str, workers: int) -> None:
    """Wait until each worker is up and has done something."""
    _until_live(made, workers)
    caller = Caller(url, made.token)
    for _ in range(workers * 4):
        caller.create(body(made, [("gpu", 0.5)]))
    until_all_ended(made, PATIENCE_S)


def _until_live(made: House, workers: int) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        with made.database.read() as connection:
            if connection.execute(sa.select(sa.func.count()).select_from(worker_lease)).scalar_one() >= workers:
                return
        time.sleep(0.05)


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 for whoever watches


PARTS: dict[str, Callable[[str], tuple[Figures, dict[str, Any]]]] = {
    "creation": creation,
    "small_jobs": small_jobs,
    "overhead": overhead,
    "webhooks": webhooks,
    "windows": windows,
}

if __name__ == "__main__":
    main()
