"""Voices: who can speak."""

from typing import Annotated

from fastapi import APIRouter, Query

from lipwright.api.access import Anybody
from lipwright.api.catalogue import Engines, VoiceView
from lipwright.contracts.strict import Strict
from lipwright.speech.tts.base import matches

router = APIRouter(prefix="/v1/voices", tags=["engines"])


class VoiceList(Strict):
    """Voices, the default of each language first."""

    items: tuple[VoiceView, ...]


@router.get("")
def list_all(
    caller: Anybody,
    engines: Engines,
    language: Annotated[
        str | None, Query(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", description="Only this one: `en`, `pt-BR`.")
    ] = None,
    engine: Annotated[str | None, Query(max_length=120, description="Only voices of this engine.")] = None,
) -> VoiceList:
    """Show the voices that are ready to use. Those of servers are not asked for."""
    return VoiceList(
        items=tuple(
            voice
            for voice in engines.voices()
            if (language is None or matches(language, voice.language)) and engine in {None, voice.engine}
        )
    )
