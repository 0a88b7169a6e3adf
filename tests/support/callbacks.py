"""Jobs whose events go to a server of the test."""

from dataclasses import dataclass, field
from itertools import count

from pydantic import HttpUrl

from lipwright.contracts.job import Callback, JobRequest, SpeakSpec
from lipwright.contracts.route import StagePlan
from lipwright.store.database import Database
from lipwright.store.deliveries import Delivery, list_deliveries
from lipwright.store.jobs.ask import cancel_job
from lipwright.store.jobs.create import create_job
from lipwright.store.jobs.runs import begin_run
from lipwright.store.workspaces import ensure_workspace

WORKSPACE = "acme"
START_MS = 1_900_000_000_000


@dataclass
class Clock:
    """Stands still until it is moved."""

    now_ms: int = START_MS

    def __call__(self) -> int:
        return self.now_ms

    def forward(self, seconds: float) -> None:
        self.now_ms += round(seconds * 1000)


@dataclass
class Events:
    """Makes jobs, and makes things happen to them."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    _number: "count[int]" = field(default_factory=lambda: count(1))

    def job(self, url: str, *, secret: str = "default") -> str:  # noqa: S107 a name
        """A new job, and its event `job.accepted`."""
        request = JobRequest(
            spec=SpeakSpec(face="0" * 64, text="Hallo"), callback=Callback(url=HttpUrl(url), secret=secret)
        )
        with self.database.begin() as c:
            ensure_workspace(c, WORKSPACE, self.clock())
            made = create_job(
                c,
                WORKSPACE,
                request,
                [StagePlan("voice", "cpu")],
                key=None,
                body_digest=str(next(self._number)),
                now_ms=self.clock(),
            )
        return made.job_id

    def start(self, job: str) -> None:
        """`job.started`."""
        with self.database.begin() as c:
            assert begin_run(c, job, 1, self.clock())

    def cancel(self, job: str) -> None:
        """`job.cancelled`."""
        with self.database.begin() as c:
            assert cancel_job(c, WORKSPACE, job, self.clock())

    def deliveries(self, job: str | None = None) -> list[Delivery]:
        """Oldest first."""
        with self.database.read() as c:
            found = list_deliveries(c, WORKSPACE, limit=100, job=job).items
        return sorted(found, key=lambda delivery: (delivery.job, delivery.sequence))
