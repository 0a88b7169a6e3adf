"""Errors as callers see them: problem details (RFC 9457) made from the error tree. Nothing of the inside shows.

What a caller did wrong is told in full. Of what went wrong inside, only the kind is told; the log has the rest.
"""

import json
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lipwright.contracts.batch import RowProblem
from lipwright.errors import BatchInvalid, LipwrightError, RateLimited, TokenInvalid, TooManyRequests

MEDIA_TYPE = "application/problem+json"
_CODES = {
    400: "request_malformed",
    404: "not_found",
    405: "method_not_allowed",
    408: "body_too_slow",
    415: "media_type_unsupported",
    416: "range_not_satisfiable",
}
_INSIDE = "The service could not do this. Its log says why, under the request's id."
_INSIDE_RETRYABLE = "The service cannot do this at the moment. Try again later."


MOST_ROWS = 1000
"""Wrong rows of a batch that are told in full; beyond them only their number."""


class WrongField(BaseModel):
    """A field, or a row of a table, that is not as it should be."""

    pointer: str | None = Field(
        default=None, description="JSON pointer into the request, such as `/body/spec/face`; of a field."
    )
    line: int | None = Field(default=None, description="Of the table, from 1; of a row.")
    name: str | None = Field(default=None, description="Of the row, where it has one.")
    detail: str


class RowsInvalid(BatchInvalid):
    """Rows of a batch cannot be made."""

    def __init__(self, message: str, problems: Sequence[RowProblem]) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class Problem(BaseModel):
    """Problem details, RFC 9457."""

    type: str = Field(description="`urn:lipwright:error:` and the code.")
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable: what a program looks at.")
    retryable: bool = Field(description="Whether the same request may succeed later.")
    instance: str = Field(description="`urn:lipwright:request:` and the id of the request.")
    errors: list[WrongField] | None = Field(
        default=None, description="Of a request that breaks its contract, or of a batch with rows that cannot be made."
    )


EXAMPLE = {
    "type": "urn:lipwright:error:job_not_found",
    "title": "Not Found",
    "status": 404,
    "detail": "0198c0de: no such job in this workspace.",
    "code": "job_not_found",
    "retryable": False,
    "instance": "urn:lipwright:request:6f1c2f0e",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": words,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": EXAMPLE}},
    }
    for status, words in {"4XX": "The request cannot be served.", "5XX": "The service failed."}.items()
}
"""What every operation may answer beside its result."""


def problem_response(error: Exception, request_id: str) -> Response:
    """The answer to a request that ended in an error; any error that is not known is one of the inside."""
    status, code, retryable, detail = _told(error)
    headers: dict[str, str] = {}
    document: dict[str, object] = {
        "type": f"urn:lipwright:error:{code}",
        "title": HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Stopped",
        "status": status,
        "detail": detail,
        "code": code,
        "retryable": retryable,
        "instance": f"urn:lipwright:request:{request_id}",
    }
    if isinstance(error, RequestValidationError):
        document["errors"] = [_wrong_field(wrong) for wrong in error.errors()[:50]]
    if isinstance(error, RowsInvalid):
        document["errors"] = [
            {"line": wrong.line, "name": wrong.name or None, "detail": wrong.message}
            for wrong in error.problems[:MOST_ROWS]
        ]
    if isinstance(error, HTTPException):
        headers |= dict(error.headers or {})
    if isinstance(error, TokenInvalid):
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, (TooManyRequests, RateLimited)) and error.after_s is not None:
        headers["retry-after"] = str(max(1, math.ceil(error.after_s)))
    return Response(json.dumps(document), status, headers, MEDIA_TYPE)


def _told(error: Exception) -> tuple[int, str, bool, str]:
    """Status, code, whether it may succeed later, and words."""
    if isinstance(error, RequestValidationError):
        return 422, "request_invalid", False, "The request breaks its contract. Correct the fields under `errors`."
    if isinstance(error, HTTPException):
        code = _CODES.get(error.status_code, "request_refused")
        return error.status_code, code, error.status_code == 408, error.detail
    if isinstance(error, LipwrightError):
        if error.http_status >= 500:
            words = _INSIDE_RETRYABLE if error.retryable else _INSIDE
            return error.http_status, error.code, error.retryable, words
        return error.http_status, error.code, error.retryable, str(error)
    return 500, "internal_error", False, _INSIDE


def _wrong_field(wrong: Mapping[str, Any]) -> dict[str, str]:
    """Where and why. What was given is not repeated: it may be a secret, or a thousand pages."""
    return {"pointer": _pointer(wrong["loc"]), "detail": str(wrong["msg"])[:300]}


def _pointer(place: Sequence[object]) -> str:
    steps = (str(step)[:100].replace("~", "~0").replace("/", "~1") for step in place)
    return "".join(f"/{step}" for step in steps)
