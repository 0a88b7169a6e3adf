"""Figures for Prometheus: requests of this process, and jobs, stages and deliveries as the rows tell. Nothing personal.

Figures of rows are those of all processes together, over what retention has left; each process shows the same.
"""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from lipwright.contracts.job import JobState, StageState
from lipwright.jobs.waiting import oldest_waiting
from lipwright.store.database import Database
from lipwright.store.tables import delivery, delivery_try, event, job, stage_run

_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_STAGE_S = (1, 5, 15, 60, 300, 900, 3600, 14_400)
_LAG_S = (0.25, 0.5, 1, 5, 30, 300, 3600, 86_400)


class Telemetry:
    """The figures of one application."""

    def __init__(self, database: Database) -> None:
        self._registry = CollectorRegistry()
        names = ("method", "route", "status")
        self._requests = Counter("lipwright_requests", "Requests answered.", names, registry=self._registry)
        self._request_s = Histogram(
            "lipwright_request_seconds",
            "Time to the end of an answer.",
            ("method", "route"),
            buckets=_REQUEST_S,
            registry=self._registry,
        )
        self._registry.register(_Rows(database))

    def observe(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count a request. `status` 0 is one whose caller went away."""
        known = method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._request_s.labels(known, route).observe(took_s)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it.

        Raises: DatabaseFailed.
        """
        return generate_latest(self._registry)


class _Rows(Collector):
    """What the rows tell, read when somebody asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterator[Metric]:
        """No names beforehand: registering asks nothing of the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        with self._database.read() as c:
            yield from _jobs(c, self._database.now_ms(c))
            yield from _stages(c)
            yield from _deliveries(c, self._database.now_ms(c))


def _jobs(c: sa.Connection, now_ms: int) -> Iterator[Metric]:
    counts = GaugeMetricFamily("lipwright_jobs", "Jobs that are kept.", labels=("kind", "state"))
    for kind, state, number in c.execute(sa.select(job.c.kind, job.c.state, sa.func.count()).group_by("kind", "state")):
        counts.add_metric((kind, state), number)
    yield counts
    ages = GaugeMetricFamily("lipwright_queue_age_seconds", "Age of the job that waits longest.", labels=("kind",))
    waiting = job.c.state == JobState.QUEUED
    oldest = sa.select(job.c.kind, sa.func.min(job.c.updated_ms)).where(waiting).group_by(job.c.kind)
    for kind, since_ms in c.execute(oldest):
        ages.add_metric((kind,), max(0, now_ms - since_ms) / 1000)
    yield ages
    waits = GaugeMetricFamily(
        "lipwright_queue_wait_seconds",
        "Age of what waits longest for a worker: jobs in `avatar` and `dubbing`, stages in the other queues.",
        labels=("queue",),
    )
    for queue, first_ms in oldest_waiting(c).items():
        waits.add_metric((queue,), 0 if first_ms is None else max(0, now_ms - first_ms) / 1000)
    yield waits


def _stages(c: sa.Connection) -> Iterator[Metric]:
    counts = GaugeMetricFamily("lipwright_stages", "Stages of the jobs that are kept.", labels=("stage", "state"))
    stages = stage_run.c
    whole = stages.parent.is_(None)  # parts are as many as the longest video has
    for name, state, number in c.execute(
        sa.select(stages.stage, stages.state, sa.func.count()).where(whole).group_by(stages.stage, stages.state)
    ):
        counts.add_metric((name, state), number)
    yield counts
    again = GaugeMetricFamily("lipwright_stage_retries", "Attempts behind the first.", labels=("stage",))
    named = sa.func.coalesce(stages.parent, stages.stage)
    for name, attempts in c.execute(
        sa.select(named, sa.func.sum(stages.attempt - 1)).where(stages.attempt > 1).group_by(named)
    ):
        again.add_metric((name,), float(attempts))
    yield again
    took_ms = stages.ended_ms - stages.started_ms
    times = HistogramMetricFamily("lipwright_stage_seconds", "Time of finished stages.", labels=("stage",))
    done = sa.and_(whole, stages.state.in_((StageState.DONE, StageState.WAITING)), took_ms.is_not(None))
    for name, *figures in c.execute(
        sa.select(stages.stage, *_buckets(took_ms, _STAGE_S)).where(done).group_by(stages.stage)
    ):
        _add(times, (name,), figures, _STAGE_S)
    yield times


def _deliveries(c: sa.Connection, now_ms: int) -> Iterator[Metric]:
    counts = GaugeMetricFamily("lipwright_deliveries", "Events for callbacks.", labels=("state",))
    for state, number in c.execute(sa.select(delivery.c.state, sa.func.count()).group_by(delivery.c.state)):
        counts.add_metric((state,), number)
    yield counts
    joined = sa.join(delivery, event, delivery.c.event == event.c.id)
    lag_ms = delivery.c.delivered_ms - event.c.created_ms
    lags = HistogramMetricFamily("lipwright_webhook_lag_seconds", "From an event to its arrival.")
    for figures in c.execute(
        sa.select(*_buckets(lag_ms, _LAG_S)).select_from(joined).where(delivery.c.delivered_ms.is_not(None))
    ):
        _add(lags, (), list(figures), _LAG_S)
    yield lags
    oldest = GaugeMetricFamily("lipwright_webhook_age_seconds", "Age of the event that waits longest for its callback.")
    due = sa.select(sa.func.min(event.c.created_ms)).select_from(joined).where(delivery.c.state == "due")
    since_ms = c.execute(due).scalar_one()
    oldest.add_metric((), 0 if since_ms is None else max(0, now_ms - since_ms) / 1000)
    yield oldest
    failed = GaugeMetricFamily("lipwright_webhook_failures", "Tries that a callback did not take.", labels=("problem",))
    tries = delivery_try.c
    for problem, number in c.execute(
        sa.select(tries.problem, sa.func.count()).where(tries.problem.is_not(None)).group_by(tries.problem)
    ):
        failed.add_metric((problem,), number)
    yield failed


def _buckets(milliseconds: sa.ColumnElement[int], bounds_s: Sequence[float]) -> list[sa.ColumnElement[int]]:
    """How many are within each bound, how many there are, and their sum."""
    within = [sa.func.sum(sa.case((milliseconds <= round(bound * 1000), 1), else_=0)) for bound in bounds_s]
    return [*within, sa.func.count(), sa.func.coalesce(sa.func.sum(milliseconds), 0)]


def _add(
    family: HistogramMetricFamily, labels: tuple[str, ...], figures: Sequence[int | None], bounds_s: Sequence[float]
) -> None:
    *within, number, sum_ms = (float(figure or 0) for figure in figures)
    buckets = [(str(float(bound)), count) for bound, count in zip(bounds_s, within, strict=True)]
    family.add_metric(labels, [*buckets, ("+Inf", number)], sum_ms / 1000)
