"""Parameters that lists and paths share."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query

PageLimit = Annotated[int, Query(alias="limit", ge=1, le=200, description="How many at most.")]
Cursor = Annotated[
    str | None,
    Query(max_length=500, pattern=r"^[A-Za-z0-9_.:=-]+$", description="`next_cursor` of the page before."),
]
JobId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="A job's id.")]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="The SHA-256 of an asset.")]


def instant(milliseconds: int | None) -> str | None:
    """A time of the rows in UTC, ISO 8601."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
