"""Jobs: make one, see them, cancel, do again, approve."""

import contextlib
import hashlib
import json
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response, status
from sqlalchemy import Connection

from lipwright.api.access import Caller, JobReader, JobWriter, Served
from lipwright.api.examples import APPROVALS, JOBS, RETRIES
from lipwright.api.pages import Cursor, JobId, PageLimit
from lipwright.api.service import Service
from lipwright.contracts.job import ApprovalRequest, JobRequest, JobState, JobView, RetryRequest
from lipwright.contracts.route import Route
from lipwright.contracts.strict import Strict
from lipwright.errors import AssetNotFound, JobBusy, UsageError
from lipwright.remote.addresses import Guard
from lipwright.store.asset_rows import missing_assets
from lipwright.store.jobs.ask import approve_job, cancel_job, retry_job
from lipwright.store.jobs.create import create_job
from lipwright.store.jobs.views import get_job, list_jobs

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


class JobPage(Strict):
    """Some of the jobs, newest first."""

    items: tuple[JobView, ...]
    next_cursor: str | None
    """For the next page; null behind the last one."""


async def _body_digest(request: Request) -> str:
    """What two requests with one idempotency key must agree in: their JSON, however it is written."""
    body = await request.body()
    with contextlib.suppress(ValueError):  # what is no JSON, the contract refuses
        body = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(body).hexdigest()


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"description": "The job that this key made before.", "model": JobView}},
)
def create(
    caller: JobWriter,
    service: Served,
    body: Annotated[JobRequest, Body(openapi_examples=JOBS)],
    body_digest: Annotated[str, Depends(_body_digest)],
    response: Response,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key", min_length=1, max_length=255, description="Sent again, it makes no second job."
        ),
    ] = None,
) -> JobView:
    """Make a job from a snapshot, which is kept and never changed."""
    route = route_of(service, body)
    if body.callback is not None:
        Guard(allow_private=service.settings.allow_private_addresses).check(str(body.callback.url))
    with service.database.begin() as c:
        _check_assets(c, caller, route, body)
        created = create_job(
            c,
            caller.workspace,
            body,
            route.stages(body.spec),
            key=key,
            body_digest=body_digest,
            now_ms=service.database.now_ms(c),
        )
        if created.is_new:
            service.dispatcher.enqueue(c, created.job_id, created.run)
        view = get_job(c, caller.workspace, created.job_id)
    response.headers["location"] = f"/v1/jobs/{view.id}"
    if not created.is_new:
        response.status_code = status.HTTP_200_OK
    return view


@router.get("")
def list_all(
    caller: JobReader,
    service: Served,
    limit: PageLimit = 50,
    cursor: Cursor = None,
    state: Annotated[JobState | None, Query(description="Only jobs in this state.")] = None,
    kind: Annotated[Literal["speak", "sync", "dub"] | None, Query(description="Only jobs of this kind.")] = None,
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
def cancel(caller: JobWriter, service: Served, job_id: JobId) -> JobView:
    """Stop a job. Cancelling it again is no error; a job that ended otherwise stays as it is."""
    with service.database.begin() as c:
        cancelled = cancel_job(c, caller.workspace, job_id, service.database.now_ms(c))
        view = get_job(c, caller.workspace, job_id)
    if cancelled:
        service.dispatcher.cancel(view.id, view.run, [stage.name for stage in view.stages])
    elif view.state is not JobState.CANCELLED:
        raise JobBusy(f"{job_id}: the job is {view.state} already. There is nothing to cancel.")
    return view


@router.post("/{job_id}/retry", status_code=status.HTTP_202_ACCEPTED)
def retry(
    caller: JobWriter,
    service: Served,
    job_id: JobId,
    body: Annotated[RetryRequest, Body(openapi_examples=RETRIES)],
) -> JobView:
    """Do a job again: from the stage that failed, from a named one, or one line of it."""
    with service.database.begin() as c:
        run = retry_job(c, caller.workspace, job_id, body, service.database.now_ms(c))
        service.dispatcher.enqueue(c, job_id, run)
        return get_job(c, caller.workspace, job_id)


@router.post("/{job_id}/approve", status_code=status.HTTP_202_ACCEPTED)
def approve(
    caller: JobWriter,
    service: Served,
    job_id: JobId,
    body: Annotated[ApprovalRequest, Body(openapi_examples=APPROVALS)],
) -> JobView:
    """Say yes or no to what a stage made, or put an edited file in its place."""
    with service.database.begin() as c:
        run = approve_job(c, caller.workspace, job_id, body, service.database.now_ms(c))
        if run is not None:
            service.dispatcher.enqueue(c, job_id, run)
        return get_job(c, caller.workspace, job_id)


def route_of(service: Service, request: JobRequest) -> Route:
    """What makes a job of this kind.

    Raises: UsageError: nothing here does.
    """
    route = service.routes.get(request.spec.kind)
    if route is None:
        raise UsageError(
            f"`{request.spec.kind}`: this service makes no such jobs. It makes: {', '.join(service.routes)}."
        )
    return route


def _check_assets(c: Connection, caller: Caller, route: Route, request: JobRequest) -> None:
    missing = missing_assets(c, caller.workspace, route.assets(request.spec))
    if missing:
        raise AssetNotFound(f"{', '.join(sorted(missing))}: not in this workspace. Upload it with POST /v1/assets.")
