"""Providers: the engines, and what each can do."""

from fastapi import APIRouter

from lipwright.api.access import Anybody
from lipwright.api.catalogue import Engines, ProviderView
from lipwright.contracts.strict import Strict

router = APIRouter(prefix="/v1/providers", tags=["engines"])


class ProviderList(Strict):
    """All engines, by what they do."""

    items: tuple[ProviderView, ...]


@router.get("")
def list_all(caller: Anybody, engines: Engines) -> ProviderList:
    """Show the engines with what they say of themselves."""
    return ProviderList(items=engines.providers())
