"""Who asks, and what they may: bearer tokens with scopes, each of one workspace."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer, SecurityScopes
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from lipwright.api.rates import Rates
from lipwright.api.service import Service
from lipwright.errors import NotAllowed, TokenInvalid
from lipwright.store.tokens import find_token

_OPEN = ("/v1/openapi.json", "/v1/files/")
"""What lies under /v1 and needs no token: the description, and links that carry their own."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose request it is."""

    workspace: str
    token_id: str
    scopes: frozenset[str]


class Access:
    """An ASGI application that lets nobody pass to /v1 without a token."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service
        self._rates = Rates(service.settings.rate_per_minute, service.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/v1") and not scope["path"].startswith(_OPEN):
            caller = await run_in_threadpool(self._find, Headers(scope=scope).get("authorization", ""))
            scope["state"]["caller"] = caller
            self._rates.take(caller.token_id)
        await self._app(scope, receive, send)

    def _find(self, authorization: str) -> Caller:
        kind, _, plain = authorization.partition(" ")
        if kind.lower() != "bearer" or not plain.strip().isascii():
            raise TokenInvalid("The request has no token. Send it as `Authorization: Bearer TOKEN`.")
        database = self._service.database
        with database.read() as c:
            found = find_token(c, plain.strip(), lambda: database.now_ms(c))
        if found is None:
            raise TokenInvalid("The token is not known, or has expired. `lipwright token create` makes another one.")
        return Caller(found.workspace, found.id, frozenset(found.scopes))


_bearer = HTTPBearer(auto_error=False, description="A token made by `lipwright token create`.")


def _caller(request: Request, needed: SecurityScopes, _: Annotated[object, Depends(_bearer)]) -> Caller:
    caller = getattr(request.state, "caller", None)
    if not isinstance(caller, Caller):
        raise TokenInvalid("The request has no token. Send it as `Authorization: Bearer TOKEN`.")
    missing = [scope for scope in needed.scopes if scope not in caller.scopes and "admin" not in caller.scopes]
    if missing:
        raise NotAllowed(f"The token lacks the scope `{missing[0]}`. Use one that has it.")
    return caller


JobReader = Annotated[Caller, Security(_caller, scopes=["jobs:read"])]
JobWriter = Annotated[Caller, Security(_caller, scopes=["jobs:write"])]
AssetReader = Annotated[Caller, Security(_caller, scopes=["assets:read"])]
AssetWriter = Annotated[Caller, Security(_caller, scopes=["assets:write"])]
Admin = Annotated[Caller, Security(_caller, scopes=["admin"])]
Anybody = Annotated[Caller, Security(_caller)]
"""Whoever has a token."""


def _service(request: Request) -> Service:
    service = request.app.state.service
    assert isinstance(service, Service)  # noqa: S101 build_api put it there
    return service


Served = Annotated[Service, Depends(_service)]
"""What the wiring gave."""
