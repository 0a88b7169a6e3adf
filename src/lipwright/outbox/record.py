"""What is taken to be sent, and how each try of it is written down and counted."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from lipwright.outbox.schedule import next_try_ms
from lipwright.outbox.send import Message, Outcome
from lipwright.store.database import Database
from lipwright.store.deliveries import DeliveryState, Due, record_try


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that nobody else sends now."""

    delivery: Due
    message: Message
    started_ms: int

    @property
    def host(self) -> str:
        """Who receives it."""
        return host_of(self.delivery.url)


@dataclass(frozen=True, slots=True)
class Tried:
    """One try, for whoever counts."""

    event: str
    job: str
    workspace: str
    type: str
    """`job.completed`."""
    state: DeliveryState
    """What the delivery is now."""
    status: int | None
    problem: str | None
    """None: it was taken."""
    took_s: float
    lag_s: float
    """From the event, or from the wish to send it again, to the end of the try."""


OnTry = Callable[[Tried], None]


def ignore(tried: Tried) -> None:
    """Count nothing."""


class Recorder:
    """Writes tries down. Any thread may use it."""

    def __init__(self, database: Database, on_try: OnTry = ignore, chance: Callable[[], float] = random.random) -> None:
        """
        Args:
            chance: 0 to 1.
        """
        self._database, self._on_try, self._chance = database, on_try, chance

    def record(self, taken: Taken, outcome: Outcome, took_s: float) -> None:
        """Write a try down, and when the next one is due.

        Raises: DatabaseFailed.
        """
        delivery, took_ms = taken.delivery, round(took_s * 1000)
        ended_ms = taken.started_ms + took_ms
        problem = _problem(outcome)
        next_ms = None
        if problem is not None and not outcome.is_final:
            next_ms = next_try_ms(delivery.tries + 1, delivery.since_ms, ended_ms, self._chance(), outcome.after_s)
        with self._database.begin() as connection:
            state = record_try(
                connection,
                delivery,
                started_ms=taken.started_ms,
                took_ms=took_ms,
                status=outcome.status,
                problem=problem,
                next_ms=next_ms,
            )
        self._on_try(
            Tried(
                event=delivery.event,
                job=delivery.job,
                workspace=delivery.workspace,
                type=delivery.type,
                state=state,
                status=outcome.status,
                problem=problem,
                took_s=took_s,
                lag_s=(ended_ms - delivery.since_ms) / 1000,
            )
        )


def host_of(url: str) -> str:
    """Who is behind a URL, for counting; its own text where it is none."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return url
    return parts.netloc.decode("ascii", "replace")


def _problem(outcome: Outcome) -> str | None:
    if outcome.problem is None or outcome.status is None:
        return outcome.problem and str(outcome.problem)
    return f"{outcome.problem} {outcome.status}"
