"""Pages of a listing, newest first. A page goes on behind a row, not behind a count: rows added meanwhile move none."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from lipwright.errors import UsageError

_Item = TypeVar("_Item")
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[_Item]):
    """A part of a listing."""

    items: tuple[_Item, ...]
    next_cursor: str | None
    """Give it back for the page behind this one; None at the end."""


def page_of(
    c: sa.Connection,
    query: sa.Select[Any],
    newest_first: tuple[sa.ColumnElement[int], sa.ColumnElement[str]],
    limit: int,
    cursor: str | None,
) -> Page[sa.Row[Any]]:
    """The rows of a query behind a cursor.

    Args:
        newest_first: when a row was made, and what tells it from others of that millisecond.
        limit: 1 to 200 rows.
    Raises: UsageError: the limit is another number, or the cursor is none that a page gave.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise UsageError(f"limit={limit}: a page has 1 to {MOST_ROWS} rows. Ask for fewer, and for the next page.")
    made, name = newest_first
    if cursor is not None:
        at_ms, at_name = _read(cursor)
        query = query.where(sa.or_(made < at_ms, sa.and_(made == at_ms, name < at_name)))
    # One more than wanted tells whether there is more.
    rows = c.execute(query.order_by(made.desc(), name.desc()).limit(limit + 1)).all()
    if len(rows) <= limit:
        return Page(tuple(rows), None)
    last = rows[limit - 1]._mapping
    return Page(tuple(rows[:limit]), _write(last[made], last[name]))


def _write(at_ms: int, name: str) -> str:
    return urlsafe_b64encode(json.dumps([at_ms, name]).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[int, str]:
    try:
        match json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))):
            case [int(at_ms), str(name)] if 0 <= at_ms < 2**63:
                return at_ms, name
    except (binascii.Error, ValueError):
        pass
    raise UsageError(f"cursor `{cursor[:80]}`: no page gave it. Start without a cursor.")
