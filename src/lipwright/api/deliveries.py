"""Deliveries: events on their way to callbacks, with every try."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response, status

from lipwright.api.access import JobReader, JobWriter, Served
from lipwright.api.pages import Cursor, PageLimit, instant
from lipwright.contracts.job import EventType
from lipwright.contracts.strict import Strict
from lipwright.store.deliveries import Delivery, DeliveryState, Try, list_deliveries, resend

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"])


class TryView(Strict):
    """One attempt."""

    number: int
    started_at: str
    took_ms: int
    status: int | None
    """What the callback answered; null when nothing came."""
    problem: str | None


class DeliveryView(Strict):
    """An event that is to reach a callback."""

    event: str
    job: str
    sequence: int
    type: EventType
    url: str
    state: DeliveryState
    tries: tuple[TryView, ...]
    due_at: str
    """When it is tried next; of a delivery that is still due."""
    delivered_at: str | None


class DeliveryPage(Strict):
    """Some of the deliveries, newest first."""

    items: tuple[DeliveryView, ...]
    next_cursor: str | None


@router.get("")
def list_all(
    caller: JobReader,
    service: Served,
    limit: PageLimit = 50,
    cursor: Cursor = None,
    job: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Only of this job.")] = None,
    state: Annotated[DeliveryState | None, Query(description="Only in this state.")] = None,
) -> DeliveryPage:
    """Show the deliveries of events, newest first."""
    with service.database.read() as c:
        page = list_deliveries(c, caller.workspace, limit=limit, cursor=cursor, job=job, state=state)
    return DeliveryPage(items=tuple(_view(one) for one in page.items), next_cursor=page.next_cursor)


@router.post("/{event}/resend", status_code=status.HTTP_202_ACCEPTED, response_class=Response)
def send_again(
    caller: JobWriter,
    service: Served,
    event: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="The event's id.")],
) -> Response:
    """Send an event again whose delivery was given up, or that has arrived before."""
    with service.database.begin() as c:
        resend(c, caller.workspace, event, service.database.now_ms(c))
    return Response(status_code=status.HTTP_202_ACCEPTED)


def _view(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        event=delivery.event,
        job=delivery.job,
        sequence=delivery.sequence,
        type=delivery.type,
        url=delivery.url,
        state=delivery.state,
        tries=tuple(_view_try(one) for one in delivery.tries),
        due_at=str(instant(delivery.due_ms)),
        delivered_at=instant(delivery.delivered_ms),
    )


def _view_try(one: Try) -> TryView:
    return TryView(
        number=one.number,
        started_at=str(instant(one.started_ms)),
        took_ms=one.took_ms,
        status=one.status,
        problem=one.problem,
    )
