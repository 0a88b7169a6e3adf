"""Tokens: known by their digest, for one workspace, until they end."""

import pytest
import sqlalchemy as sa

from lipwright.errors import UsageError
from lipwright.store.database import Database
from lipwright.store.tables import token
from lipwright.store.tokens import create_token, find_token, list_tokens, revoke_token

NOW = 1_000_000


def test_token_is_found_with_its_workspace_and_scopes(database: Database) -> None:
    with database.begin() as c:
        token_id, plain = create_token(c, "acme", ["jobs:write", "jobs:read"], None, NOW)
        found = find_token(c, plain, lambda: NOW)
    assert found is not None
    assert (found.id, found.workspace, found.scopes) == (token_id, "acme", {"jobs:read", "jobs:write"})


def test_database_does_not_hold_what_would_be_needed_to_use_a_token(database: Database) -> None:
    with database.begin() as c:
        _, plain = create_token(c, "acme", ["admin"], None, NOW)
        row = c.execute(sa.select(token)).one()
    assert plain.rpartition("_")[2] not in str(tuple(row))
    assert plain not in repr(row)


def test_anything_else_is_no_token(database: Database) -> None:
    with database.begin() as c:
        token_id, plain = create_token(c, "acme", ["admin"], None, NOW)
        _, other = create_token(c, "acme", ["admin"], None, NOW)
        swapped = f"lw_{token_id}_{other[20:]}"
        for wrong in ("", "lw_", plain[:-1], plain + "A", plain.upper(), swapped, f"{plain}\n", "é", "x" * 100_000):
            assert find_token(c, wrong, lambda: NOW) is None, wrong[:60]


def test_token_ends_when_it_expires(database: Database) -> None:
    with database.begin() as c:
        _, plain = create_token(c, "acme", ["admin"], NOW + 10, NOW)
        assert find_token(c, plain, lambda: NOW + 9) is not None
        assert find_token(c, plain, lambda: NOW + 10) is None


def test_token_ends_when_its_workspace_revokes_it(database: Database) -> None:
    with database.begin() as c:
        token_id, plain = create_token(c, "acme", ["admin"], None, NOW)
        assert not revoke_token(c, "other", token_id, NOW)
        assert find_token(c, plain, lambda: NOW) is not None
        assert revoke_token(c, "acme", token_id, NOW + 5)
        assert not revoke_token(c, "acme", token_id, NOW + 6)
        assert find_token(c, plain, lambda: NOW) is None
        assert [row.revoked_ms for row in list_tokens(c, "acme")] == [NOW + 5]
        assert list_tokens(c, "other") == []


@pytest.mark.parametrize(
    ("workspace", "scopes", "expires_ms", "message"),
    [
        ("acme", ["jobs:reed"], None, "Did you mean `jobs:read`"),
        ("acme", [], None, "without scopes"),
        ("acme", ["admin"], NOW, "expired already"),
        ("Acme Inc.", ["admin"], None, "small letters"),
        ("", ["admin"], None, "small letters"),
        ("a" * 65, ["admin"], None, "1 to 64"),
    ],
)
def test_token_that_there_cannot_be_is_refused(
    database: Database, workspace: str, scopes: list[str], expires_ms: int | None, message: str
) -> None:
    with database.begin() as c, pytest.raises(UsageError, match=message):
        create_token(c, workspace, scopes, expires_ms, NOW)
