"""Bodies of requests: none is too large, too slow or too deep when it reaches a route.

A body that is no upload is taken in here as a whole. An upload streams through, counted and timed.
"""

import re
import time

import anyio
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lipwright.api.service import Limits
from lipwright.errors import BodyTooLarge

UPLOAD_PATH = "/v1/assets"
ENVELOPE_BYTES = 65_536
"""What a multipart body may have beside its file."""
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[][{}]")


class Bodies:
    """An ASGI application that watches what comes in."""

    def __init__(self, app: ASGIApp, limits: Limits, upload_bytes: int) -> None:
        self._app = app
        self._limits = limits
        self._upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if "content-length" not in headers and "transfer-encoding" not in headers:
            await self._app(scope, receive, send)
            return
        upload = scope["method"] == "POST" and scope["path"] == UPLOAD_PATH
        largest = self._upload_bytes + ENVELOPE_BYTES if upload else self._limits.json_bytes
        announced = headers.get("content-length", "0")
        if int(announced) > largest:  # the server has refused what is no number
            raise _too_large(largest)
        if upload:
            await self._app(scope, _Watched(receive, largest, self._limits), send)
            return
        body = await self._whole(receive, largest)
        _check_depth(body, self._limits.json_depth)
        await self._app(scope, _Replayed(receive, body), send)

    async def _whole(self, receive: Receive, largest: int) -> bytes:
        body = bytearray()
        with anyio.move_on_after(self._limits.body_s) as patience:
            more = True
            while more:
                message = await receive()
                body += message.get("body", b"")
                more = message["type"] == "http.request" and message.get("more_body", False)
                if len(body) > largest:
                    raise _too_large(largest)
        if patience.cancelled_caught:
            raise HTTPException(408, f"The body was not here within {self._limits.body_s:g} s. Send it faster.")
        return bytes(body)


class _Watched:
    """The messages of an upload, counted and timed."""

    def __init__(self, receive: Receive, largest: int, limits: Limits) -> None:
        self._receive = receive
        self._largest = largest
        self._limits = limits
        self._begun = time.monotonic()
        self._seen = 0

    async def __call__(self) -> Message:
        idle_s, slowest = self._limits.idle_s, self._limits.upload_bytes_s
        try:
            with anyio.fail_after(idle_s):
                message = await self._receive()
        except TimeoutError as exc:
            raise HTTPException(408, f"Nothing of the body came for {idle_s:g} s. Send it faster.") from exc
        self._seen += len(message.get("body", b""))
        took_s = time.monotonic() - self._begun
        if took_s > idle_s and self._seen < slowest * took_s:
            raise HTTPException(408, f"The body comes with less than {slowest} bytes a second. Send it faster.")
        if self._seen > self._largest:
            raise _too_large(self._largest)
        return message


class _Replayed:
    """A body that is here already, and then what comes behind it."""

    def __init__(self, receive: Receive, body: bytes) -> None:
        self._receive = receive
        self._body: bytes | None = body

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


def _too_large(largest: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body of the request is larger than {largest} bytes. Send a smaller one.")


def _check_depth(body: bytes, deepest: int) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", body)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > deepest:
            raise HTTPException(400, f"The body is nested deeper than {deepest} levels. Send a flatter one.")
