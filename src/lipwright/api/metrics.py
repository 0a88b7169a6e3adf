"""Figures, as Prometheus fetches them. Whoever puts the service on the internet keeps this path inside."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "Figures.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Show figures of requests, jobs, stages and deliveries."""
    text = await run_in_threadpool(request.app.state.telemetry.text)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
