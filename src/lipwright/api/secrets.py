"""Secrets that sign what callbacks get. A secret is shown once: when it is made."""

from typing import Annotated

from fastapi import APIRouter, Path, status

from lipwright.api.access import Admin, Served
from lipwright.api.pages import instant
from lipwright.contracts.strict import Strict
from lipwright.store.secrets import list_secrets, rotate_secret

router = APIRouter(prefix="/v1/secrets", tags=["secrets"])


class SecretView(Strict):
    """A secret, by its name alone."""

    name: str
    previous_until: str | None
    """Until then, what the secret before it signs is sent, too."""


class SecretList(Strict):
    """All secrets of the workspace."""

    items: tuple[SecretView, ...]


class NewSecret(SecretView):
    """A secret that was just made."""

    value: str
    """Shown this once. Give it to whoever checks signatures."""


@router.get("")
def list_all(caller: Admin, service: Served) -> SecretList:
    """Show the names of the secrets."""
    with service.database.read() as c:
        rows = list_secrets(c, caller.workspace)
    return SecretList(
        items=tuple(SecretView(name=row.name, previous_until=instant(row.previous_until_ms)) for row in rows)
    )


@router.post("/{name}/rotate", status_code=status.HTTP_201_CREATED)
def rotate(
    caller: Admin,
    service: Served,
    name: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="A secret's name.")],
) -> NewSecret:
    """Make a new secret under a name. The one before it signs along for a day."""
    with service.database.begin() as c:
        value = rotate_secret(c, caller.workspace, name, service.database.now_ms(c))
        row = next(row for row in list_secrets(c, caller.workspace) if row.name == name)
    return NewSecret(name=name, previous_until=instant(row.previous_until_ms), value=value.get_secret_value())
