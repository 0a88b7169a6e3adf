"""Rows of a divided stage: what parts change in it, and what becomes of them when something is made again."""

import pytest

from lipwright.contracts.job import EventType, JobState, RetryRequest, StageState
from lipwright.errors import Cancelled
from lipwright.store.asset_rows import unreferenced
from lipwright.store.database import Database
from lipwright.store.jobs.ask import cancel_job, retry_job
from lipwright.store.jobs.attempts import begin_stage, fail_stage, hand_back_stage, is_wanted, set_progress
from lipwright.store.jobs.forget import forget_jobs
from lipwright.store.jobs.parts import divide_stage
from lipwright.store.jobs.rows import StageRow, load_run
from support.job_rows import ACME, BROKEN, Workshop, digest

PARTS = ("0", "1", "2")
NAMES = tuple(f"separate/{part}" for part in PARTS)


@pytest.fixture
def shop(database: Database) -> Workshop:
    return Workshop(database)


def _divided(shop: Workshop) -> str:
    job = shop.create()
    shop.begin(job)
    token, _ = shop.attempt(job, "separate")
    with shop.database.begin() as c:
        assert divide_stage(c, job, "separate", token, PARTS)
    return job


def _first(shop: Workshop, job: str) -> StageRow:
    with shop.database.read() as c:
        return load_run(c, job).stages[0]


def _make(shop: Workshop, job: str, *parts: str) -> None:
    for part in parts:
        token, _ = shop.attempt(job, part)
        assert shop.publish(job, part, token, part=digest(NAMES.index(part) + 5))


def _retry(shop: Workshop, job: str, **request: object) -> None:
    with shop.database.begin() as c:
        retry_job(c, ACME, job, RetryRequest.model_validate(request), shop.now_ms)


def _joined(shop: Workshop) -> str:
    job = _divided(shop)
    _make(shop, job, *NAMES)
    shop.do(job, "separate", "translate", "mux")
    shop.complete(job)
    return job


def test_a_stage_is_divided_once_by_the_attempt_that_counts(shop: Workshop) -> None:
    job = shop.create()
    shop.begin(job)
    late, _ = shop.attempt(job, "separate")
    token, _ = shop.attempt(job, "separate")
    with shop.database.begin() as c:
        assert not divide_stage(c, job, "separate", late, PARTS)
        assert divide_stage(c, job, "separate", token, PARTS)
        assert not divide_stage(c, job, "separate", token, PARTS)
        assert not is_wanted(c, job, "separate", token)
    row = _first(shop, job)
    assert (row.state, row.attempt, [part.name for part in row.parts]) == (StageState.RUNNING, 0, [*NAMES])
    assert {(part.queue, part.state) for part in row.parts} == {("gpu", StageState.PENDING)}
    assert [stage.name for stage in shop.view(job).stages] == ["separate", "translate", "mux"]


def test_a_divided_stage_begins_when_all_its_parts_are_done(shop: Workshop) -> None:
    job = _divided(shop)
    _make(shop, job, *NAMES[1:])
    assert shop.attempt(job, "separate")[1] is None
    _make(shop, job, NAMES[0])
    assert shop.attempt(job, NAMES[0])[1] is None
    token, start = shop.attempt(job, "separate")
    assert start is not None
    assert start.attempt == 1
    assert shop.publish(job, "separate", token, separate=digest(1))
    row = _first(shop, job)
    assert (row.state, row.outputs) == (StageState.DONE, {"separate": digest(1)})
    assert [part.outputs for part in row.parts] == [{"part": digest(number)} for number in (5, 6, 7)]


def test_only_the_last_attempt_at_a_part_is_heard(shop: Workshop) -> None:
    job = _divided(shop)
    late, _ = shop.attempt(job, NAMES[0])
    token, start = shop.attempt(job, NAMES[0])
    assert start is not None
    assert start.attempt == 2
    assert not shop.publish(job, NAMES[0], late, part=digest(9))
    assert shop.publish(job, NAMES[0], token, part=digest(8))
    assert not shop.publish(job, NAMES[0], token, part=digest(9))
    assert _first(shop, job).parts[0].outputs == {"part": digest(8)}
    assert shop.view(job).stages[0].attempt == 2


def test_progress_is_that_of_parts_and_of_their_join(shop: Workshop) -> None:
    job = _divided(shop)
    _make(shop, job, NAMES[0])
    token, _ = shop.attempt(job, NAMES[1])
    shop.now_ms += 3_000
    with shop.database.begin() as c:
        assert set_progress(c, job, NAMES[1], token, 0.5, 1.0, shop.now_ms)
    view = shop.view(job).stages[0]
    assert view.progress == pytest.approx(1.5 / 4)
    assert view.remaining_s == pytest.approx(3 * 2.5 / 1.5)
    assert shop.events(job)[-1].progress == pytest.approx(1.5 / 4)
    assert shop.publish(job, NAMES[1], token, part=digest(6))
    _make(shop, job, NAMES[2])
    token, _ = shop.attempt(job, "separate")
    assert shop.view(job).stages[0].progress == pytest.approx(3 / 4)
    with shop.database.begin() as c:
        assert set_progress(c, job, "separate", token, 0.5, 1.0, shop.now_ms)
    assert shop.view(job).stages[0].progress == pytest.approx(3.5 / 4)
    with shop.database.begin() as c:
        assert hand_back_stage(c, job, "separate", token)
    view = shop.view(job).stages[0]
    assert (view.state, view.progress) == (StageState.RUNNING, pytest.approx(3 / 4))
    assert not [event for event in shop.events(job) if event.outputs], "nothing tells of what parts made"


def test_a_failed_part_fails_its_stage_and_stops_the_others(shop: Workshop) -> None:
    job = _divided(shop)
    _make(shop, job, NAMES[0])
    other, _ = shop.attempt(job, NAMES[1])
    token, _ = shop.attempt(job, NAMES[2])
    with shop.database.begin() as c:
        assert fail_stage(c, job, NAMES[2], token, BROKEN, shop.now_ms)
    view = shop.view(job)
    assert (view.state, view.stages[0].state) == (JobState.FAILED, StageState.FAILED)
    assert view.error == view.stages[0].error == BROKEN.model_copy(update={"part": 3})
    assert not shop.publish(job, NAMES[1], other, part=digest(6))
    last = shop.events(job)[-1]
    assert (last.type, last.stage, last.error) == (EventType.FAILED, "separate", view.error)
    _retry(shop, job)
    states = [part.state for part in _first(shop, job).parts]
    assert states == [StageState.DONE, StageState.PENDING, StageState.PENDING]
    assert [part.attempt for part in _first(shop, job).parts] == [1, 0, 0]
    shop.begin(job)
    _make(shop, job, *NAMES[1:])
    shop.do(job, "separate")


def test_a_line_makes_its_part_anew_and_keeps_the_others(shop: Workshop) -> None:
    job = _joined(shop)
    _retry(shop, job, stage="separate", line=2)
    row = _first(shop, job)
    assert [part.state for part in row.parts] == [StageState.DONE, StageState.PENDING, StageState.DONE]
    assert (row.state, row.take, row.line, row.lines) == (StageState.PENDING, 0, 2, {2: 1})
    run = shop.begin(job)
    token, start = shop.attempt(job, NAMES[1])
    assert start is not None
    assert (start.attempt, start.take, start.line, start.lines) == (1, 0, 2, {2: 1})
    assert shop.view(job).stages[0].state is StageState.RUNNING
    assert shop.view(job).stages[0].progress == pytest.approx(2 / 4)
    assert shop.publish(job, NAMES[1], token, part=digest(9))
    shop.do(job, "separate")
    with shop.database.begin() as c, pytest.raises(Cancelled):
        begin_stage(c, job, run - 1, NAMES[1], "late", "worker", shop.now_ms)


@pytest.mark.parametrize("request_", [{}, {"stage": "separate"}, {"stage": "separate", "line": 4}])
def test_what_is_made_again_as_a_whole_is_divided_again(shop: Workshop, request_: dict[str, object]) -> None:
    job = _joined(shop)
    _retry(shop, job, **request_)
    assert _first(shop, job).parts == ()
    shop.begin(job)
    token, start = shop.attempt(job, "separate")
    assert start is not None
    with shop.database.begin() as c:
        assert divide_stage(c, job, "separate", token, PARTS[:2])
    _make(shop, job, *NAMES[:2])
    shop.do(job, "separate")


def test_parts_of_what_follows_are_forgotten_and_others_stay(shop: Workshop) -> None:
    job = shop.create()
    shop.begin(job)
    shop.do(job, "separate")
    token, _ = shop.attempt(job, "translate")
    with shop.database.begin() as c:
        assert divide_stage(c, job, "translate", token, PARTS)
        assert cancel_job(c, ACME, job, shop.now_ms)
    _retry(shop, job, stage="mux")
    with shop.database.begin() as c:
        assert len(load_run(c, job).stages[1].parts) == 3
        assert cancel_job(c, ACME, job, shop.now_ms)
    _retry(shop, job, stage="separate", only=True)
    with shop.database.read() as c:
        assert load_run(c, job).stages[1].parts == ()


def test_what_parts_made_is_kept_with_the_job_and_forgotten_with_it(shop: Workshop) -> None:
    job = _joined(shop)
    later_ms = shop.now_ms + 10_000
    made = {(ACME, digest(number)) for number in (5, 6, 7)}
    with shop.database.begin() as c:
        assert made.isdisjoint((row.workspace, row.digest) for row in unreferenced(c, later_ms, 100))
        assert forget_jobs(c, later_ms, 10) == [job]
        assert made <= {(row.workspace, row.digest) for row in unreferenced(c, later_ms, 100)}
