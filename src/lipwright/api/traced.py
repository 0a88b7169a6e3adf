"""The span of a request, around all else. The path is not told, which may hold a secret, but the route is."""

from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lipwright import tracing

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SILENT = ("/health/", "/metrics")
"""Asked every few seconds by machines."""


class Traced:
    """An ASGI application that makes a span of each request. Without a receiver of spans it is not there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_SILENT):
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        with tracing.request(method, Headers(scope=scope).get("traceparent")) as told:
            status = 500

            async def noting(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            try:
                await self._app(scope, receive, noting)
            finally:
                route = scope.get("route")
                template = route.path if isinstance(route, Route) else "none"
                told.update_name(f"{method} {template}")
                told.set_attributes(
                    {
                        "http.route": template,
                        "http.response.status_code": status,
                        "lipwright.request": scope.get("state", {}).get("request_id", ""),
                    }
                )
                tracing.note("answered", str(status) if status >= 500 else None)
