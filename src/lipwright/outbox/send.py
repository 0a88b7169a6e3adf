"""One event to its receiver, signed as Standard Webhooks (standardwebhooks.com), and what became of it."""

import asyncio
import email.utils
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx
from pydantic import SecretStr
from standardwebhooks import Webhook

from lipwright import __version__
from lipwright.errors import AddressForbidden
from lipwright.remote.addresses import Guard
from lipwright.remote.pinned import PinnedTransport

_GONE: Final = 410
_ASK_TO_WAIT: Final = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a receiver may take."""

    connect_s: float = 5.0
    whole_s: float = 15.0
    """From the resolution of its name to the head of its answer."""


class Problem(StrEnum):
    """Why an event was not taken."""

    STATUS = "status"
    """An answer that is no 2xx."""
    REDIRECT = "redirect"
    """Redirects are not followed."""
    TIMEOUT = "timeout"
    """No connection, or no answer, in time."""
    CONNECT = "connect"
    """Nobody listens there, or it cannot be reached."""
    TLS = "tls"
    """Its certificate is not one for its name."""
    ANSWER = "answer"
    """It hangs up, or does not speak HTTP."""
    ADDRESS_FORBIDDEN = "address_forbidden"
    """Its name leads into a private network."""
    NAME_UNKNOWN = "name_unknown"
    NO_SECRET = "no_secret"  # noqa: S105 a name
    """The workspace has no secret of that name."""
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try."""

    status: int | None = None
    """Of the answer; None without one."""
    problem: Problem | None = None
    """None: it was taken."""
    after_s: float | None = None
    """How long its receiver asks to wait."""

    @property
    def is_final(self) -> bool:
        """Whether its receiver wants it never again."""
        return self.status == _GONE


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent."""

    id: str
    """Of the event: the same for each try, so that its receiver knows what it has already."""
    url: str
    body: str
    """JSON; signed and sent as it is."""
    secrets: Sequence[SecretStr]
    """All that are valid, the newest first."""


class Sender:
    """Sends within one event loop; an asynchronous context manager."""

    def __init__(self, guard: Guard, verify: ssl.SSLContext, patience: Patience) -> None:
        """
        Args:
            verify: certificates that are trusted.
        """
        self._whole_s = patience.whole_s
        self._client = httpx.AsyncClient(
            transport=PinnedTransport(guard, verify),
            headers={"User-Agent": f"lipwright/{__version__}", "Accept-Encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(patience.whole_s, connect=patience.connect_s),
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> "Sender":
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._client.aclose()

    async def send(self, message: Message, now_s: float) -> Outcome:
        """Send it once.

        Args:
            now_s: since 1970; the receiver refuses what is older than some minutes.
        """
        if not message.secrets:
            return Outcome(problem=Problem.NO_SECRET)
        try:
            async with asyncio.timeout(self._whole_s):  # httpx counts each silence, not the whole
                return await self._posted(message, now_s)
        except (AddressForbidden, httpx.HTTPError, OSError) as exc:
            return Outcome(problem=_problem(exc))

    async def _posted(self, message: Message, now_s: float) -> Outcome:
        headers = {"Content-Type": "application/json", **signed(message, now_s)}
        async with self._client.stream("POST", message.url, content=message.body.encode(), headers=headers) as answer:
            # The body is not read: nobody needs it, and what a private server says is nobody's business.
            if answer.is_success:
                return Outcome(answer.status_code)
            problem = Problem.REDIRECT if answer.has_redirect_location else Problem.STATUS
            after_s = _after_s(answer, now_s) if answer.status_code in _ASK_TO_WAIT else None
            return Outcome(answer.status_code, problem, after_s)


def signed(message: Message, now_s: float) -> dict[str, str]:
    """The headers that tell a receiver whose event it is. While a secret is replaced there is a signature by each."""
    moment = datetime.fromtimestamp(int(now_s), UTC)
    signatures = [
        Webhook(secret.get_secret_value()).sign(message.id, moment, message.body) for secret in message.secrets
    ]
    return {
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now_s)),
        "webhook-signature": " ".join(signatures),
    }


def _after_s(answer: httpx.Response, now_s: float) -> float | None:
    """Retry-After, in seconds or as a date. Source: RFC 9110, 10.2.3."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now_s)
    except (ValueError, OverflowError):
        return None


def _problem(exc: Exception) -> Problem:
    match exc:
        case TimeoutError() | httpx.TimeoutException():
            return Problem.TIMEOUT
        case AddressForbidden():
            return Problem.ADDRESS_FORBIDDEN
        case httpx.ConnectError():
            return Problem.TLS if _is_tls(exc) else Problem.CONNECT
        case httpx.HTTPError():
            return Problem.ANSWER
        case _:  # what the system's resolver raises
            return Problem.NAME_UNKNOWN


def _is_tls(exc: BaseException | None) -> bool:
    while exc is not None and not isinstance(exc, ssl.SSLError):
        exc = exc.__cause__ or exc.__context__
    return exc is not None
