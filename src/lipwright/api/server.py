"""The server: uvicorn in this process, which lets nobody hold a connection without a word."""

import asyncio
import gc
import os
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
    with listening(host, port) as bound:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{bound.getsockname()[1]}"
        server = server_of(service, None if ready is None else lambda: ready(url))
        gc.collect()
        gc.freeze()  # what is loaded stays; looking through it for garbage would hold up requests now and then
        server.run([bound])


def listening(host: str, port: int) -> socket.socket:
    """A socket that connections come to.

    Raises: UsageError: as `serve`.
    """
    # asyncio sends small answers at once only where the protocol is named; else each waits 40 ms for the caller's word.
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name != "nt":  # there, it would let two programs have one port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(1024)
    except OSError as exc:
        bound.close()
        raise UsageError(f"{host}:{port}: cannot be listened to ({exc.strerror}). Choose another one.") from exc
    return bound


def server_of(service: Service, ready: Callable[[], None] | None = None) -> uvicorn.Server:
    """The server, not yet running."""

    class Patient(H11Protocol):
        """A connection that is closed when its first request does not come, or nobody reads what it answers."""

        _unread: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.loop.call_later(service.limits.header_s, self._hang_up_on_the_silent)

        def pause_writing(self) -> None:
            super().pause_writing()
            self._unread = self.loop.call_later(service.limits.idle_s, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._unread is not None:
                self._unread.cancel()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            if self._unread is not None:
                self._unread.cancel()

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
