"""Secrets of workspaces, which sign what is sent to their callbacks. While one is being replaced, both sign."""

import base64
import os
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import SecretStr

from lipwright.store.tables import secret
from lipwright.store.workspaces import upsert

DEFAULT_SECRET = "default"  # noqa: S105 a name
"""Made when it is first needed."""
_BYTES = 32
_KEPT_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class SecretRow:
    """That there is a secret; not what it is."""

    name: str
    previous_until_ms: int | None
    """Until when the one before it signs, too."""


def ensure_secret(c: sa.Connection, workspace: str, name: str, now_ms: int) -> None:
    """Make a secret, unless it is there."""
    if not signing_secrets(c, workspace, name, now_ms):
        made = upsert(c, secret).values(workspace=workspace, name=name, value=_new())
        c.execute(made.on_conflict_do_nothing())


def signing_secrets(c: sa.Connection, workspace: str, name: str, now_ms: int) -> tuple[SecretStr, ...]:
    """What signs, newest first, in the form of Standard Webhooks: `whsec_` and base64. Empty when there is none."""
    row = c.execute(sa.select(secret).where(secret.c.workspace == workspace, secret.c.name == name)).one_or_none()
    if row is None:
        return ()
    if row.previous is not None and row.previous_until_ms > now_ms:
        return SecretStr(row.value), SecretStr(row.previous)
    return (SecretStr(row.value),)


def rotate_secret(c: sa.Connection, workspace: str, name: str, now_ms: int, *, keep_ms: int = _KEPT_MS) -> SecretStr:
    """Replace a secret, or make it.

    Args:
        keep_ms: how long the one before it signs, too, so that receivers can change in peace.
    """
    value = _new()
    c.execute(
        upsert(c, secret)
        .values(workspace=workspace, name=name, value=value)
        .on_conflict_do_update(
            index_elements=["workspace", "name"],
            set_={"value": value, "previous": secret.c.value, "previous_until_ms": now_ms + keep_ms},
        )
    )
    return SecretStr(value)


def list_secrets(c: sa.Connection, workspace: str) -> list[SecretRow]:
    """The secrets of a workspace, by name."""
    rows = c.execute(
        sa.select(secret.c.name, secret.c.previous_until_ms)
        .where(secret.c.workspace == workspace)
        .order_by(secret.c.name)
    )
    return [SecretRow(row.name, row.previous_until_ms) for row in rows]


def _new() -> str:
    return f"whsec_{base64.b64encode(os.urandom(_BYTES)).decode()}"
