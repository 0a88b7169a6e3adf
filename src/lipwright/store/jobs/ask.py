"""What people ask of jobs: cancel, again, approved."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from lipwright.contracts.job import FINAL, ApprovalRequest, ErrorView, EventType, JobState, RetryRequest, StageState
from lipwright.errors import AssetNotFound, JobBusy, UsageError, did_you_mean
from lipwright.store.asset_rows import missing_assets, touch_assets
from lipwright.store.events import add_event
from lipwright.store.jobs.attempts import stop_attempts
from lipwright.store.jobs.parts import UNBEGUN, join_parts, reset_parts
from lipwright.store.jobs.rows import StageRow, load_stages, lock_job, part_name, refer, stage_of
from lipwright.store.tables import job, stage_run

_MADE = (StageState.DONE, StageState.WAITING)


def cancel_job(c: sa.Connection, workspace: str, job_id: str, now_ms: int) -> bool:
    """End a job, whatever it is doing. Stages that are done stay so, for a retry.

    Returns: False when it had ended already.
    Raises: JobNotFound.
    """
    row = lock_job(c, job_id, workspace)
    if row.state in FINAL:
        return False
    _cancel(c, job_id, now_ms)
    return True


def approve_job(c: sa.Connection, workspace: str, job_id: str, request: ApprovalRequest, now_ms: int) -> int | None:
    """A person's word on what a job waits for.

    Returns: the run that is to be enqueued; None when it was refused, which cancels the job.
    Raises: JobNotFound. JobBusy: it does not wait for this. UsageError: an edit of what the stage did not make.
        AssetNotFound: an edit that was not uploaded.
    """
    row = lock_job(c, job_id, workspace)
    if row.waits_for != request.stage:
        waits = (
            f"it waits for `{row.waits_for}`. Approve that"
            if row.waits_for
            else "it waits for nobody. Look at it again"
        )
        raise JobBusy(f"job {job_id} is {row.state}, and `{request.stage[:80]}` is not to be approved: {waits}.")
    if not request.approved:
        _cancel(c, job_id, now_ms)
        return None
    made = next(stage.outputs for stage in load_stages(c, job_id) if stage.name == request.stage)
    for name in request.edits:
        if name not in made:
            raise UsageError(
                f"edits: `{request.stage}` made no `{name}`.{did_you_mean(name, made)} It made: {', '.join(made)}."
            )
    missing = missing_assets(c, workspace, request.edits.values())
    if missing:
        raise AssetNotFound(f"asset {min(missing)}: not in this workspace. Upload it, then approve with it.")
    refer(c, job_id, request.edits.values())
    touch_assets(c, workspace, request.edits.values(), now_ms)
    c.execute(
        stage_run.update()
        .where(stage_of(job_id, request.stage))
        .values(state=StageState.DONE, approved=True, edits=json.dumps(request.edits))
    )
    return _next_run(c, row, now_ms)


def retry_job(c: sa.Connection, workspace: str, job_id: str, request: RetryRequest, now_ms: int) -> int:
    """Do it again: where it stopped, from a stage on, one stage, one line. An approved stage stays unless it is named.

    Returns: the run that is to be enqueued.
    Raises: JobNotFound. JobBusy: it is queued, at work, or waits for a person. UsageError: a stage that it has not.
    """
    row = lock_job(c, job_id, workspace)
    if row.state in (JobState.QUEUED, JobState.RUNNING):
        raise JobBusy(f"job {job_id} is {row.state}: wait for its end or cancel it, then retry.")
    if request.stage is None and row.waits_for is not None:
        raise JobBusy(f"job {job_id} waits for `{row.waits_for}`: approve that, or name the stage to do again.")
    stages = load_stages(c, job_id)
    named = _named(stages, request)
    if named is not None:
        _reset(c, job_id, stages, named, request)
    elif row.state == JobState.COMPLETED:
        for stage in stages:
            if not stage.approved:
                _clear(c, job_id, stage, again=True)
    for stage in stages:
        if stage.state in (StageState.FAILED, StageState.PENDING):
            # Parts that are done stay done, unless what they were made from is made again.
            keeps = named is None or stage.position <= named.position
            _clear(c, job_id, stage, again=False, keeps_parts=keeps)
    _release(c, job_id)
    return _next_run(c, row, now_ms)


def _named(stages: Sequence[StageRow], request: RetryRequest) -> StageRow | None:
    if request.stage is None:
        if request.only or request.line is not None:
            raise UsageError("retry: `only` and `line` are of one stage. Name it as `stage`.")
        return None
    names = [stage.name for stage in stages]
    if request.stage not in names:
        raise UsageError(
            f"retry: this job has no stage `{request.stage}`.{did_you_mean(request.stage, names)}"
            f" It has: {', '.join(names)}."
        )
    return stages[names.index(request.stage)]


def _reset(c: sa.Connection, job_id: str, stages: Sequence[StageRow], named: StageRow, request: RetryRequest) -> None:
    part = "" if request.line is None else part_name(named.name, str(request.line - 1))
    has_part = part in [one.name for one in named.parts]
    known = _known_lines(c, job_id, named)
    # What was never made needs no other take: it is just made.
    _clear(c, job_id, named, again=named.state in _MADE and request.line is None, keeps_parts=has_part)
    if has_part:
        reset_parts(c, job_id, named.name, part)
    if request.line is not None:
        lines = known | {request.line: known.get(request.line, 0) + 1}
        values = {"line": request.line, "lines": json.dumps(lines)}
        c.execute(stage_run.update().where(stage_of(job_id, named.name)).values(**values))
    if not request.only:
        for stage in stages[named.position + 1 :]:
            if not stage.approved:
                _clear(c, job_id, stage, again=False)


def _clear(c: sa.Connection, job_id: str, stage: StageRow, *, again: bool, keeps_parts: bool = False) -> None:
    """Let a stage be done; differently if wanted so, and then all of it: no line of it is special any more.

    A line that the stage refused is not there, and not wanted again.
    """
    if keeps_parts:
        reset_parts(c, job_id, stage.name)
    else:
        join_parts(c, job_id, stage.name)
    values: dict[str, Any] = {**UNBEGUN, "approved": False, "edits": "{}"}
    if again:
        values |= {"take": stage.take + 1, "line": None, "lines": "{}"}
    elif stage.line is not None and stage.line not in (known := _known_lines(c, job_id, stage)):
        values |= {"line": None, "lines": json.dumps(known)}
    c.execute(stage_run.update().where(stage_of(job_id, stage.name)).values(**values))


def _known_lines(c: sa.Connection, job_id: str, stage: StageRow) -> dict[int, int]:
    """The takes of lines that were wanted differently, without the last one where the stage refused it."""
    error = c.execute(sa.select(stage_run.c.error).where(stage_of(job_id, stage.name))).scalar_one()
    is_refused = error is not None and ErrorView.model_validate_json(error).code == UsageError.code
    return {line: take for line, take in stage.lines.items() if not (is_refused and line == stage.line)}


def _release(c: sa.Connection, job_id: str) -> None:
    """What waited is made, and not approved."""
    c.execute(
        stage_run.update()
        .where(stage_run.c.job == job_id, stage_run.c.state == StageState.WAITING)
        .values(state=StageState.DONE)
    )


def _cancel(c: sa.Connection, job_id: str, now_ms: int) -> None:
    stop_attempts(c, job_id)
    _release(c, job_id)
    ended = {"state": JobState.CANCELLED, "cancelled": True, "waits_for": None}
    c.execute(job.update().where(job.c.id == job_id).values(**ended))
    add_event(c, job_id, EventType.CANCELLED, now_ms)


def _next_run(c: sa.Connection, row: sa.Row[Any], now_ms: int) -> int:
    run = int(row.run) + 1
    c.execute(
        job.update()
        .where(job.c.id == row.id)
        .values(state=JobState.QUEUED, run=run, cancelled=False, waits_for=None, error=None, updated_ms=now_ms)
    )
    return run
