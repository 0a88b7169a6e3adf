"""Health: whether the process lives, and whether it can do its work."""

from typing import Literal

from fastapi import APIRouter

from lipwright.api.access import Served
from lipwright.contracts.strict import Strict

router = APIRouter(prefix="/health", tags=["health"])


class Health(Strict):
    """All is well."""

    status: Literal["ok"] = "ok"


@router.get("/live")
async def live() -> Health:
    """Say that the process lives. Nothing else is asked."""
    return Health()


@router.get("/ready")
def ready(service: Served) -> Health:
    """Say that the database and the storage answer.

    Raises: DatabaseFailed, StorageFailed.
    """
    with service.database.read() as c:
        service.database.now_ms(c)
    service.assets.check()
    return Health()
