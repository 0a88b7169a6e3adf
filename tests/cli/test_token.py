"""`lipwright token ...` on a database of its own."""

import json
from pathlib import Path

import pytest

from lipwright.cli import main
from lipwright.cli.interrupts import Interrupts
from lipwright.settings import Settings
from lipwright.store.tokens import find_token
from lipwright.wiring.service import build_database


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIPWRIGHT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def token(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main.run(["token", *arguments], Interrupts()) == code
    told = capsys.readouterr()
    return (told.err if code else told.out).strip()


def test_a_token_is_shown_once_and_works(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = token(capsys, "create", "--workspace", "acme")
    database = build_database(Settings(data_dir=place))
    with database.read() as connection:
        found = find_token(connection, plain, lambda: database.now_ms(connection))
    database.close()

    assert found is not None
    assert (found.workspace, found.scopes) == ("acme", {"jobs:read", "jobs:write", "assets:read", "assets:write"})
    assert plain not in token(capsys, "list", "--workspace", "acme")


def test_tokens_are_listed_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    made = json.loads(token(capsys, "create", "--workspace", "acme", "--scope", "jobs:write", "--days", "3", "--json"))
    (shown,) = json.loads(token(capsys, "list", "--workspace", "acme", "--json"))["tokens"]
    assert (shown["id"], shown["scopes"]) == (made["id"], ["jobs:write"])
    assert shown["state"].startswith("works until ")

    assert token(capsys, "revoke", made["id"], "--workspace", "acme") == f"{made['id']}: revoked"
    assert "  revoked 2" in token(capsys, "list", "--workspace", "acme")


def test_a_token_that_is_not_there_is_not_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    token(capsys, "create", "--workspace", "acme")

    assert "no token of `acme`" in token(capsys, "revoke", "0" * 16, "--workspace", "acme", code=2)


def test_a_scope_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    told = token(capsys, "create", "--workspace", "acme", "--scope", "jobs:wrote", code=2)

    assert "Did you mean `jobs:write`?" in told
