"""What happens in a simulation: all of it follows from a number."""

import random
from dataclasses import dataclass

from simulation.receiver import MOODS

LASTS_S = 6.0
WORKERS = 2


@dataclass(frozen=True)
class JobPlan:
    """What a caller does with a job."""

    number: int
    at_s: float
    kind: str
    seed: int
    approvals: tuple[str, ...]
    callback: bool
    cancels_after_s: float | None
    approves_after_s: float
    edits: bool
    refuses: bool
    again: str | None
    """A stage to be made again once the job is done; empty for all of it."""


@dataclass(frozen=True)
class Blow:
    """Something that goes wrong, and for how long."""

    at_s: float
    what: str
    lasts_s: float
    worker: int = 0
    mood: str = ""


@dataclass(frozen=True)
class Schedule:
    seed: int
    jobs: tuple[JobPlan, ...]
    blows: tuple[Blow, ...]


BLOWS = (
    "kill_worker",
    "kill_worker",
    "kill_server",
    "kill_both",
    "freeze_worker",
    "freeze_machine",
    "database_away",
    "storage_away",
    "receiver",
    "receiver",
)
STAGES = {"speak": ("speak", "render"), "dub": ("separate", "transcribe", "translate", "speak", "finish")}
APPROVABLE = {"speak": ("speak", "render"), "dub": ("transcribe", "translate", "speak")}


def schedule_of(seed: int) -> Schedule:
    chance = random.Random(seed)  # noqa: S311
    return Schedule(
        seed,
        tuple(_job(chance, number) for number in range(chance.randint(3, 6))),
        tuple(sorted((_blow(chance) for _ in range(chance.randint(2, 4))), key=lambda blow: blow.at_s)),
    )


def _job(chance: random.Random, number: int) -> JobPlan:
    kind = chance.choice(("speak", "dub"))
    return JobPlan(
        number=number,
        at_s=chance.uniform(0, LASTS_S * 0.7),
        kind=kind,
        seed=chance.randrange(2**32),
        approvals=tuple(name for name in APPROVABLE[kind] if chance.random() < 0.3),
        callback=chance.random() < 0.8,
        cancels_after_s=chance.uniform(0, 3) if chance.random() < 0.15 else None,
        approves_after_s=chance.uniform(0, 1),
        edits=chance.random() < 0.5,
        refuses=chance.random() < 0.1,
        again=chance.choice(("", *STAGES[kind])) if chance.random() < 0.35 else None,
    )


def _blow(chance: random.Random) -> Blow:
    what = chance.choice(BLOWS)
    lasts_s = chance.uniform(0.2, 6.0) if what.startswith("freeze") else chance.uniform(0.2, 3.0)
    return Blow(chance.uniform(0.5, LASTS_S), what, lasts_s, chance.randrange(WORKERS), chance.choice(MOODS))
