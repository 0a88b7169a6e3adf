"""What every order of work has beside what is made."""

import contextlib
import hashlib
import json
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import Field

from lipwright.contracts.job import Callback, JobRequest, Spec
from lipwright.contracts.strict import Name, Strict


class Order(Strict):
    """How work is done and told of."""

    approvals: frozenset[Name] = frozenset()
    """Stages behind which it waits for a person; the kind of work says which there are."""
    callback: Callback | None = None
    priority: Annotated[int, Field(ge=1, le=100)] = 50
    """1 is the most urgent."""
    labels: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=256)]] = Field(
        default_factory=dict, max_length=18
    )
    """The caller's own words, given back in each event."""

    def request(self, spec: Spec) -> JobRequest:
        """A job of it."""
        return JobRequest(
            spec=spec,
            approvals=self.approvals,
            callback=self.callback,
            priority=self.priority,
            labels=self.labels,
        )


async def _body_digest(request: Request) -> str:
    """What two requests with one idempotency key must agree in: their JSON, however it is written."""
    body = await request.body()
    with contextlib.suppress(ValueError):  # what is no JSON, the contract refuses
        body = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    # The same words sent to another path are another request.
    return hashlib.sha256(body if request.url.path == "/v1/jobs" else request.url.path.encode() + body).hexdigest()


BodyDigest = Annotated[str, Depends(_body_digest)]
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=255, description="Sent again, it makes nothing twice."),
]
