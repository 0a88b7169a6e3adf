"""Jobs: make one, see them, cancel, do again, approve."""

from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Body, Query, Response, status

from lipwright.api.access import JobReader, JobWriter, Served
from lipwright.api.catalogue import Engines
from lipwright.api.examples import APPROVALS, JOBS, RETRIES
from lipwright.api.lines import line_problem
from lipwright.api.orders import BodyDigest, IdempotencyKey
from lipwright.api.pages import Cursor, JobId, PageLimit
from lipwright.api.submission import submit
from lipwright.contracts.job import ApprovalRequest, AvatarSpec, JobRequest, JobState, JobView, RetryRequest
from lipwright.contracts.strict import Strict
from lipwright.errors import JobBusy
from lipwright.store.avatars import claim_avatar
from lipwright.store.jobs.ask import approve_job, cancel_job, retry_job
from lipwright.store.jobs.keys import claim_key
from lipwright.store.jobs.rows import load_run
from lipwright.store.jobs.views import get_job, list_jobs

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


class JobPage(Strict):
    """Some of the jobs, newest first."""

    items: tuple[JobView, ...]
    next_cursor: str | None
    """For the next page; null behind the last one."""


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"description": "The job that this key made before.", "model": JobView}},
)
def create(
    caller: JobWriter,
    service: Served,
    engines: Engines,
    body: Annotated[JobRequest, Body(openapi_examples=JOBS)],
    body_digest: BodyDigest,
    response: Response,
    key: IdempotencyKey = None,
) -> JobView:
    """Make a job from a snapshot, which is kept and never changed."""
    view, is_new = submit(service, engines, caller.workspace, body, key=key, body_digest=body_digest)
    response.headers["location"] = f"/v1/jobs/{view.id}"
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return view


@router.get("")
def list_all(
    caller: JobReader,
    service: Served,
    limit: PageLimit = 50,
    cursor: Cursor = None,
    state: Annotated[JobState | None, Query(description="Only jobs in this state.")] = None,
    kind: Annotated[
        Literal["speak", "sync", "dub", "avatar", "video"] | None, Query(description="Only jobs of this kind.")
    ] = None,
) -> JobPage:
    """Show the workspace's jobs, newest first."""
    with service.database.read() as c:
        page = list_jobs(c, caller.workspace, limit=limit, cursor=cursor, state=state, kind=kind)
    return JobPage(items=page.items, next_cursor=page.next_cursor)


@router.get("/{job_id}")
def show(caller: JobReader, service: Served, job_id: JobId) -> JobView:
    """Show a job with its stages."""
    with service.database.read() as c:
        return get_job(c, caller.workspace, job_id)


@router.post("/{job_id}/cancel")
def cancel(
    caller: JobWriter, service: Served, job_id: JobId, body_digest: BodyDigest, key: IdempotencyKey = None
) -> JobView:
    """Stop a job. Cancelling it again is no error; a job that ended otherwise stays as it is."""
    with service.database.begin() as c:
        now_ms = service.database.now_ms(c)
        is_first = _is_first(c, caller.workspace, key, body_digest, job_id, now_ms)
        cancelled = is_first and cancel_job(c, caller.workspace, job_id, now_ms)
        view = get_job(c, caller.workspace, job_id)
        if is_first and not cancelled and view.state is not JobState.CANCELLED:
            raise JobBusy(f"{job_id}: the job is {view.state} already. There is nothing to cancel.")
    if cancelled:
        service.dispatcher.cancel(view.id, view.run, [stage.name for stage in view.stages])
    return view


@router.post("/{job_id}/retry", status_code=status.HTTP_202_ACCEPTED)
def retry(
    caller: JobWriter,
    service: Served,
    job_id: JobId,
    body: Annotated[RetryRequest, Body(openapi_examples=RETRIES)],
    body_digest: BodyDigest,
    key: IdempotencyKey = None,
) -> JobView:
    """Do a job again: from the stage that failed, from a named one, or one line of it."""
    problem = line_problem(service, caller.workspace, job_id, body)  # may read the storage: in no transaction
    with service.database.begin() as c:
        now_ms = service.database.now_ms(c)
        if _is_first(c, caller.workspace, key, body_digest, job_id, now_ms):
            if problem is not None:
                raise problem
            run = retry_job(c, caller.workspace, job_id, body, now_ms)
            spec = load_run(c, job_id).snapshot.spec
            if isinstance(spec, AvatarSpec):
                claim_avatar(c, caller.workspace, spec.name, job_id, now_ms)
            service.dispatcher.enqueue(c, job_id, run)
        return get_job(c, caller.workspace, job_id)


@router.post("/{job_id}/approve", status_code=status.HTTP_202_ACCEPTED)
def approve(
    caller: JobWriter,
    service: Served,
    job_id: JobId,
    body: Annotated[ApprovalRequest, Body(openapi_examples=APPROVALS)],
    body_digest: BodyDigest,
    key: IdempotencyKey = None,
) -> JobView:
    """Say yes or no to what a stage made, or put an edited file in its place."""
    with service.database.begin() as c:
        now_ms = service.database.now_ms(c)
        if _is_first(c, caller.workspace, key, body_digest, job_id, now_ms):
            run = approve_job(c, caller.workspace, job_id, body, now_ms)
            if run is not None:
                service.dispatcher.enqueue(c, job_id, run)
        return get_job(c, caller.workspace, job_id)


def _is_first(c: sa.Connection, workspace: str, key: str | None, body_digest: str, job_id: str, now_ms: int) -> bool:
    """Whether this was not asked before under the same key.

    Raises: IdempotencyConflict: something else was.
    """
    return key is None or claim_key(c, workspace, key, body_digest, job_id, now_ms) is None
