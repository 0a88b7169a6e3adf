"""What happened to a job: as a page, or as a stream of server-sent events that goes on where it broke off."""

from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import APIRouter, Header, Query, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from lipwright.api.access import JobReader, Served
from lipwright.api.pages import JobId, PageLimit
from lipwright.api.service import Service
from lipwright.contracts.job import FINAL, EventView
from lipwright.contracts.strict import Strict
from lipwright.store.events import events_after
from lipwright.store.jobs.views import get_job

router = APIRouter(prefix="/v1/jobs/{job_id}/events", tags=["events"])
EVENT_STREAM = "text/event-stream"
_AT_ONCE = 200


class EventPage(Strict):
    """Events of a job, oldest first."""

    items: tuple[EventView, ...]
    next_after: int | None
    """`after` for the next page; null when there is no event behind these yet."""


@router.get(
    "",
    response_model=EventPage,
    responses={
        200: {
            "description": "A page, or a stream where `Accept` asks for it. `id` is the event's sequence.",
            "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
        },
        204: {"description": "No stream: the job has ended, and the caller has seen its last event."},
    },
)
def follow(
    caller: JobReader,
    service: Served,
    job_id: JobId,
    limit: PageLimit = 50,
    after: Annotated[int, Query(ge=0, lt=2**31, description="The last event that the caller has seen.")] = 0,
    last_event_id: Annotated[str | None, Header(description="The same, as browsers send it; it goes first.")] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response | EventPage:
    """Show what happened to a job. With `Accept: text/event-stream`, also what happens from now on."""
    digits = (last_event_id or "").strip()
    seen = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else after
    if EVENT_STREAM in accept:
        news, ended = _news(service, caller.workspace, job_id, seen)
        if ended and not news:
            return Response(status_code=204)
        return StreamingResponse(_stream(service, caller.workspace, job_id, seen), media_type=EVENT_STREAM)
    with service.database.read() as c:
        events = events_after(c, caller.workspace, job_id, seen, limit + 1)
    page = tuple(events[:limit])
    return EventPage(items=page, next_after=page[-1].sequence if len(events) > limit else None)


async def _stream(service: Service, workspace: str, job_id: str, seen: int) -> AsyncIterator[str]:
    """The events behind `seen`, until the last one of a job that has ended, or until the stream is old."""
    limits = service.limits
    begun = told = anyio.current_time()
    yield f"retry: {round(limits.poll_s * 2000)}\n\n"
    while not service.closing.is_set():
        news, ended = await run_in_threadpool(_news, service, workspace, job_id, seen)
        for event in news:
            yield f"id: {event.sequence}\nevent: {event.type}\ndata: {event.model_dump_json()}\n\n"
            seen = event.sequence
        now = anyio.current_time()
        if (ended and len(news) < _AT_ONCE) or now - begun > limits.stream_s:
            return
        if news:
            told = now
        elif now - told >= limits.heartbeat_s:
            yield ": still here\n\n"
            told = now
        await anyio.sleep(limits.poll_s if len(news) < _AT_ONCE else 0)


def _news(service: Service, workspace: str, job_id: str, seen: int) -> tuple[list[EventView], bool]:
    """Events behind `seen`, and whether the job had ended before they were read."""
    with service.database.read() as c:
        ended = get_job(c, workspace, job_id).state in FINAL
        return events_after(c, workspace, job_id, seen, _AT_ONCE), ended
