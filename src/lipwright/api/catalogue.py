"""The engines and voices of this installation. No server is asked, so asking costs nothing."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from pydantic import Field, JsonValue

from lipwright.contracts.strict import Strict
from lipwright.errors import LipwrightError, VoiceUnknown, did_you_mean
from lipwright.render.lipsync.base import LipSyncer
from lipwright.settings import Settings
from lipwright.speech.tts.base import Gender, TextToSpeech
from lipwright.wiring.capabilities import (
    CLONE,
    ENHANCE,
    IMAGE,
    LIPSYNC,
    SCRIPT,
    SEPARATE,
    STORYBOARD,
    STT,
    TRANSLATE,
    TTS,
    Capability,
)
from lipwright.wiring.engines import FREE, build_lipsyncer

_CAPABILITIES: Mapping[str, Capability[Any]] = {
    "tts": TTS,
    "stt": STT,
    "translate": TRANSLATE,
    "separate": SEPARATE,
    "lipsync": LIPSYNC,
    "clone": CLONE,
    "script": SCRIPT,
    "storyboard": STORYBOARD,
    "image": IMAGE,
    "enhance": ENHANCE,
}


class VoiceView(Strict):
    """A voice that a job can name."""

    id: str
    language: str
    """BCP 47; `mul` for one that speaks all languages of its engine."""
    gender: Gender
    engine: str
    description: str


class ProviderView(Strict):
    """An engine."""

    kind: Annotated[
        str, Field(description="tts, stt, translate, separate, lipsync, clone, script, storyboard, image, enhance.")
    ]
    name: str
    chosen: Annotated[bool, Field(description="Whether the settings of the service name it.")]
    available: Annotated[bool, Field(description="False when its package or its settings are missing.")]
    free: Annotated[bool, Field(description="Whether it takes nothing but time, on this machine.")]
    capability: Annotated[dict[str, JsonValue], Field(description="What it says of itself.")]


class Catalogue:
    """Engines are built once, when they are first asked for. No model is loaded."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()

    def providers(self) -> tuple[ProviderView, ...]:
        """Every engine that a user may choose."""
        with self._lock:
            return self._providers

    def voices(self) -> tuple[VoiceView, ...]:
        """Every voice of the engines that cost nothing, the default of each language first."""
        with self._lock:
            return self._voices

    def check_voice(self, voice: str) -> None:
        """Make sure that there is a voice, where no server has to be asked for it.

        Raises: VoiceUnknown.
        """
        speaks = next((one for one in self.providers() if one.kind == "tts" and one.chosen), None)
        if not voice or speaks is None or not speaks.free or not speaks.available:
            return
        ids = [one.id for one in self.voices()]
        if voice not in ids:
            raise VoiceUnknown(
                f"voice `{voice}`: there is none of this id.{did_you_mean(voice, ids)} GET /v1/voices lists all."
            )

    @cached_property
    def _built(self) -> list[tuple[str, str, Any]]:
        """Kind, name and engine; None for one that is not there."""
        return [
            (kind, name, self._build(kind, name))
            for kind, capability in _CAPABILITIES.items()
            for name in capability.listed()
        ]

    @cached_property
    def _providers(self) -> tuple[ProviderView, ...]:
        return tuple(self._describe(kind, name, engine) for kind, name, engine in self._built)

    @cached_property
    def _voices(self) -> tuple[VoiceView, ...]:
        return tuple(
            VoiceView(
                id=voice.id,
                language=voice.language,
                gender=voice.gender,
                engine=voice.engine,
                description=voice.description,
            )
            for engine in self._free_speakers()
            for voice in engine.voices()
        )

    def _free_speakers(self) -> Iterator[TextToSpeech]:
        for kind, _, engine in self._built:
            if kind == "tts" and engine is not None and engine.capability.cost_unit == FREE:
                yield cast(TextToSpeech, engine)

    def _build(self, kind: str, name: str) -> Any:
        """None when it cannot be built: then it is shown as not available."""
        try:
            if kind == "lipsync":
                return build_lipsyncer(self._settings, name)
            return _CAPABILITIES[kind].build(name, self._settings)
        except LipwrightError:
            return None

    def _describe(self, kind: str, name: str, engine: Any) -> ProviderView:
        told = _told(engine) if engine is not None else {}
        return ProviderView(
            kind=kind,
            name=name,
            chosen=getattr(self._settings, kind) == name,
            available=engine is not None,
            free=told.get("cost_unit", FREE) == FREE,
            capability=told,
        )


def _told(engine: Any) -> dict[str, JsonValue]:
    """What an engine says of itself; of one that moves lips, what it needs."""
    said = asdict(engine.needs if isinstance(engine, LipSyncer) else engine.capability)
    return {
        key: list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Fraction) else value
        for key, value in said.items()
    }


def _catalogue(request: Request) -> Catalogue:
    catalogue = request.app.state.catalogue
    assert isinstance(catalogue, Catalogue)  # noqa: S101 build_api put it there
    return catalogue


Engines = Annotated[Catalogue, Depends(_catalogue)]
