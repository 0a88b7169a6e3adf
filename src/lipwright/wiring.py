"""The one place where objects are built and joined. Engines are named by strings, so that listing them imports none."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points

from lipwright.errors import ProviderUnavailable, ProviderUnknown, did_you_mean

TTS_GROUP = "lipwright.tts"
"""The entry point group in which other packages register engines of their own."""

EMBEDDED_TTS: Mapping[str, str] = {
    "kokoro": "lipwright.speech.tts.kokoro:Kokoro",
    "hibari": "lipwright.speech.tts.hibari:Hibari",
    "fake": "lipwright.speech.tts.fake:FakeTts",
}
"""Name and `module:Class` of each engine that comes with Lipwright."""


def tts_registry() -> dict[str, str]:
    """Name and `module:Class` of every engine that can speak; another package's name replaces an embedded one."""
    return {**EMBEDDED_TTS, **{entry.name: entry.value for entry in entry_points(group=TTS_GROUP)}}


def load_tts(name: str) -> type:
    """Import an engine's class, and no more than its module needs.

    Raises:
        ProviderUnknown: no engine has this name.
        ProviderUnavailable: its package is not installed, or holds no such class.
    """
    registry = tts_registry()
    if name not in registry:
        known = ", ".join(sorted(registry))
        raise ProviderUnknown(f"`{name}`: no such speech engine.{did_you_mean(name, registry)} There are: {known}.")
    module, _, attribute = registry[name].partition(":")
    try:
        loaded = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as exc:
        raise ProviderUnavailable(f"speech engine `{name}` ({registry[name]}) does not load: {exc}.") from exc
    if not isinstance(loaded, type):
        raise ProviderUnavailable(f"speech engine `{name}`: {registry[name]} is no class. Name one as `module:Class`.")
    return loaded
