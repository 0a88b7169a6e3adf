"""Engines are chosen, and built as the settings want them."""

import json
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from lipwright import __version__
from lipwright.contracts.dub import DubRequest
from lipwright.errors import LanguageUnknown, VoiceUnknown
from lipwright.motion.sound import MouthEngine
from lipwright.pipeline.engines import DubEngines
from lipwright.render.lipsync.base import LipSyncer
from lipwright.settings import Settings
from lipwright.speech.translate.base import Translator
from lipwright.speech.translate.choose import best_translator
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.stages import StageStore
from lipwright.wiring.capabilities import CLONE, LIPSYNC, SEPARATE, STT, TRANSLATE, TTS, constant

if TYPE_CHECKING:
    pass

FREE = "none"
"""The cost unit of an engine that takes nothing but time: what is said to it stays on this machine."""

NO_VOICES = frozenset({"auto", "clone"})
"""What stands for a voice that is still to be chosen or made."""


def build_lipsyncer(settings: Settings, name: str, knobs: Mapping[str, object] | None = None) -> LipSyncer:
    """Build a lip-sync engine. Its models are loaded when it begins with a person, not here.

    The engine's constructor is called with those of these keywords that it names: the knobs; `basis`, the shapes that
    a mouth's controls stand for, float64 (8, 478, 3); and what `Capability.build` offers.

    Args:
        knobs: of a preset; those that this engine does not have are left out.
    Raises: ProviderUnknown, ProviderUnavailable: as Capability.build.
    """

    def basis() -> object:
        from lipwright.motion.shapes import load_shape_basis

        return load_shape_basis()

    turned = {keyword: constant(value) for keyword, value in (knobs or {}).items()}
    return LIPSYNC.build(name, settings, {**turned, "basis": basis})


def build_listener(settings: Settings) -> MouthEngine:
    """What hears the mouth of a recording. Its models are loaded when it hears something, not here."""
    from lipwright.motion.recording import RecordingToMouth
    from lipwright.speech.ear import Ear

    return RecordingToMouth(Ear(cache=settings.cache_dir))


def stage_store(settings: Settings) -> StageStore:
    """Open the folder in which finished stages are kept.

    Raises: OutputNotWritable, DiskFull.
    """
    return StageStore(settings.cache_dir / "stages", round(settings.cache_limit_gb * 1e9))


def choose_tts(name: str | None, voice: str, settings: Settings) -> TextToSpeech:
    """The engine for a voice: the one named, else the settings' own, else the first listed one that has the voice.

    An engine behind a server is never chosen unasked.

    Raises: ProviderUnknown, ProviderUnavailable: as Capability.build, of the named engine or the settings' own.
    """
    preferred = TTS.build(name or settings.tts, settings)
    if name is not None or not voice or _has_voice(preferred, voice):
        return preferred
    others = (TTS.build(other, settings) for other in TTS.listed() if other != settings.tts)
    free = (other for other in others if other.capability.cost_unit == FREE)
    return next((other for other in free if _has_voice(other, voice)), preferred)


def choose_translator(name: str | None, source: str, target: str, settings: Settings) -> Translator:
    """The engine for a pair of languages: the one named, else the settings' own, else the best that is installed.

    An engine behind a server is never chosen unasked.

    Raises:
        LanguageUnknown: the engine does not translate this; or nothing installed does, and what would.
        ProviderUnknown, ProviderUnavailable: as Capability.build, of the named engine or the settings' own.
    """
    if name or settings.translate:
        engine = TRANSLATE.build(name or settings.translate, settings)
        engine.check_pair(source, target)
        return engine
    engines = [TRANSLATE.build(one, settings) for one in TRANSLATE.listed()]
    offline = [engine for engine in engines if engine.pairs() is not None]
    return best_translator(offline, source, target)


def dub_engines(request: DubRequest, settings: Settings) -> DubEngines:
    """The builders of the engines that a request or the settings name."""
    named = {
        "separate": request.separate or settings.separate,
        "stt": request.stt or settings.stt,
        "translate": request.translate or settings.translate,
        "tts": request.tts or settings.tts,
        "lipsync": request.engine or settings.lipsync,
        "clone": settings.clone,
    }
    models = {name: str(getattr(settings, name)) for name in type(settings).model_fields if name.endswith("_model")}

    def voice(name: str | None) -> TextToSpeech:
        if name is not None:
            return TTS.build(name, settings)
        return choose_tts(request.tts, "" if request.voice in NO_VOICES else request.voice, settings)

    return DubEngines(
        separator=lambda: SEPARATE.build(named["separate"], settings),
        stt=lambda: STT.build(named["stt"], settings),
        translator=lambda source, target: choose_translator(request.translate, source, target, settings),
        tts=voice,
        cloner=lambda: CLONE.build(named["clone"], settings),
        lipsync=partial(build_lipsyncer, settings),
        listener=build_listener(settings),
        manner=json.dumps({"lipwright": __version__, **named, **models}, sort_keys=True),
    )


def _has_voice(engine: TextToSpeech, voice: str) -> bool:
    try:
        engine.find_voice(voice)
    except VoiceUnknown:
        return False
    except LanguageUnknown:
        return True  # a voice file whose language is still to be named
    return True
