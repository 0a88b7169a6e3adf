"""The one place where objects are built and joined. Engines are named by strings, so that naming them imports none."""

import inspect
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points

from lipwright.errors import LanguageUnknown, ProviderUnavailable, ProviderUnknown, VoiceUnknown, did_you_mean
from lipwright.settings import Settings
from lipwright.speech.tts.base import TextToSpeech

TTS_GROUP = "lipwright.tts"
"""The entry point group in which other packages register engines of their own."""

EMBEDDED_TTS: Mapping[str, str] = {
    "kokoro": "lipwright.speech.tts.kokoro:Kokoro",
    "hibari": "lipwright.speech.tts.hibari:Hibari",
    "fake": "lipwright.speech.tts.fake:FakeTts",
}
"""Name and `module:Class` of each engine that comes with Lipwright."""

UNLISTED_TTS = frozenset({"fake"})
"""Engines for tests: they work when named, and no list shows them."""


def tts_registry() -> dict[str, str]:
    """Name and `module:Class` of every engine that can speak; another package's name replaces an embedded one."""
    return {**EMBEDDED_TTS, **{entry.name: entry.value for entry in entry_points(group=TTS_GROUP)}}


def listed_tts() -> tuple[str, ...]:
    """Names of the engines that a user chooses from, in the order of the registry."""
    return tuple(name for name in tts_registry() if name not in UNLISTED_TTS)


def build_tts(name: str, settings: Settings) -> TextToSpeech:
    """Build an engine. Its model is loaded when it first speaks, not here.

    The engine's constructor is called with those of these keywords that it names: `cache`, the folder for files that
    can be made again; `threads`, if the settings set it.

    Raises:
        ProviderUnknown: no engine has this name.
        ProviderUnavailable: its package is not installed, or holds no such engine.
    """
    registry = tts_registry()
    if name not in registry:
        known = ", ".join(listed_tts())
        raise ProviderUnknown(f"`{name}`: no such speech engine.{did_you_mean(name, registry)} There are: {known}.")
    module, _, attribute = registry[name].partition(":")
    try:
        engine = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as exc:
        raise ProviderUnavailable(f"speech engine `{name}` ({registry[name]}) does not load: {exc}.") from exc
    if not (isinstance(engine, type) and issubclass(engine, TextToSpeech)):
        raise ProviderUnavailable(f"speech engine `{name}`: {registry[name]} is no class of TextToSpeech.")
    offered = {"cache": settings.cache_dir} | ({"threads": settings.threads} if settings.threads else {})
    named = inspect.signature(engine).parameters
    return engine(**{keyword: value for keyword, value in offered.items() if keyword in named})


def choose_tts(name: str | None, voice: str, settings: Settings) -> TextToSpeech:
    """The engine for a voice: the one named, else the settings' own, else the first listed one that has the voice.

    Raises: ProviderUnknown, ProviderUnavailable: as build_tts, of the named engine or the settings' own.
    """
    preferred = build_tts(name or settings.tts, settings)
    if name is not None or not voice or _has_voice(preferred, voice):
        return preferred
    others = (build_tts(other, settings) for other in listed_tts() if other != settings.tts)
    return next((other for other in others if _has_voice(other, voice)), preferred)


def _has_voice(engine: TextToSpeech, voice: str) -> bool:
    try:
        engine.find_voice(voice)
    except VoiceUnknown:
        return False
    except LanguageUnknown:
        return True  # a voice file whose language is still to be named
    return True
