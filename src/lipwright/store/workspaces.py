"""Workspaces: to each belongs what is its own, and none sees another's."""

import re

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from lipwright.errors import UsageError
from lipwright.store.tables import workspace

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def upsert(c: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may say ON CONFLICT, which both databases know."""
    return sqlite.insert(table) if c.dialect.name == "sqlite" else postgresql.insert(table)


def ensure_workspace(c: sa.Connection, name: str, now_ms: int) -> None:
    """Make the workspace, unless it is there.

    Raises: UsageError: what cannot be its name.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"workspace `{name[:80]}`: give 1 to 64 small letters, digits, `-` and `_`, a letter or a digit first."
        )
    c.execute(upsert(c, workspace).values(name=name, created_ms=now_ms).on_conflict_do_nothing())
