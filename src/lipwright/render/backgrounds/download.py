"""Fetches what a server says lies at a URL, with care: it may name any address, and send anything.

No key goes along, no redirect is followed, and an address inside a private network is asked only where the server
itself is there.
"""

import asyncio
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from lipwright.errors import AddressForbidden, ProviderAnswerInvalid, ProviderError, ProviderTimeout
from lipwright.remote.addresses import Guard
from lipwright.remote.server import Server
from lipwright.remote.waiting import pause, watched

if TYPE_CHECKING:
    import httpx

MOST_BYTES: Final = 64 << 20
_TRIES: Final = 3
_FIRST_WAIT_S: Final = 1.0


def download(
    url: str,
    server: Server,
    timeout_s: float,
    *,
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
) -> bytes:
    """Fetch a file.

    Args:
        url: as the server sent it.
        server: who sent it; files may lie on it too, wherever it is.
        timeout_s: for the whole file.
        chance: 0 to 1.
    Raises: ProviderAnswerInvalid: nothing can be had there, or nothing may. ProviderTimeout.
    """
    import tenacity

    retrying = tenacity.Retrying(
        sleep=lambda length_s: pause(length_s, sleep),
        stop=tenacity.stop_after_attempt(_TRIES),
        wait=lambda state: _FIRST_WAIT_S * 2 ** (state.attempt_number - 1) + chance(),
        retry=tenacity.retry_if_exception(lambda exc: isinstance(exc, ProviderError) and exc.retryable),
        reraise=True,
    )
    return retrying(lambda: watched(lambda: asyncio.run(_fetch(url, server, timeout_s))))


async def _fetch(url: str, server: Server, timeout_s: float) -> bytes:
    import httpx

    from lipwright.remote.pinned import PinnedTransport

    subject = f"{server.engine}: the picture that {server.host} made"
    try:
        guard = Guard(allow_private=_is_its_own(httpx.URL(url), server))
        async with (
            asyncio.timeout(timeout_s),
            httpx.AsyncClient(transport=PinnedTransport(guard), timeout=timeout_s) as client,
            client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response,
        ):
            return await _body(response, subject)
    except AddressForbidden as exc:
        raise _final(f"{subject} lies where it is not fetched from. {exc}") from exc
    except (httpx.InvalidURL, UnicodeError) as exc:
        raise _final(f"{subject} has no address that can be read. Try another model.") from exc
    except (TimeoutError, httpx.TimeoutException) as exc:
        raise ProviderTimeout(
            f"{subject} does not come within {timeout_s:g} s. Try again later, or set LIPWRIGHT_REMOTE_TIMEOUT_S to"
            " more."
        ) from exc
    except (httpx.HTTPError, OSError) as exc:
        raise ProviderAnswerInvalid(
            f"{subject} cannot be fetched ({server.quoted(str(exc)) or type(exc).__name__}). Try again later."
        ) from exc


async def _body(response: "httpx.Response", subject: str) -> bytes:
    if not response.is_success:
        failure = ProviderAnswerInvalid(f"{subject} cannot be fetched ({response.status_code}). Try again later.")
        failure.retryable = response.status_code >= 500 or response.status_code in {408, 429}
        raise failure
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            raise _final(f"{subject} has more than {MOST_BYTES >> 20} MB. Try another model.")
    return bytes(body)


def _is_its_own(url: "httpx.URL", server: Server) -> bool:
    """Whether a URL leads to the very server that sent it."""
    import httpx

    own = httpx.URL(server.url)
    return (url.scheme, url.host, url.port) == (own.scheme, own.host, own.port)


def _final(message: str) -> ProviderAnswerInvalid:
    """An error that is not worth a second try."""
    failure = ProviderAnswerInvalid(message)
    failure.retryable = False
    return failure
