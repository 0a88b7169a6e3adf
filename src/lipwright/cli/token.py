"""`lipwright token ...`: who may ask the job service for what."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli import options
from lipwright.cli.invocation import invocation_of
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

USUAL = ("jobs:read", "jobs:write", "assets:read", "assets:write")
DAY_MS = 86_400_000

Workspace = Annotated[str, typer.Option("--workspace", "-w", metavar="NAME", help="Whose jobs and files.")]


def create(
    context: typer.Context,
    *,
    workspace: Workspace,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help=f"What it allows; repeat. [default: {', '.join(USUAL)}]"),
    ] = None,
    days: Annotated[int | None, typer.Option("--days", metavar="N", min=1, help="It expires then.")] = None,
    database: options.DatabaseUrl = None,
    json: options.Json = False,
) -> None:
    """Make a token for a workspace, which is made with its first one. The token is shown once."""
    from lipwright.store.tokens import create_token

    invocation = invocation_of(context, json_wanted=json)
    with _rows(database) as (connection, now_ms):
        expires_ms = now_ms + days * DAY_MS if days is not None else None
        token_id, plain = create_token(connection, workspace, scope or list(USUAL), expires_ms, now_ms)
    if json:
        invocation.print_json({"id": token_id, "workspace": workspace, "token": plain})
    else:
        invocation.print(plain)


def list_all(
    context: typer.Context, *, workspace: Workspace, database: options.DatabaseUrl = None, json: options.Json = False
) -> None:
    """Show the tokens of a workspace, and not what is secret of them."""
    from lipwright.store.tokens import list_tokens

    invocation = invocation_of(context, json_wanted=json)
    with _rows(database) as (connection, now_ms):
        tokens = list_tokens(connection, workspace)
    told = [
        {
            "id": one.id,
            "scopes": sorted(one.scopes),
            "created": _day(one.created_ms),
            "state": _state(one.expires_ms, one.revoked_ms, now_ms),
        }
        for one in tokens
    ]
    if json:
        invocation.print_json({"tokens": told})
        return
    for one in told:
        invocation.print(f"{one['id']}  {one['created']}  {one['state']}  {' '.join(one['scopes'])}")


def revoke(
    context: typer.Context,
    *,
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As `lipwright token list` shows it.")],
    workspace: Workspace,
    database: options.DatabaseUrl = None,
) -> None:
    """End a token at once."""
    from lipwright.store.tokens import revoke_token

    with _rows(database) as (connection, now_ms):
        if not revoke_token(connection, workspace, token_id, now_ms):
            raise UsageError(
                f"{token_id}: no token of `{workspace}` that still works. `lipwright token list` shows them."
            )
    invocation_of(context).print(f"{token_id}: revoked")


@contextmanager
def _rows(database: str | None) -> "Iterator[tuple[Connection, int]]":
    """A transaction on the database of the service, and its time."""
    from lipwright.cli.worker import service_settings
    from lipwright.settings import load_settings
    from lipwright.wiring.service import build_database

    with closing(build_database(service_settings(load_settings(), database, None))) as rows:
        rows.migrate()
        with rows.begin() as connection:
            yield connection, rows.now_ms(connection)


def _state(expires_ms: int | None, revoked_ms: int | None, now_ms: int) -> str:
    if revoked_ms is not None:
        return f"revoked {_day(revoked_ms)}"
    if expires_ms is None:
        return "works"
    return f"works until {_day(expires_ms)}" if expires_ms > now_ms else f"expired {_day(expires_ms)}"


def _day(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date().isoformat()
