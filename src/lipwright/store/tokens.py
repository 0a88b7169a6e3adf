"""Tokens of callers. The database holds their SHA-256: who reads it cannot use them."""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from lipwright.errors import UsageError, did_you_mean
from lipwright.store.tables import token
from lipwright.store.workspaces import ensure_workspace

SCOPES = ("jobs:read", "jobs:write", "assets:read", "assets:write", "admin")
_PLAIN = re.compile(r"lw_([0-9a-f]{16})_[A-Za-z0-9_-]{43}")
_OF_ID = sa.select(token).where(token.c.id == sa.bindparam("of_id"))


@dataclass(frozen=True, slots=True)
class TokenRow:
    """What a token may do, and where."""

    id: str
    workspace: str
    scopes: frozenset[str]
    created_ms: int
    expires_ms: int | None
    revoked_ms: int | None


def create_token(
    c: sa.Connection, workspace: str, scopes: Collection[str], expires_ms: int | None, now_ms: int
) -> tuple[str, str]:
    """Make a token, and its workspace where that is new.

    Returns: its id, and the token itself, which nobody can tell again.
    Raises: UsageError: a scope or a workspace that there cannot be, or an end in the past.
    """
    for scope in scopes:
        if scope not in SCOPES:
            raise UsageError(f"scope `{scope[:80]}`: not known.{did_you_mean(scope, SCOPES)} Give {', '.join(SCOPES)}.")
    if not scopes:
        raise UsageError(f"a token without scopes can do nothing. Give {', '.join(SCOPES)}.")
    if expires_ms is not None and expires_ms <= now_ms:
        raise UsageError("a token that has expired already. Give a later end, or none.")
    ensure_workspace(c, workspace, now_ms)
    token_id = secrets.token_hex(8)
    plain = f"lw_{token_id}_{secrets.token_urlsafe(32)}"
    c.execute(
        token.insert().values(
            id=token_id,
            workspace=workspace,
            digest=_digest(plain),
            scopes=json.dumps(sorted(set(scopes))),
            created_ms=now_ms,
            expires_ms=expires_ms,
        )
    )
    return token_id, plain


def find_token(c: sa.Connection, plain: str, now_ms: Callable[[], int]) -> TokenRow | None:
    """The token that a caller shows; None when it is unknown, has expired or was revoked.

    Args:
        now_ms: is asked what time it is, where that matters.
    """
    form = _PLAIN.fullmatch(plain)
    if form is None:
        return None
    row = c.execute(_OF_ID, {"of_id": form.group(1)}).one_or_none()
    # Compared in the same time wherever they differ. 256 random bits need no slow hash.
    if row is None or not hmac.compare_digest(row.digest, _digest(plain)):
        return None
    if row.revoked_ms is not None or (row.expires_ms is not None and row.expires_ms <= now_ms()):
        return None
    return _row(row)


def revoke_token(c: sa.Connection, workspace: str, token_id: str, now_ms: int) -> bool:
    """End a token.

    Returns: False when the workspace has none of this id that still stood.
    """
    revoked = c.execute(
        token.update()
        .where(token.c.workspace == workspace, token.c.id == token_id, token.c.revoked_ms.is_(None))
        .values(revoked_ms=now_ms)
        .returning(token.c.id)
    )
    return revoked.one_or_none() is not None


def list_tokens(c: sa.Connection, workspace: str) -> list[TokenRow]:
    """All tokens of a workspace, newest first; those that ended too."""
    mine = sa.select(token).where(token.c.workspace == workspace).order_by(token.c.created_ms.desc(), token.c.id)
    return [_row(row) for row in c.execute(mine)]


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()


def _row(row: sa.Row[Any]) -> TokenRow:
    return TokenRow(
        row.id, row.workspace, frozenset(json.loads(row.scopes)), row.created_ms, row.expires_ms, row.revoked_ms
    )
