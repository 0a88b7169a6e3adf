"""What is around every request: its id, its line in the log, its figures, the headers of its answer, and its errors."""

import re
import sys
import time
import uuid
from collections.abc import Callable

import anyio
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lipwright.api.problems import problem_response
from lipwright.errors import LipwrightError

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,255}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
SAFE_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
    "cache-control": "no-store",
}
"""Answers are data, never pages. A browser takes the last but one over HTTPS alone."""

_DRAINED_BYTES = 16_000_000
_DRAINED_S = 1.0

Observe = Callable[[str, str, int, float], None]
"""Takes the method, the route's template, the status, the seconds."""


class _Incoming:
    """The messages of a request, and whether its body is read to the end."""

    def __init__(self, receive: Receive, headers: Headers) -> None:
        self._receive = receive
        self._is_read = "content-length" not in headers and "transfer-encoding" not in headers
        self._is_coming = "expect" not in headers  # such a caller waits to be asked for the body

    async def __call__(self) -> Message:
        message = await self._receive()
        self._is_coming = True
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._is_read = True
        return message

    async def is_read(self) -> bool:
        """Take in some of a body that nobody wants: a caller that is still sending would not see the answer."""
        drained = 0
        with anyio.move_on_after(_DRAINED_S):
            while self._is_coming and not self._is_read and drained < _DRAINED_BYTES:
                drained += len((await self()).get("body", b""))
        return self._is_read


class Envelope:
    """The outermost ASGI application. Below it, whoever cannot go on raises."""

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        self._app = app
        self._observe = observe
        self._log = structlog.get_logger("lipwright.api")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)  # in every line that this task logs
        begun = time.perf_counter()
        status = 0

        incoming = _Incoming(receive, headers)

        async def send_safely(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answer = MutableHeaders(scope=message)
                if not await incoming.is_read():
                    answer["connection"] = "close"
                for name, value in SAFE_HEADERS.items():
                    answer.setdefault(name, value)
                answer["x-request-id"] = request_id
            await send(message)

        try:
            if "host" in headers and not _HOST.fullmatch(headers["host"]):
                raise HTTPException(400, "The request's Host is no name of a host.")
            await self._app(scope, incoming, send_safely)
        except (LipwrightError, HTTPException) as exc:
            if status:
                raise  # the answer has begun: the server can only hang up
            if isinstance(exc, LipwrightError) and exc.http_status >= 500:
                self._log.warning("request_failed", code=exc.code, why=str(exc))
            await problem_response(exc, request_id)(scope, incoming, send_safely)
        finally:
            if isinstance(sys.exception(), Exception):
                status = status or 500
            self._tell(scope, status, time.perf_counter() - begun)

    def _tell(self, scope: Scope, status: int, took_s: float) -> None:
        route = scope.get("route")
        template = route.path if isinstance(route, Route) else "none"
        caller = scope["state"].get("caller")
        self._observe(scope["method"], template, status, took_s)
        self._log.info(
            "request",
            method=scope["method"],
            route=template,
            job=scope.get("path_params", {}).get("job_id"),
            status=status,
            took_ms=round(took_s * 1000, 1),
            workspace=caller.workspace if caller else None,
            token_id=caller.token_id if caller else None,
        )
