"""Which bytes of a file a request wants (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

from starlette.exceptions import HTTPException

_ONE_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """From `start` up to `end`, which is not in it."""

    start: int
    end: int


def wanted_range(header: str | None, size_bytes: int) -> ByteRange | None:
    """The range that a header asks for.

    Returns: None for the whole file: nothing is asked for, or what no server has to understand, such as several ranges.
    Raises: HTTPException: 416, the file has no such bytes.
    """
    found = _ONE_RANGE.fullmatch(header or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if first == "":
        start, end = max(0, size_bytes - int(last)), size_bytes
    else:
        start, end = int(first), min(size_bytes, int(last) + 1) if last else size_bytes
        if last and int(last) < int(first):
            return None  # no range at all
    if start >= end:
        raise HTTPException(
            416, f"The file has {size_bytes} bytes, none of them there.", {"content-range": f"bytes */{size_bytes}"}
        )
    return ByteRange(start, end)
