"""Requests whose connection goes to an address that the guard found good, and to no other."""

import asyncio
import ssl
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpx

from lipwright.remote.addresses import Guard, plain_host

_RESOLVERS: Final = 16
"""Names that are resolved at once; the system's resolver may take half a minute for one that nobody answers for."""
_PORTS: Final = {"http": 80, "https": 443}


class PinnedTransport(httpx.AsyncBaseTransport):
    """Resolves once, judges, connects. The server is still asked, and its certificate checked, by its name.

    No connection is used twice: another name of the same address would be asked over it. No proxy is used: it would
    resolve the name itself. Redirects are the client's matter.
    """

    def __init__(self, guard: Guard, verify: ssl.SSLContext | bool = True) -> None:
        """
        Args:
            verify: certificates that are trusted.
        """
        self._guard = guard
        self._inner = httpx.AsyncHTTPTransport(
            verify=verify, limits=httpx.Limits(max_connections=None, max_keepalive_connections=0)
        )
        self._resolvers = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="resolve")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises: AddressForbidden; httpx.ConnectError, and what else httpx raises; OSError: nobody knows the name."""
        self._guard.check_parts(request.url)
        host, port = plain_host(request.url), request.url.port or _PORTS[request.url.scheme]
        loop = asyncio.get_running_loop()
        addresses = await loop.run_in_executor(self._resolvers, self._guard.addresses, host, port)
        extensions = {**request.extensions, "sni_hostname": host}
        for address in addresses[:-1]:
            try:
                return await self._ask(request, address, extensions)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._ask(request, addresses[-1], extensions)

    async def aclose(self) -> None:
        """Close what is open. Names that are being resolved are left behind."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)
        await self._inner.aclose()

    async def _ask(self, request: httpx.Request, address: str, extensions: dict[str, object]) -> httpx.Response:
        return await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions=extensions,
            )
        )
