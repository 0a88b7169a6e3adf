"""What workers do to jobs, and what those may no longer do that woke up late."""

import threading

import pytest

from lipwright.contracts.job import EventType, JobState, RetryRequest, StageState
from lipwright.errors import Cancelled
from lipwright.store.jobs.ask import cancel_job, retry_job
from lipwright.store.jobs.attempts import (
    StageStart,
    begin_stage,
    fail_stage,
    hand_back_stage,
    is_wanted,
    publish_stage,
    set_progress,
)
from lipwright.store.jobs.runs import begin_run, complete_job, fail_job, wait_for
from support.job_rows import ACME, BROKEN, Workshop, digest


def _progress(shop: Workshop, job: str, token: str, progress: float, remaining_s: float | None = None) -> bool:
    with shop.database.begin() as c:
        return set_progress(c, job, "separate", token, progress, remaining_s, shop.now_ms)


def test_job_goes_through_its_stages_and_tells_each_step_in_order(shop: Workshop) -> None:
    job = shop.finished()
    view = shop.view(job)
    assert view.state == JobState.COMPLETED
    assert view.outputs == {"mux": digest(3)}
    assert [stage.outputs for stage in view.stages] == [
        {"separate": digest(1)},
        {"translate": digest(2)},
        {"mux": digest(3)},
    ]
    events = shop.events(job)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert [(event.type, event.stage, event.progress) for event in events] == [
        (EventType.ACCEPTED, None, None),
        (EventType.STARTED, None, None),
        (EventType.PROGRESS, "separate", 0.0),
        (EventType.PROGRESS, "separate", 1.0),
        (EventType.PROGRESS, "translate", 0.0),
        (EventType.PROGRESS, "translate", 1.0),
        (EventType.PROGRESS, "mux", 0.0),
        (EventType.PROGRESS, "mux", 1.0),
        (EventType.COMPLETED, None, None),
    ]
    assert events[-1].outputs == {"mux": digest(3)}


def test_run_that_is_begun_again_after_a_crash_goes_on_without_a_second_event(shop: Workshop) -> None:
    job = shop.create()
    assert shop.begin(job) == shop.begin(job) == 1
    assert [event.type for event in shop.events(job)] == [EventType.ACCEPTED, EventType.STARTED]


def test_run_that_does_not_stand_or_has_ended_is_not_begun(shop: Workshop) -> None:
    job = shop.finished()
    with shop.database.begin() as c:
        assert not begin_run(c, job, 1, shop.now_ms)
        assert not begin_run(c, job, 2, shop.now_ms)


def test_stage_that_is_done_is_not_begun_again(shop: Workshop) -> None:
    job = shop.create()
    shop.begin(job)
    shop.do(job, "separate")
    assert shop.attempt(job, "separate")[1] is None


def test_second_attempt_fences_off_the_first(shop: Workshop) -> None:
    job = shop.create()
    shop.begin(job)
    late, first = shop.attempt(job, "separate")
    fresh, second = shop.attempt(job, "separate")
    assert (first, second) == (StageStart(1, 0, None, {}), StageStart(2, 0, None, {}))
    before = shop.view(job), shop.events(job)
    with shop.database.begin() as c:
        assert not publish_stage(c, job, "separate", late, {"x": digest(9)}, shop.now_ms)
        assert not set_progress(c, job, "separate", late, 0.5, 1.0, shop.now_ms)
        assert not fail_stage(c, job, "separate", late, BROKEN, shop.now_ms)
        assert not hand_back_stage(c, job, "separate", late)
        assert not is_wanted(c, job, "separate", late)
        assert is_wanted(c, job, "separate", fresh)
    assert (shop.view(job), shop.events(job)) == before
    assert shop.publish(job, "separate", fresh, x=digest(1))
    assert not shop.publish(job, "separate", fresh, x=digest(2))
    assert shop.view(job).stages[0].outputs == {"x": digest(1)}


def test_worker_of_an_earlier_run_takes_no_stage_from_the_one_that_stands(shop: Workshop) -> None:
    job = shop.create()
    shop.begin(job)
    with shop.database.begin() as c:
        cancel_job(c, ACME, job, shop.now_ms)
        assert retry_job(c, ACME, job, RetryRequest(), shop.now_ms) == 2
    shop.begin(job)
    with shop.database.begin() as c, pytest.raises(Cancelled, match="run 1 is not wanted any more; run 2 is running"):
        begin_stage(c, job, 1, "separate", "late", "worker", shop.now_ms)


def test_stage_that_is_handed_back_counts_no_attempt(shop: Workshop) -> None:
    job = shop.create()
    shop.begin(job)
    token, _ = shop.attempt(job, "separate")
    with shop.database.begin() as c:
        assert hand_back_stage(c, job, "separate", token)
    stage = shop.view(job).stages[0]
    assert (stage.state, stage.attempt, stage.started_at) == (StageState.PENDING, 0, None)
    assert shop.attempt(job, "separate")[1] == StageStart(1, 0, None, {})


def test_progress_is_always_current_and_makes_few_events(shop: Workshop) -> None:
    job = shop.create()
    shop.begin(job)
    token, _ = shop.attempt(job, "separate")
    for step in range(1000):
        shop.now_ms += 100
        assert _progress(shop, job, token, step / 1000, 100 - step / 10)
    stage = shop.view(job).stages[0]
    assert (stage.progress, stage.remaining_s) == (0.999, pytest.approx(0.1))
    told = [event.progress for event in shop.events(job)[2:]]
    assert told == pytest.approx([step / 20 for step in range(20)])


def test_fast_progress_makes_at_most_one_event_in_a_second(shop: Workshop) -> None:
    job = shop.create()
    shop.begin(job)
    token, _ = shop.attempt(job, "separate")
    for step in range(100):
        shop.now_ms += 30
        _progress(shop, job, token, step / 100)
    assert len(shop.events(job)) == 3 + 2


def test_stage_that_fails_fails_the_job_and_both_say_why(shop: Workshop) -> None:
    job = shop.create()
    shop.begin(job)
    shop.do(job, "separate")
    shop.fail(job, "translate")
    view = shop.view(job)
    assert (view.state, view.error, view.stages[1].state, view.stages[1].error) == (
        JobState.FAILED,
        BROKEN,
        StageState.FAILED,
        BROKEN,
    )
    last = shop.events(job)[-1]
    assert (last.type, last.stage, last.error, last.state) == (EventType.FAILED, "translate", BROKEN, JobState.FAILED)


def test_job_that_fails_fences_off_who_is_at_work_on_another_stage(shop: Workshop) -> None:
    job = shop.create()
    shop.begin(job)
    token, _ = shop.attempt(job, "mux")
    shop.fail(job, "separate")
    assert not shop.publish(job, "mux", token, x=digest(1))
    assert [stage.state for stage in shop.view(job).stages] == [
        StageState.FAILED,
        StageState.PENDING,
        StageState.PENDING,
    ]


def test_run_that_fails_between_its_stages_fences_off_who_is_at_work(shop: Workshop) -> None:
    job = shop.create()
    run = shop.begin(job)
    token, _ = shop.attempt(job, "separate")
    with shop.database.begin() as c:
        assert fail_job(c, job, run, BROKEN, shop.now_ms)
        assert not fail_job(c, job, run, BROKEN, shop.now_ms)
    assert not shop.publish(job, "separate", token, x=digest(1))
    assert shop.view(job).error == BROKEN


def test_job_with_a_stage_undone_is_not_complete(shop: Workshop) -> None:
    job = shop.create()
    run = shop.begin(job)
    shop.do(job, "separate")
    with pytest.raises(ValueError, match="translate, mux"), shop.database.begin() as c:
        complete_job(c, job, run, {}, shop.now_ms)
    assert shop.view(job).state == JobState.RUNNING


def test_job_is_completed_once(shop: Workshop) -> None:
    job = shop.finished()
    with shop.database.begin() as c:
        assert not complete_job(c, job, 1, {"x": digest(9)}, shop.now_ms)
    assert shop.view(job).outputs == {"mux": digest(3)}


def test_waiting_job_says_for_what_and_shows_it(shop: Workshop) -> None:
    job = shop.waiting()
    view = shop.view(job)
    assert (view.state, view.waits_for, view.stages[1].state) == (JobState.WAITING, "translate", StageState.WAITING)
    last = shop.events(job)[-1]
    assert (last.type, last.stage, last.outputs) == (EventType.WAITING, "translate", {"translate": digest(2)})
    with shop.database.begin() as c:
        assert not wait_for(c, job, 1, "translate", shop.now_ms)
        assert not begin_run(c, job, 1, shop.now_ms)


def test_nobody_waits_for_a_stage_that_is_not_done(shop: Workshop) -> None:
    job = shop.create()
    run = shop.begin(job)
    with shop.database.begin() as c:
        assert not wait_for(c, job, run, "translate", shop.now_ms)


def test_of_two_that_publish_one_stage_at_once_one_is_heard(shop: Workshop) -> None:
    job = shop.create()
    shop.begin(job)
    token, _ = shop.attempt(job, "separate")
    heard: list[bool] = []
    barrier = threading.Barrier(2)

    def publish(number: int) -> None:
        barrier.wait()
        heard.append(shop.publish(job, "separate", token, x=digest(number)))

    threads = [threading.Thread(target=publish, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == [False, True]
    assert [event.progress for event in shop.events(job)[2:]] == [0.0, 1.0]
