"""What people ask of jobs, in every state that a job can be in."""

import threading
from collections.abc import Callable

import pytest

from lipwright.contracts.job import FINAL, ApprovalRequest, ErrorView, EventType, JobState, RetryRequest, StageState
from lipwright.errors import AssetNotFound, JobBusy, JobNotFound, UsageError
from lipwright.store.asset_rows import drop_asset
from lipwright.store.jobs.ask import approve_job, cancel_job, retry_job
from lipwright.store.jobs.attempts import StageStart
from lipwright.store.jobs.rows import load_run
from support.job_rows import ACME, OTHER, STAGES, Workshop, digest


def _queued(shop: Workshop) -> str:
    return shop.create()


def _running(shop: Workshop) -> str:
    job = shop.create()
    shop.begin(job)
    shop.do(job, "separate")
    shop.attempt(job, "translate")
    return job


def _failed(shop: Workshop) -> str:
    job = shop.create()
    shop.begin(job)
    shop.do(job, "separate")
    shop.fail(job, "translate")
    return job


def _cancelled(shop: Workshop) -> str:
    job = _running(shop)
    assert _cancel(shop, job)
    return job


STATES: dict[JobState, Callable[[Workshop], str]] = {
    JobState.QUEUED: _queued,
    JobState.RUNNING: _running,
    JobState.WAITING: Workshop.waiting,
    JobState.COMPLETED: Workshop.finished,
    JobState.FAILED: _failed,
    JobState.CANCELLED: _cancelled,
}


def _cancel(shop: Workshop, job: str) -> bool:
    with shop.database.begin() as c:
        return cancel_job(c, ACME, job, shop.now_ms)


def _retry(shop: Workshop, job: str, **fields: object) -> int:
    with shop.database.begin() as c:
        return retry_job(c, ACME, job, RetryRequest.model_validate(fields), shop.now_ms)


def _approve(shop: Workshop, job: str, **fields: object) -> int | None:
    with shop.database.begin() as c:
        request = ApprovalRequest.model_validate({"stage": "translate", **fields})
        return approve_job(c, ACME, job, request, shop.now_ms)


def _states(shop: Workshop, job: str) -> list[StageState]:
    return [stage.state for stage in shop.view(job).stages]


DONE, PENDING = StageState.DONE, StageState.PENDING


def test_states_are_all_tried() -> None:
    assert set(STATES) == set(JobState)


@pytest.mark.parametrize("state", JobState)
def test_cancelling_ends_a_job_that_has_not_ended(shop: Workshop, state: JobState) -> None:
    job = STATES[state](shop)
    told = len(shop.events(job))
    assert _cancel(shop, job) == (state not in FINAL)
    view = shop.view(job)
    assert view.state == (state if state in FINAL else JobState.CANCELLED)
    assert view.waits_for is None
    assert [event.type for event in shop.events(job)[told:]] == ([] if state in FINAL else [EventType.CANCELLED])
    assert not _cancel(shop, job)


def test_cancelling_fences_off_who_is_at_work_and_keeps_what_is_done(shop: Workshop) -> None:
    job = shop.create()
    shop.begin(job)
    shop.do(job, "separate")
    token, _ = shop.attempt(job, "translate")
    _cancel(shop, job)
    assert not shop.publish(job, "translate", token, x=digest(1))
    assert _states(shop, job) == [DONE, PENDING, PENDING]


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_job_that_is_not_at_its_end_is_not_done_again(shop: Workshop, state: JobState) -> None:
    job = STATES[state](shop)
    with pytest.raises(JobBusy, match=f"is {state}: wait for its end or cancel it"):
        _retry(shop, job, stage="separate")


def test_failed_job_goes_on_where_it_failed(shop: Workshop) -> None:
    job = _failed(shop)
    assert _retry(shop, job) == 2
    view = shop.view(job)
    assert (view.state, view.run, view.error, view.stages[1].error) == (JobState.QUEUED, 2, None, None)
    assert _states(shop, job) == [DONE, PENDING, PENDING]
    shop.begin(job)
    assert shop.attempt(job, "translate")[1] == StageStart(1, 0, None, {})


def test_cancelled_job_goes_on_where_it_was_cancelled(shop: Workshop) -> None:
    job = _cancelled(shop)
    assert _retry(shop, job) == 2
    assert _states(shop, job) == [DONE, PENDING, PENDING]
    with shop.database.read() as c:
        assert not load_run(c, job).cancelled
    shop.begin(job)
    shop.do(job, "translate", "mux")
    shop.complete(job)
    assert shop.view(job).state == JobState.COMPLETED


def test_finished_job_is_done_again_as_a_whole_and_differently(shop: Workshop) -> None:
    job = shop.finished()
    _retry(shop, job)
    assert _states(shop, job) == [PENDING] * 3
    assert shop.view(job).outputs == {"mux": digest(3)}
    shop.begin(job)
    for stage in STAGES:
        assert shop.attempt(job, stage)[1] == StageStart(1, 1, None, {})


def test_stage_is_done_again_differently_and_what_follows_anew(shop: Workshop) -> None:
    job = shop.finished()
    _retry(shop, job, stage="translate")
    assert _states(shop, job) == [DONE, PENDING, PENDING]
    shop.begin(job)
    assert shop.attempt(job, "translate")[1] == StageStart(1, 1, None, {})
    assert shop.attempt(job, "mux")[1] == StageStart(1, 0, None, {})


def test_only_the_named_stage_is_done_again(shop: Workshop) -> None:
    job = shop.finished()
    _retry(shop, job, stage="translate", only=True)
    assert _states(shop, job) == [DONE, PENDING, DONE]
    shop.begin(job)
    shop.do(job, "translate")
    shop.complete(job)


def test_stage_that_was_never_made_is_made_without_another_take(shop: Workshop) -> None:
    job = _failed(shop)
    _retry(shop, job, stage="translate")
    shop.begin(job)
    assert shop.attempt(job, "translate")[1] == StageStart(1, 0, None, {})


def test_lines_that_are_wanted_differently_are_all_remembered(shop: Workshop) -> None:
    job = shop.finished()
    for line in (3, 5, 3):
        _retry(shop, job, stage="translate", line=line)
        shop.begin(job)
        shop.do(job, "translate", "mux")
        shop.complete(job)
    with shop.database.read() as c:
        translate = load_run(c, job).stages[1]
    assert (translate.take, translate.line, translate.lines) == (0, 3, {3: 2, 5: 1})
    _retry(shop, job, stage="translate")
    shop.begin(job)
    assert shop.attempt(job, "translate")[1] == StageStart(1, 1, None, {})


def test_approved_stage_stays_when_an_earlier_one_is_done_again(shop: Workshop) -> None:
    job = shop.waiting()
    assert _approve(shop, job, edits={"translate": digest(7)}) == 2
    shop.begin(job)
    shop.do(job, "mux")
    shop.complete(job)
    _retry(shop, job, stage="separate")
    assert _states(shop, job) == [PENDING, DONE, PENDING]
    assert shop.view(job).stages[1].outputs == {"translate": digest(7)}


def test_approved_stage_stays_when_the_whole_job_is_done_again(shop: Workshop) -> None:
    job = shop.waiting()
    _approve(shop, job)
    shop.begin(job)
    shop.do(job, "mux")
    shop.complete(job)
    _retry(shop, job)
    assert _states(shop, job) == [PENDING, DONE, PENDING]


def test_approved_stage_that_is_named_is_done_again_and_waits_again(shop: Workshop) -> None:
    job = shop.waiting()
    _approve(shop, job, edits={"translate": digest(7)})
    _cancel(shop, job)
    _retry(shop, job, stage="translate")
    shop.begin(job)
    shop.do(job, "translate")
    shop.wait(job, "translate")
    assert shop.view(job).stages[1].outputs == {"translate": digest(2)}


def test_waiting_job_does_the_named_stage_again(shop: Workshop) -> None:
    job = shop.waiting()
    with pytest.raises(JobBusy, match="waits for `translate`: approve that, or name the stage"):
        _retry(shop, job)
    assert _retry(shop, job, stage="translate") == 2
    assert shop.view(job).waits_for is None
    shop.begin(job)
    assert shop.attempt(job, "translate")[1] == StageStart(1, 1, None, {})


def test_waiting_job_that_does_only_an_earlier_stage_again_waits_again(shop: Workshop) -> None:
    job = shop.waiting()
    _retry(shop, job, stage="separate", only=True)
    assert _states(shop, job) == [PENDING, DONE, PENDING]
    shop.begin(job)
    shop.do(job, "separate")
    shop.wait(job, "translate")


@pytest.mark.parametrize("named", [None, "separate", "translate"])
def test_line_that_a_stage_refused_is_forgotten_by_the_next_retry(shop: Workshop, named: str | None) -> None:
    job = shop.finished()
    _retry(shop, job, stage="translate", line=3)
    shop.begin(job)
    shop.do(job, "translate", "mux")
    shop.complete(job)
    _retry(shop, job, stage="translate", line=99)
    shop.begin(job)
    shop.fail(job, "translate", ErrorView(code=UsageError.code, message="there is no line 99", retryable=False))
    _retry(shop, job, stage=named)
    shop.begin(job)
    if named == "separate":
        shop.do(job, "separate")
    assert shop.attempt(job, "translate")[1] == StageStart(1, 0, None, {3: 1})


def test_another_line_takes_the_place_of_one_that_a_stage_refused(shop: Workshop) -> None:
    job = shop.finished()
    _retry(shop, job, stage="translate", line=99)
    shop.begin(job)
    shop.fail(job, "translate", ErrorView(code=UsageError.code, message="there is no line 99", retryable=False))
    _retry(shop, job, stage="translate", line=9)
    shop.begin(job)
    assert shop.attempt(job, "translate")[1] == StageStart(1, 0, 9, {9: 1})


def test_line_is_still_wanted_where_the_stage_failed_for_another_reason(shop: Workshop) -> None:
    job = shop.finished()
    _retry(shop, job, stage="translate", line=3)
    shop.begin(job)
    shop.fail(job, "translate")
    _retry(shop, job)
    shop.begin(job)
    assert shop.attempt(job, "translate")[1] == StageStart(1, 0, 3, {3: 1})


def test_retry_of_what_there_is_not_is_refused_with_what_there_is(shop: Workshop) -> None:
    job = shop.finished()
    with pytest.raises(UsageError, match=r"`translat`\. Did you mean `translate`\? It has: separate, translate, mux"):
        _retry(shop, job, stage="translat")
    with pytest.raises(UsageError, match="Name it"):
        _retry(shop, job, line=3)
    with pytest.raises(UsageError, match="Name it"):
        _retry(shop, job, only=True)
    assert shop.view(job).state == JobState.COMPLETED


def test_approval_starts_the_next_run(shop: Workshop) -> None:
    job = shop.waiting()
    assert _approve(shop, job) == 2
    view = shop.view(job)
    assert (view.state, view.run, view.waits_for) == (JobState.QUEUED, 2, None)
    with shop.database.read() as c:
        translate = load_run(c, job).stages[1]
    assert (translate.state, translate.approved, translate.made) == (DONE, True, {"translate": digest(2)})


def test_edits_take_the_place_of_what_the_stage_made(shop: Workshop) -> None:
    job = shop.waiting()
    _approve(shop, job, edits={"translate": digest(7)})
    with shop.database.read() as c:
        translate = load_run(c, job).stages[1]
    assert (translate.outputs, translate.made) == ({"translate": digest(2)}, {"translate": digest(7)})
    assert shop.view(job).stages[1].outputs == {"translate": digest(7)}


def test_refusal_ends_the_job_as_cancelled(shop: Workshop) -> None:
    job = shop.waiting()
    assert _approve(shop, job, approved=False) is None
    assert shop.view(job).state == JobState.CANCELLED
    assert shop.events(job)[-1].type == EventType.CANCELLED


@pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.WAITING}))
def test_job_that_waits_for_nobody_is_not_approved(shop: Workshop, state: JobState) -> None:
    job = STATES[state](shop)
    with pytest.raises(JobBusy, match=f"is {state}, and `translate` is not to be approved"):
        _approve(shop, job)


def test_approval_of_another_stage_names_the_one_that_waits(shop: Workshop) -> None:
    job = shop.waiting()
    with pytest.raises(JobBusy, match="waits for `translate`"):
        _approve(shop, job, stage="mux")


def test_edit_of_what_the_stage_did_not_make_is_refused(shop: Workshop) -> None:
    job = shop.waiting()
    with pytest.raises(UsageError, match="Did you mean `translate`"):
        _approve(shop, job, edits={"translat": digest(7)})


def test_edit_with_an_asset_of_another_workspace_is_refused(shop: Workshop) -> None:
    job = shop.waiting()
    with shop.database.begin() as c:
        drop_asset(c, ACME, digest(7))
    with pytest.raises(AssetNotFound, match="Upload it"):
        _approve(shop, job, edits={"translate": digest(7)})
    assert shop.view(job).state == JobState.WAITING


def test_second_approval_comes_too_late(shop: Workshop) -> None:
    job = shop.waiting()
    _approve(shop, job)
    with pytest.raises(JobBusy):
        _approve(shop, job)


def test_other_workspaces_may_ask_nothing(shop: Workshop) -> None:
    job = shop.waiting()
    with shop.database.begin() as c:
        with pytest.raises(JobNotFound):
            cancel_job(c, OTHER, job, shop.now_ms)
        with pytest.raises(JobNotFound):
            retry_job(c, OTHER, job, RetryRequest(stage="mux"), shop.now_ms)
        with pytest.raises(JobNotFound):
            approve_job(c, OTHER, job, ApprovalRequest(stage="translate"), shop.now_ms)
    assert shop.view(job).state == JobState.WAITING


def test_of_two_words_about_one_stage_at_once_one_counts(shop: Workshop) -> None:
    job = shop.waiting()
    said: list[str] = []
    barrier = threading.Barrier(2)

    def say(approved: bool) -> None:
        barrier.wait()
        try:
            _approve(shop, job, approved=approved)
            said.append("counts")
        except JobBusy:
            said.append("too late")

    threads = [threading.Thread(target=say, args=[approved]) for approved in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["counts", "too late"]
    assert shop.view(job).state in (JobState.QUEUED, JobState.CANCELLED)
