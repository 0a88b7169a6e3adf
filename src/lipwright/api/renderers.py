"""Callbacks of remote renderers. They carry no token of this service: each is checked as its vendor signs it."""

from collections.abc import Mapping

import structlog
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from lipwright.errors import BodyTooLarge, JobNotFound
from lipwright.render.remote.receiver import MOST_BYTES, Receiver

log = structlog.get_logger("lipwright.api")


def renderer_router(receivers: Mapping[str, Receiver]) -> APIRouter:
    """The routes that vendors call: with a token in the address, or signed.

    Args:
        receivers: by the name of their renderer.
    """
    router = APIRouter(prefix="/renderers", tags=["renderers"])

    async def take(name: str, token: str, request: Request) -> Response:
        receiver = receivers.get(name)
        if receiver is None:
            raise JobNotFound(f"No renderer called `{name}` is waited for here.")
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise BodyTooLarge(f"The callback is larger than {MOST_BYTES} bytes.")
        headers = {key.lower(): value for key, value in request.headers.items()}
        noted = await run_in_threadpool(receiver.receive, headers, bytes(body), token)
        log.info("renderer_callback", renderer=name, outcome=noted.outcome, vendor_id=noted.vendor_id)
        return Response(status_code=200)

    @router.post("/{name}/callbacks", include_in_schema=False)
    async def take_signed(name: str, request: Request) -> Response:
        """Take a callback that is signed."""
        return await take(name, "", request)

    @router.post("/{name}/callbacks/{token}", include_in_schema=False)
    async def take_with_token(name: str, token: str, request: Request) -> Response:
        """Take a callback to an address that only its vendor knows."""
        return await take(name, token, request)

    @router.options("/{name}/callbacks", include_in_schema=False)
    @router.options("/{name}/callbacks/{token}", include_in_schema=False)
    async def answer_options(name: str) -> Response:
        """HeyGen asks so, for at most a second, whether somebody is there."""
        return Response(status_code=200, headers={"allow": "POST, OPTIONS"})

    return router
