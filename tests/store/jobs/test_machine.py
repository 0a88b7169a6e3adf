"""Whatever is done to a job, in whatever order, by whoever woke up late: nothing is lost, and nothing happens twice."""

import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lipwright.contracts.job import (
    FINAL,
    ApprovalRequest,
    EventType,
    EventView,
    JobState,
    RetryRequest,
    StageState,
)
from lipwright.errors import Cancelled, JobBusy
from lipwright.store.database import Database
from lipwright.store.jobs.ask import approve_job, cancel_job, retry_job
from lipwright.store.jobs.attempts import begin_stage, fail_stage, hand_back_stage, publish_stage, set_progress
from lipwright.store.jobs.parts import divide_stage
from lipwright.store.jobs.rows import load_run, part_name
from lipwright.store.jobs.runs import begin_run, complete_job, wait_for
from support.job_rows import ACME, BROKEN, PLANS, STAGES, Workshop, digest

FINAL_EVENTS = (EventType.COMPLETED, EventType.FAILED, EventType.CANCELLED)
PARTS = tuple(part_name("separate", part) for part in ("0", "1"))
ANY_STAGE = st.sampled_from(STAGES)
ANY_ROW = st.sampled_from([*STAGES, *PARTS, *PARTS])


@cache
def _migrated() -> bytes:
    """An SQLite file without rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lipwright.db"
        database = Database(f"sqlite:///{path}")
        database.migrate()
        database.close()
        return path.read_bytes()


class Job(RuleBasedStateMachine):
    """One job, the tokens of all attempts there ever were, and how often each stage of each making was published."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "lipwright.db"
        path.write_bytes(_migrated())
        self.database = Database(f"sqlite:///{path}")
        self.shop = Workshop(self.database)
        self.attempts: list[tuple[str, str]] = []
        self.published: Counter[str] = Counter()
        self.seen: list[EventView] = []
        self.retried = False

    @initialize(approves=st.booleans())
    def create(self, approves: bool) -> None:
        self.job = self.shop.create(
            approvals=["translate"] if approves else [], callback={"url": "https://example.org/hook"}
        )
        self.state = JobState.QUEUED

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    @rule(run=st.integers(0, 6))
    def begin_any_run(self, run: int) -> None:
        with self.database.begin() as c:
            begin_run(c, self.job, run, self.shop.now_ms)

    @rule()
    def begin_standing_run(self) -> None:
        with self.database.begin() as c:
            begin_run(c, self.job, load_run(c, self.job).run, self.shop.now_ms)

    @rule(stage=ANY_ROW, late=st.booleans())
    def begin_attempt(self, stage: str, late: bool) -> None:
        token = f"token {len(self.attempts)}"
        with self.database.begin() as c:
            run = load_run(c, self.job)
            try:
                start = begin_stage(c, self.job, run.run - late, stage, token, "worker", self.shop.now_ms)
            except Cancelled:
                assert late or run.state != JobState.RUNNING
                return
        assert not late
        if start is not None:
            self.attempts.append((stage, token))

    @precondition(lambda self: self.attempts)
    @rule(data=st.data())
    def publish(self, data: st.DataObject) -> None:
        stage, token = data.draw(st.sampled_from(self.attempts))
        with self.database.begin() as c:
            made = {stage: digest((*STAGES, *PARTS).index(stage))}
            if publish_stage(c, self.job, stage, token, made, self.shop.now_ms):
                self.published[stage] += 1

    @precondition(lambda self: self.attempts)
    @rule(data=st.data())
    def divide(self, data: st.DataObject) -> None:
        stage, token = data.draw(st.sampled_from(self.attempts))
        with self.database.begin() as c:
            if stage == "separate" and not load_run(c, self.job).stages[0].parts:
                divide_stage(c, self.job, stage, token, ("0", "1"))

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), progress=st.floats(0, 1))
    def progress(self, data: st.DataObject, progress: float) -> None:
        stage, token = data.draw(st.sampled_from(self.attempts))
        with self.database.begin() as c:
            set_progress(c, self.job, stage, token, progress, None, self.shop.now_ms)

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), for_good=st.booleans())
    def give_up(self, data: st.DataObject, for_good: bool) -> None:
        stage, token = data.draw(st.sampled_from(self.attempts))
        with self.database.begin() as c:
            if for_good:
                fail_stage(c, self.job, stage, token, BROKEN, self.shop.now_ms)
            else:
                hand_back_stage(c, self.job, stage, token)

    @rule(stage=ANY_STAGE)
    def wait(self, stage: str) -> None:
        with self.database.begin() as c:
            run = load_run(c, self.job)
            if stage in run.snapshot.approvals:
                wait_for(c, self.job, run.run, stage, self.shop.now_ms)

    @rule(late=st.booleans())
    def complete(self, late: bool) -> None:
        with self.database.begin() as c:
            run = load_run(c, self.job)
            if all(row.state is StageState.DONE for row in run.stages):
                assert not (complete_job(c, self.job, run.run - late, {}, self.shop.now_ms) and late)

    @rule()
    def cancel(self) -> None:
        with self.database.begin() as c:
            cancel_job(c, ACME, self.job, self.shop.now_ms)

    @rule(stage=st.none() | ANY_STAGE, only=st.booleans(), line=st.none() | st.integers(1, 3))
    def retry(self, stage: str | None, only: bool, line: int | None) -> None:
        request = RetryRequest(stage=stage, only=only and stage is not None, line=line if stage else None)
        with self.database.begin() as c:
            before = load_run(c, self.job)
            try:
                run = retry_job(c, ACME, self.job, request, self.shop.now_ms)
            except JobBusy:
                assert before.state not in FINAL
                return
            after = load_run(c, self.job)
        assert run == before.run + 1
        self.retried = True
        for old, new in zip(before.stages, after.stages, strict=True):
            if old.approved and old.name != stage:
                assert new == old
            if new.state is StageState.PENDING:
                self.published[new.name] = 0
        done = [part.name for row in after.stages for part in row.parts if part.state is StageState.DONE]
        for part in set(PARTS).difference(done):
            self.published[part] = 0

    @rule(approved=st.booleans(), edited=st.booleans())
    def approve(self, approved: bool, edited: bool) -> None:
        edits = {"translate": digest(7)} if edited else {}
        with self.database.begin() as c:
            before = load_run(c, self.job)
            try:
                request = ApprovalRequest(stage="translate", approved=approved, edits=edits)
                run = approve_job(c, ACME, self.job, request, self.shop.now_ms)
            except JobBusy:
                assert before.state is not JobState.WAITING
                return
        assert run == (before.run + 1 if approved else None)

    @rule(ms=st.integers(0, 3000))
    def time_passes(self, ms: int) -> None:
        self.shop.now_ms += ms

    @invariant()
    def no_event_is_lost_changed_or_out_of_order(self) -> None:
        events = self.shop.events(self.job)
        assert events[: len(self.seen)] == self.seen
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        self.seen = events

    @invariant()
    def stage_is_published_once_until_it_is_wanted_again(self) -> None:
        assert all(self.published[name] <= 1 for name in (*STAGES, *PARTS))
        with self.database.read() as c:
            run = load_run(c, self.job)
        assert [row.name for row in run.stages] == [plan.name for plan in PLANS]
        first = run.stages[0]
        assert first.state is not StageState.DONE or all(part.state is StageState.DONE for part in first.parts)
        for row in (*run.stages, *first.parts):
            made = row.state in (StageState.DONE, StageState.WAITING)
            assert made == bool(self.published[row.name])
            assert made == bool(row.outputs)

    @invariant()
    def state_agrees_with_the_last_word_about_it_and_final_ones_stay(self) -> None:
        view = self.shop.view(self.job)
        if self.state in FINAL and not self.retried:
            assert view.state == self.state
        self.state, self.retried = view.state, False
        assert (view.waits_for is not None) == (view.state is JobState.WAITING)
        assert (view.error is not None) == (view.state is JobState.FAILED)
        assert any(stage.state is StageState.WAITING for stage in view.stages) == (view.state is JobState.WAITING)
        told = [event for event in self.seen if event.type in FINAL_EVENTS]
        if view.state in FINAL:
            assert self.seen[-1].type == f"job.{view.state}" == told[-1].type
        if view.state is not JobState.RUNNING:
            assert all(stage.state is not StageState.RUNNING for stage in view.stages)


Job.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestJobs = Job.TestCase
