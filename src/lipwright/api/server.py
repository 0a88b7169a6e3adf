"""The server: uvicorn in this process, which lets nobody hold a connection without a word."""

import asyncio
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from lipwright.api.app import build_api
from lipwright.api.service import Service
from lipwright.errors import UsageError

_LAST_WORDS_S = 10
"""So long a request may still take when the server is to stop."""


def serve(service: Service, host: str, port: int, *, ready: Callable[[str], None] | None = None) -> None:
    """Answer requests until a signal stops the process. Called in the main thread.

    Args:
        port: 0 for one that is free.
        ready: told the address when the first request can come.
    Raises: UsageError: somebody else has the port, or the host is none of this machine's.
    """
    try:
        bound = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as exc:
        raise UsageError(f"{host}:{port}: cannot be listened to ({exc.strerror}). Choose another one.") from exc
    with bound:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{bound.getsockname()[1]}"
        server_of(service, None if ready is None else lambda: ready(url)).run([bound])


def server_of(service: Service, ready: Callable[[], None] | None = None) -> uvicorn.Server:
    """The server, not yet running."""

    class Patient(H11Protocol):
        """A connection whose first request has begun in time, or that is closed."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.loop.call_later(service.limits.header_s, self._hang_up_on_the_silent)

        def _hang_up_on_the_silent(self) -> None:
            if self.cycle is None:
                self.transport.close()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if ready is not None and not self.should_exit:
                ready()

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            service.closing.set()
            super().handle_exit(sig, frame)

    config: dict[str, Any] = {
        "http": Patient,
        "ws": "none",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "timeout_keep_alive": 20,
        "timeout_graceful_shutdown": _LAST_WORDS_S,
        "h11_max_incomplete_event_size": 32_768,
    }
    return Server(uvicorn.Config(build_api(service), **config))
