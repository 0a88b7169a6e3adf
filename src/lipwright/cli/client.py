"""The job service as its commands speak to it: over HTTP, with the token of the settings."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipwright import errors
from lipwright.errors import (
    InputError,
    MediaNotFound,
    ProviderUnavailable,
    ServiceError,
    TokenInvalid,
    TooManyRequests,
)

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 60.0
RETRIED = 10
"""So often a stream of events is taken up again without a word from the service."""
RESENT = 3
"""So often a request with a key is sent again."""
RETRIED_AFTER_S = 1.0
_CHUNK_BYTES = 1 << 20


class Client:
    """Requests to one service."""

    def __init__(self, http: "httpx.Client") -> None:
        self._http = http

    def get(self, path: str, **parameters: Any) -> Any:
        """A document.

        Raises: ServiceError or another of the tree, as the service tells it.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._answer("GET", path, params=given).json()

    def post(self, path: str, document: Mapping[str, Any] | None = None, key: str | None = None) -> Any:
        """Send a document, and get one.

        Args:
            key: sent again, it does the same thing only once. So it is sent again where the answer is lost.
        """
        import httpx

        headers = {"Idempotency-Key": key} if key is not None else {}
        for _ in range(RESENT if key is not None else 0):
            try:
                return self._answer("POST", path, json=document, headers=headers).json()
            except ProviderUnavailable as lost:
                if isinstance(lost.__cause__, httpx.ConnectError | httpx.ConnectTimeout):
                    raise  # nothing was sent
            time.sleep(RETRIED_AFTER_S)
        return self._answer("POST", path, json=document, headers=headers).json()

    def upload(self, path: Path) -> str:
        """Store a file; returns its digest.

        Raises: MediaNotFound: there is no such file.
        """
        try:
            with path.open("rb") as file:
                return str(self._answer("POST", "/v1/assets", files={"file": (path.name, file)}).json()["digest"])
        except OSError as exc:
            raise MediaNotFound(f"`{path}`: cannot be read ({exc.strerror}). Check the name.") from exc

    def download(self, digest: str) -> Iterator[bytes]:
        """The bytes of a file."""
        with self._stream(f"/v1/assets/{digest}", {}) as answer:
            yield from answer.iter_bytes(_CHUNK_BYTES)

    def events(self, job: str) -> Iterator[dict[str, Any]]:
        """What happens to a job, from its first event to its last one; goes on where the stream breaks off."""
        import httpx

        seen, broken = 0, 0
        while True:
            try:
                headers = {"Accept": "text/event-stream", "Last-Event-ID": str(seen)}
                with self._stream(f"/v1/jobs/{job}/events", headers) as answer:
                    if answer.status_code == httpx.codes.NO_CONTENT:
                        return
                    for line in answer.iter_lines():
                        if line.startswith("data:"):
                            event = json.loads(line.removeprefix("data:"))
                            seen, broken = int(event["sequence"]), 0
                            yield event
            except ProviderUnavailable:
                broken += 1
                if broken > RETRIED:
                    raise
                time.sleep(RETRIED_AFTER_S)

    @contextmanager
    def _stream(self, path: str, headers: Mapping[str, str]) -> "Iterator[httpx.Response]":
        with _reached(self._http), self._http.stream("GET", path, headers=headers) as answer:
            if answer.is_error:
                answer.read()
            _check(answer)
            yield answer

    def _answer(self, method: str, path: str, **how: Any) -> "httpx.Response":
        with _reached(self._http):
            answer = self._http.request(method, path, **how)
        _check(answer)
        return answer


@contextmanager
def connected() -> Iterator[Client]:
    """The service that the settings name.

    Raises: TokenInvalid: the settings have no token.
    """
    import httpx

    from lipwright.settings import load_settings, variable

    settings = load_settings()
    token = settings.token.get_secret_value()
    if not token:
        raise TokenInvalid(
            f"{variable('token')} is not set. Set it to what `lipwright token create` printed on the server."
        )
    with httpx.Client(base_url=settings.url, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT_S) as http:
        yield Client(http)


@contextmanager
def _reached(http: "httpx.Client") -> Iterator[None]:
    import httpx

    try:
        yield
    except httpx.HTTPError as exc:
        cause = str(exc) or type(exc).__name__
        raise ProviderUnavailable(
            f"{http.base_url}: the job service does not answer ({cause}). See that `lipwright serve` runs there."
        ) from exc


def _check(answer: "httpx.Response") -> None:
    """Raise what the service tells as what it was there."""
    if not answer.is_error:
        return
    try:
        problem = answer.json()
        code, detail = str(problem["code"]), str(problem["detail"])
    except (ValueError, KeyError, TypeError) as exc:
        raise ServiceError(
            f"{answer.url}: answers {answer.status_code} and not as a job service. Check LIPWRIGHT_URL."
        ) from exc
    wrong = [f"{one['pointer']}: {one['detail']}" for one in problem.get("errors") or []]
    kinds = {
        kind.code: kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, InputError | ServiceError) and kind is not TooManyRequests
    }
    message = "; ".join([detail, *wrong])
    if code == TooManyRequests.code:
        raise TooManyRequests(message, float(answer.headers.get("Retry-After", 1)))
    raise kinds.get(code, ServiceError)(message)
