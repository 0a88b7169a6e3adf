"""What a server answered, read with care: it may be an error, HTML, or something else than was asked for."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from lipwright.errors import (
    ProviderAnswerInvalid,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    QuotaExhausted,
    RateLimited,
)
from lipwright.remote.server import Server

_QUOTA: Final = frozenset(
    "insufficient_quota quota_exceeded credit_balance_exhausted organization_spend_limit_exceeded"
    " project_spend_limit_exceeded billing_hard_limit_reached billing_not_active".split()
)
"""Codes of OpenAI and ElevenLabs, whatever the status they come with."""

_Model = TypeVar("_Model", bound=BaseModel)


class ServerFailed(ProviderAnswerInvalid):
    """A server says that it has failed itself; `after_s` is how long it asks to wait, if it does."""

    def __init__(self, message: str, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    server: Server
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def parsed(self, model: type[_Model]) -> _Model:
        """The JSON document, as the model says.

        Raises: ProviderAnswerInvalid: it is none, or of another shape.
        """
        if "json" not in self.content_type:
            raise self.invalid(f"sends {self.content_type or 'something unnamed'} instead of JSON")
        try:
            return model.model_validate_json(self.body)
        except ValidationError as exc:
            wrong = exc.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(step) for step in wrong["loc"]) or "document"
            raise self.invalid(f"sends JSON of another shape ({place}: {wrong['msg']})") from None

    def sound(self) -> bytes:
        """The body, which is said to be sound.

        Raises: ProviderAnswerInvalid: it is said to be something else, or it is empty.
        """
        kind = self.content_type
        if not (kind.startswith("audio/") or kind in {"", "application/octet-stream", "binary/octet-stream"}):
            raise self.invalid(f"sends {kind} instead of sound")
        if not self.body:
            raise self.invalid("sends nothing instead of sound")
        return self.body

    def invalid(self, what: str) -> ProviderAnswerInvalid:
        """The error for an answer that cannot be used."""
        return ProviderAnswerInvalid(
            f"{self.server.engine}: {self.server.host} {what}. Try again later, or check {self.server.url_variable}."
        )

    def codes(self) -> frozenset[str]:
        """The names that a server gives to its error, such as `insufficient_quota`."""
        return self._complaint()[0]

    def failure(self, now: Callable[[], float]) -> ProviderError | None:
        """The error that a status means; None for success.

        Args:
            now: seconds since the epoch, for a date in Retry-After.
        """
        if 200 <= self.status < 300:
            return None
        after_s = retry_after_s(self.headers.get("retry-after", ""), now)
        if self.status == 408 or self.status >= 500:
            return ServerFailed(f"{self._said('fails')}. Try again later.", after_s)
        if self.status == 429 and not self.codes() & _QUOTA:
            return RateLimited(
                f"{self._said('wants fewer requests')}. Try again later, or set LIPWRIGHT_REMOTE_REQUESTS_PER_MINUTE.",
                after_s,
            )
        return self._refusal()

    def _refusal(self) -> ProviderError:
        """The error of a status that waiting does not change."""
        server = self.server
        if self.status == 402 or self.codes() & _QUOTA:
            return QuotaExhausted(f"{self._said('says that your credit is used up')}. Look at your account there.")
        if self.status in {401, 403}:
            return ProviderRefused(
                f"{self._said('refuses the key')}. Set {server.key_variable} to one that is allowed to do this."
            )
        if 300 <= self.status < 400:
            return ProviderUnavailable(
                f"{server.engine}: {server.host} sends requests elsewhere ({self.status}), where your key is not sent."
                f" Set {server.url_variable} to the address of the API itself."
            )
        return ProviderUnavailable(
            f"{self._said('does not take this request')}. Check the model, the voice and {server.url_variable}."
        )

    def _said(self, what: str) -> str:
        words = self.server.quoted(self._complaint()[1])
        reason = f"{self.status}: {words}" if words else str(self.status)
        return f"{self.server.engine}: {self.server.host} {what} ({reason})"

    def _complaint(self) -> tuple[frozenset[str], str]:
        """Codes and words of an error as OpenAI, ElevenLabs, vLLM and Ollama write it."""
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            return frozenset(), "" if "html" in self.content_type else self.body[:2000].decode("utf-8", "replace")
        told = _first(document, ("error", "detail")) if isinstance(document, dict) else document
        told = told[0] if isinstance(told, list) and told else told
        if not isinstance(told, dict):
            return frozenset(), told if isinstance(told, str) else ""
        codes = frozenset(str(told[name]) for name in ("code", "type", "status") if told.get(name))
        return codes, str(_first(told, ("message", "msg")) or "")


def retry_after_s(value: str, now: Callable[[], float]) -> float | None:
    """How long a Retry-After header asks to wait, in seconds; None for a header that says nothing.

    Source: RFC 9110, 10.2.3: a number of seconds, or a date.
    """
    try:
        asked_s = float(value)
    except ValueError:
        try:
            date = parsedate_to_datetime(value)
        except (ValueError, IndexError):
            return None
        asked_s = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now()
    return max(asked_s, 0.0) if abs(asked_s) < 1e9 else None


def _first(document: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """What stands under the first of the names that is there; the document itself if none is."""
    return next((document[name] for name in names if document.get(name)), document)
