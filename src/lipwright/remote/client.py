"""One client for every server: time-outs, tries, waits, limits, errors of Lipwright's own.

A request goes to the server's own address and nowhere else: redirects are not followed, so that no other host learns
the key. The environment's proxies are used for https alone, where they see no content.
"""

import random
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from lipwright import __version__
from lipwright.errors import (
    ProviderAnswerInvalid,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
)
from lipwright.remote.answer import Answer
from lipwright.remote.gate import Gate
from lipwright.remote.server import Server
from lipwright.remote.waiting import pause, watched

if TYPE_CHECKING:
    import httpx
    import tenacity

_READINGS: Final = 2
"""How often a good answer with bad content is asked for: each one may cost."""

_Result = TypeVar("_Result")


class Unreachable(ProviderUnavailable):
    """Nobody answers at a server's address now; somebody may later."""

    retryable = True


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how often and how much."""

    connect_s: float = 10.0
    answer_s: float = 120.0
    """For one whole answer, and for a silence within it."""
    tries: int = 4
    first_wait_s: float = 1.0
    """Before the second try; twice as long before each next one, and up to a second longer by chance."""
    longest_wait_s: float = 60.0
    """Whatever Retry-After asks for."""
    requests_per_minute: int = 0
    """0 sets no limit."""
    in_flight: int = 2
    answer_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Request:
    """What a server is asked."""

    method: str
    path: str
    """Behind the server's address; begins with a slash."""
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str | Sequence[str]] | None = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None
    """Name of the field; name, content and type of the file."""
    accepted: Collection[int] = ()
    """Statuses beside 2xx that are no failure."""
    repeatable: bool = True
    """Whether it may be sent again when nobody knows what became of it."""


class RemoteClient:
    """Asks one server. Any thread may use it; no connection is kept open."""

    def __init__(
        self,
        server: Server,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """
        Args:
            clock: seconds that never go back.
            now: seconds since the epoch.
            chance: 0 to 1.
        """
        self.server = server
        self._limits = limits or Limits()
        self._clock, self._now, self._sleep, self._chance = clock, now, sleep, chance
        self._gate = Gate(self._limits.requests_per_minute, self._limits.in_flight, clock, sleep)
        self._lock = threading.Lock()
        self._http: httpx.Client | None = None

    def ask(self, request: Request, read: Callable[[Answer], _Result]) -> _Result:
        """Send a request until it is answered, or until it is clear that it will not be.

        Args:
            read: makes something of the answer; when it raises ProviderAnswerInvalid, the server is asked once more.
        Raises: ProviderRefused, QuotaExhausted, RateLimited, ProviderTimeout, ProviderUnavailable,
            ProviderAnswerInvalid; UsageError: the server's address is none; what a cancelled wait raises.
        """
        for _ in range(_READINGS - 1):
            answer = self._answer(request)
            try:
                return read(answer)
            except ProviderAnswerInvalid:
                if not request.repeatable:
                    raise
        return read(self._answer(request))

    def _answer(self, request: Request) -> Answer:
        import tenacity

        retrying = tenacity.Retrying(
            sleep=lambda length_s: pause(length_s, self._sleep),
            stop=tenacity.stop_after_attempt(self._limits.tries),
            wait=self._wait_s,
            retry=tenacity.retry_if_exception(lambda exc: _may_succeed_later(exc, request)),
            reraise=True,
        )
        return retrying(self._try, request)

    def _wait_s(self, state: "tenacity.RetryCallState") -> float:
        failure = state.outcome.exception() if state.outcome else None
        asked_s = getattr(failure, "after_s", None)
        own_s = self._limits.first_wait_s * 2 ** (state.attempt_number - 1) + self._chance()
        return float(min(own_s if asked_s is None else asked_s + self._chance(), self._limits.longest_wait_s))

    def _try(self, request: Request) -> Answer:
        with self._gate.passing():
            answer = watched(lambda: self._exchange(request))
        failure = answer.failure(self._now)
        if failure is not None and answer.status not in request.accepted:
            raise failure
        return answer

    def _exchange(self, request: Request) -> Answer:
        import httpx

        server = self.server
        subject = f"{server.engine}: {server.host}"
        ends_s = self._clock() + self._limits.answer_s
        try:
            with self._client().stream(
                request.method,
                server.address(request.path),
                params=dict(request.query) or None,
                json=request.json,
                data=request.form,
                files=request.files,
                headers=server.headers(),
            ) as response:
                body = bytearray()
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > self._limits.answer_bytes:
                        raise _final(
                            ProviderAnswerInvalid(
                                f"{subject} sends more than {self._limits.answer_bytes >> 20} MB. Check"
                                f" {server.url_variable}."
                            )
                        )
                    if self._clock() > ends_s:
                        raise self._timeout(subject)
                headers = {name.lower(): value for name, value in response.headers.items()}
                status = response.status_code
        except httpx.InvalidURL as exc:
            raise server.no_address() from exc
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as exc:
            raise Unreachable(
                f"{subject} cannot be reached ({server.quoted(str(exc)) or type(exc).__name__}). Check the network and"
                f" {server.url_variable}."
            ) from exc
        except httpx.TimeoutException as exc:
            raise self._timeout(subject) from exc
        except httpx.TransportError as exc:
            raise ProviderAnswerInvalid(
                f"{subject} breaks its answer off ({server.quoted(str(exc)) or type(exc).__name__}). Try again later."
            ) from exc
        answer = Answer(server, status, headers, bytes(body))
        if headers.get("content-encoding", "identity") != "identity":
            raise answer.invalid(f"sends {headers['content-encoding']} that nobody asked for")
        return answer

    def _timeout(self, subject: str) -> ProviderTimeout:
        return ProviderTimeout(
            f"{subject} does not answer within {self._limits.answer_s:g} s. Try again later, or set"
            " LIPWRIGHT_REMOTE_TIMEOUT_S to more."
        )

    def _client(self) -> "httpx.Client":
        import httpx

        with self._lock:
            if self._http is None:
                try:
                    self._http = httpx.Client(
                        headers={"User-Agent": f"lipwright/{__version__}", "Accept-Encoding": "identity"},
                        timeout=httpx.Timeout(self._limits.answer_s, connect=self._limits.connect_s),
                        limits=httpx.Limits(max_keepalive_connections=0),
                        follow_redirects=False,
                        trust_env=self.server.is_secure,
                    )
                except (OSError, ValueError, ImportError) as exc:
                    raise ProviderUnavailable(
                        f"{self.server.engine}: the environment names a proxy or certificates that cannot be used"
                        f" ({exc}). Check HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE."
                    ) from exc
            return self._http


def _may_succeed_later(failure: BaseException, request: Request) -> bool:
    """Errors know it themselves; what may have been done already is not done again."""
    if not isinstance(failure, ProviderError) or not failure.retryable:
        return False
    return request.repeatable or isinstance(failure, (Unreachable, RateLimited))


def _final(error: ProviderError) -> ProviderError:
    """The same error, not to be tried again."""
    error.retryable = False
    return error
