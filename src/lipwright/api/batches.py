"""Batches: tables whose rows each become a job, checked as a whole before any is made."""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Response, status
from starlette.exceptions import HTTPException

from lipwright.api.access import JobReader, JobWriter, Served
from lipwright.api.batch_order import BatchOrder
from lipwright.api.batch_plan import PlannedBatch, plan
from lipwright.api.examples import BATCHES
from lipwright.api.orders import BodyDigest, IdempotencyKey
from lipwright.api.pages import Cursor, PageLimit
from lipwright.api.service import Service
from lipwright.api.submission import check_assets, check_callback, route_of
from lipwright.contracts.job import FINAL, ErrorView, JobState, Spec, VideoSpec
from lipwright.contracts.route import StagePlan
from lipwright.contracts.strict import AssetDigest, Strict
from lipwright.errors import UsageError
from lipwright.store.asset_rows import touch_assets
from lipwright.store.batch_making import make_rows
from lipwright.store.batches import BatchState, RowState, add_batch, cancel_batch, get_batch, list_batches, list_rows
from lipwright.store.jobs.ask import cancel_job
from lipwright.store.jobs.create import check_approvals, check_secret
from lipwright.store.jobs.views import get_job
from lipwright.store.times import utc

router = APIRouter(prefix="/v1/batches", tags=["batches"])
BatchId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="A batch's id.")]
_POSITION = re.compile(r"[0-9]{1,9}")


class BatchView(Strict):
    """A batch."""

    id: str
    state: Literal["running", "completed", "cancelled"]
    """`completed` when every row has ended, whether well or not: `counts` says how many failed."""
    size: int
    """How many rows it has, those for other languages among them."""
    counts: dict[JobState, int]
    """Rows by the state of their jobs; a row that waits for its job to be made is `queued`."""
    labels: dict[str, str]
    created_at: str
    notes: tuple[str, ...] = ()
    """What its caller should look at; told once, when it is made."""


class BatchPage(Strict):
    """Some of the batches, newest first."""

    items: tuple[BatchView, ...]
    next_cursor: str | None
    """For the next page; null behind the last one."""


class RowView(Strict):
    """A row of a batch."""

    line: int
    """Of the table, from 1."""
    name: str
    language: str
    state: JobState
    job: str | None
    """Null until it is made."""
    taken: bool
    """An earlier row, of this batch or another, asked for the same: its job counts for this row too."""
    outputs: dict[str, AssetDigest]
    """Of the finished job, by name, such as `video.mp4`."""
    error: ErrorView | None


class RowPage(Strict):
    """Some of the rows, in the order of the table."""

    items: tuple[RowView, ...]
    next_cursor: str | None
    """For the next page; null behind the last one."""


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"description": "The batch that this key made before, which goes on.", "model": BatchView}},
)
def create(
    caller: JobWriter,
    service: Served,
    body: Annotated[BatchOrder, Body(openapi_examples=BATCHES)],
    body_digest: BodyDigest,
    response: Response,
    key: IdempotencyKey = None,
) -> BatchView:
    """Make a job of each row, or, when a row is wrong, tell of all wrong rows and make none.

    What an earlier row asked for is not made again: the same table once more makes only what is missing, was changed,
    or failed.
    """
    check_callback(service, body.callback)
    planned = plan(service, caller.workspace, body)
    _check_plans(service, body, planned)
    shared = body.model_dump(mode="json", include={"approvals", "callback", "priority", "labels"})
    shared["identities"] = {name: one.model_dump(mode="json") for name, one in planned.identities.items()}
    with service.database.begin() as c:
        now_ms = service.database.now_ms(c)
        check_secret(c, caller.workspace, body.callback, now_ms)
        used = _used(service, planned)
        for some in _portions(sorted(used)):
            check_assets(c, caller.workspace, frozenset(some))
            touch_assets(c, caller.workspace, some, now_ms)
        batch_id, is_new = add_batch(
            c, caller.workspace, planned.rows, request=shared, key=key, body_digest=body_digest, now_ms=now_ms
        )
        make_rows(c, batch_id, lambda spec: _stages(service, spec), service.dispatcher.enqueue, now_ms)
        view = _view(_found(get_batch(c, caller.workspace, batch_id)), planned.notes)
    response.headers["location"] = f"/v1/batches/{batch_id}"
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return view


@router.get("")
def list_all(caller: JobReader, service: Served, limit: PageLimit = 50, cursor: Cursor = None) -> BatchPage:
    """Show the workspace's batches, newest first."""
    with service.database.read() as c:
        page = list_batches(c, caller.workspace, limit=limit, cursor=cursor)
    return BatchPage(items=tuple(_view(one) for one in page.items), next_cursor=page.next_cursor)


@router.get("/{batch_id}")
def show(caller: JobReader, service: Served, batch_id: BatchId) -> BatchView:
    """Show a batch: how many of its rows are where."""
    with service.database.read() as c:
        return _view(_found(get_batch(c, caller.workspace, batch_id)))


@router.get("/{batch_id}/rows")
def rows(
    caller: JobReader,
    service: Served,
    batch_id: BatchId,
    limit: PageLimit = 50,
    cursor: Cursor = None,
    state: Annotated[JobState | None, Query(description="Only rows in this state.")] = None,
) -> RowPage:
    """Show the rows of a batch in the order of its table: their jobs, what they made, why they failed."""
    if cursor is not None and not _POSITION.fullmatch(cursor):
        raise UsageError(f"cursor `{cursor[:80]}`: no page gave it. Start without a cursor.")
    with service.database.read() as c:
        _found(get_batch(c, caller.workspace, batch_id))
        after = -1 if cursor is None else int(cursor)
        found = list_rows(c, batch_id, after=after, limit=limit + 1, state=state)
    shown = found[:limit]
    return RowPage(
        items=tuple(_row(row) for row in shown),
        next_cursor=str(shown[-1].position) if len(found) > limit else None,
    )


@router.post("/{batch_id}/cancel")
def cancel(caller: JobWriter, service: Served, batch_id: BatchId) -> BatchView:
    """Stop a batch: rows that are made stay. The same request with the same key lets it go on."""
    with service.database.begin() as c:
        _found(get_batch(c, caller.workspace, batch_id))
        living = cancel_batch(c, batch_id)
    for some in _portions(living):
        with service.database.begin() as c:
            now_ms = service.database.now_ms(c)
            cancelled = [job for job in some if cancel_job(c, caller.workspace, job, now_ms)]
            views = [get_job(c, caller.workspace, job) for job in cancelled]
        for view in views:
            service.dispatcher.cancel(view.id, view.run, [stage.name for stage in view.stages])
    with service.database.read() as c:
        return _view(_found(get_batch(c, caller.workspace, batch_id)))


def _stages(service: Service, spec: Spec) -> tuple[StagePlan, ...]:
    return route_of(service, spec).stages(spec)


def _check_plans(service: Service, order: BatchOrder, planned: PlannedBatch) -> None:
    """Raises: UsageError: an approval that some row has not."""
    for spec in {spec.kind: spec for spec in planned.specs}.values():
        check_approvals(order.request(_whole(spec, planned)), _stages(service, spec))


def _used(service: Service, planned: PlannedBatch) -> set[str]:
    """Digests of all files that the rows are made from."""
    alike: dict[Any, Spec] = {}
    for spec in planned.specs:
        files = tuple(spec.files.items()) if isinstance(spec, VideoSpec) else ()
        avatar = spec.avatar if isinstance(spec, VideoSpec) else None
        alike.setdefault((spec.kind, spec.face, avatar, files), spec)
    return {digest for spec in alike.values() for digest in route_of(service, spec).assets(_whole(spec, planned))}


def _whole(spec: Spec, planned: PlannedBatch) -> Spec:
    """As its job will have it."""
    if isinstance(spec, VideoSpec) and spec.avatar is not None:
        return spec.model_copy(update={"identity": planned.identities[spec.avatar]})
    return spec


def _portions(items: Sequence[str], size: int = 100) -> Iterable[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _found(state: BatchState | None) -> BatchState:
    if state is None:
        raise HTTPException(404, "No such batch in this workspace. GET /v1/batches lists all.")
    return state


def _view(batch: BatchState, notes: tuple[str, ...] = ()) -> BatchView:
    ended = sum(count for state, count in batch.counts.items() if state in FINAL) == batch.size
    return BatchView(
        id=batch.id,
        state="cancelled" if batch.cancelled else "completed" if ended else "running",
        size=batch.size,
        counts=batch.counts,
        labels=batch.labels,
        created_at=utc(batch.created_ms),
        notes=notes,
    )


def _row(row: RowState) -> RowView:
    return RowView(
        line=row.line,
        name=row.name,
        language=row.language,
        state=row.state,
        job=row.job,
        taken=row.taken,
        outputs=row.outputs,
        error=row.error,
    )
