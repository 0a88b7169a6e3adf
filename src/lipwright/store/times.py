"""Times of rows, as callers read them."""

from datetime import UTC, datetime


def utc(ms: int) -> str:
    """ISO 8601, such as `2026-05-04T12:30:00.250Z`.

    Args:
        ms: milliseconds since 1970.
    """
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
