"""A workspace with jobs of three stages, done by hand: `separate`, `translate`, which may be approved, and `mux`."""

import itertools
from dataclasses import dataclass, field

from lipwright.contracts.job import DubSpec, ErrorView, EventView, JobRequest, JobView
from lipwright.contracts.route import StagePlan
from lipwright.store.asset_rows import add_asset
from lipwright.store.database import Database
from lipwright.store.events import events_after
from lipwright.store.jobs.attempts import StageStart, begin_stage, fail_stage, publish_stage
from lipwright.store.jobs.create import create_job
from lipwright.store.jobs.rows import load_run
from lipwright.store.jobs.runs import begin_run, complete_job, wait_for
from lipwright.store.jobs.views import get_job
from lipwright.store.workspaces import ensure_workspace

ACME = "acme"
OTHER = "other"
VIDEO = "0" * 64
PLANS = (StagePlan("separate", "gpu"), StagePlan("translate", "cpu", approvable=True), StagePlan("mux", "cpu"))
STAGES = tuple(plan.name for plan in PLANS)
BROKEN = ErrorView(code="provider_failed", message="No.", retryable=False)


def digest(number: int) -> str:
    return f"{number:064x}"


def dub(**fields: object) -> JobRequest:
    return JobRequest.model_validate({"spec": DubSpec(video=VIDEO, target="de"), **fields})


@dataclass
class Workshop:
    """One worker, and the clock of everybody."""

    database: Database
    now_ms: int = 1_000_000
    _tokens: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        with self.database.begin() as c:
            for workspace in (ACME, OTHER):
                ensure_workspace(c, workspace, self.now_ms)
                for number in range(10):
                    add_asset(
                        c,
                        workspace,
                        digest(number),
                        name=f"{number}.bin",
                        media_type="application/octet-stream",
                        size_bytes=number,
                        now_ms=self.now_ms,
                    )

    def create(self, *, workspace: str = ACME, key: str | None = None, **fields: object) -> str:
        request = dub(**fields)
        with self.database.begin() as c:
            made = create_job(c, workspace, request, PLANS, key=key, body_digest="body", now_ms=self.now_ms)
            return made.job_id

    def view(self, job: str) -> JobView:
        with self.database.read() as c:
            return get_job(c, ACME, job)

    def events(self, job: str) -> list[EventView]:
        with self.database.read() as c:
            return events_after(c, ACME, job, 0, 1000)

    def begin(self, job: str) -> int:
        """The run that stands begins."""
        with self.database.begin() as c:
            run = load_run(c, job).run
            assert begin_run(c, job, run, self.now_ms)
            return run

    def attempt(self, job: str, stage: str) -> tuple[str, StageStart | None]:
        """A fresh token, and what the attempt has to know."""
        token = f"token {next(self._tokens)}"
        with self.database.begin() as c:
            return token, begin_stage(c, job, load_run(c, job).run, stage, token, "worker", self.now_ms)

    def publish(self, job: str, stage: str, token: str, **outputs: str) -> bool:
        with self.database.begin() as c:
            return publish_stage(c, job, stage, token, outputs, self.now_ms)

    def do(self, job: str, *stages: str) -> None:
        """Stages are made, each a file of its own name."""
        for stage in stages:
            token, start = self.attempt(job, stage)
            assert start is not None
            assert self.publish(job, stage, token, **{stage: digest(STAGES.index(stage) + 1)})

    def fail(self, job: str, stage: str, error: ErrorView = BROKEN) -> None:
        token, _ = self.attempt(job, stage)
        with self.database.begin() as c:
            assert fail_stage(c, job, stage, token, error, self.now_ms)

    def wait(self, job: str, stage: str) -> None:
        with self.database.begin() as c:
            assert wait_for(c, job, load_run(c, job).run, stage, self.now_ms)

    def complete(self, job: str) -> None:
        with self.database.begin() as c:
            run = load_run(c, job)
            made = {name: one for row in run.stages for name, one in row.made.items()}
            assert complete_job(c, job, run.run, {"mux": made["mux"]}, self.now_ms)

    def finished(self) -> str:
        """A job that is complete."""
        job = self.create()
        self.begin(job)
        self.do(job, *STAGES)
        self.complete(job)
        return job

    def waiting(self) -> str:
        """A job whose translation waits for a person."""
        job = self.create(approvals=["translate"])
        self.begin(job)
        self.do(job, "separate", "translate")
        self.wait(job, "translate")
        return job
