"""What engines can do, and which engines there are. They are named by strings: naming one imports none."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Generic, TypeVar

from lipwright.errors import ProviderUnavailable, ProviderUnknown, did_you_mean
from lipwright.face.video_matte import VideoMatter
from lipwright.render.backgrounds.base import ImageEngine
from lipwright.render.enhance.base import Enhancer
from lipwright.render.lipsync.base import LipSyncer
from lipwright.settings import Settings
from lipwright.speech.cloning.base import VoiceCloner
from lipwright.speech.separate.base import Separator
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.translate.base import Translator
from lipwright.speech.tts.base import TextToSpeech
from lipwright.story.base import ScriptWriter, Storyboarder

if TYPE_CHECKING:
    pass

EMBEDDED_TTS: Mapping[str, str] = {
    "kokoro": "lipwright.speech.tts.kokoro:Kokoro",
    "hibari": "lipwright.speech.tts.hibari:Hibari",
    "elevenlabs": "lipwright.speech.tts.elevenlabs:ElevenLabs",
    "openai": "lipwright.speech.tts.openai:OpenAiTts",
    "fake": "lipwright.speech.tts.fake:FakeTts",
}
"""Name and `module:Class` of each speech engine that comes with Lipwright."""
EMBEDDED_STT: Mapping[str, str] = {
    "whisper": "lipwright.speech.stt.whisper:Whisper",
    "openai": "lipwright.speech.stt.openai:OpenAiStt",
    "fake": "lipwright.speech.stt.fake:FakeStt",
}
"""Name and `module:Class` of each engine for recognition that comes with Lipwright."""
EMBEDDED_LIPSYNC: Mapping[str, str] = {
    "rewrite": "lipwright.render.rewrite.engine:Rewrite",
    "portrait": "lipwright.render.rewrite.portrait_engine:PortraitLipSync",
    "fake": "lipwright.render.lipsync.fake:FakeLipSync",
}
"""Name and `module:Class` of each lip-sync engine that comes with Lipwright."""

EMBEDDED_TRANSLATE: Mapping[str, str] = {
    "bergamot": "lipwright.speech.translate.bergamot:Bergamot",
    "nllb": "lipwright.speech.translate.nllb:Nllb",
    "apertium": "lipwright.speech.translate.apertium:Apertium",
    "relay": "lipwright.speech.translate.relay:Relay",
    "openai": "lipwright.speech.translate.openai:OpenAiTranslator",
    "fake": "lipwright.speech.translate.fake:FakeTranslator",
}
"""Name and `module:Class` of each translation engine that comes with Lipwright."""
EMBEDDED_SEPARATE: Mapping[str, str] = {
    "deepfilter": "lipwright.speech.separate.deepfilter:DeepFilter",
    "ffmpeg": "lipwright.speech.separate.ffmpeg:FfmpegSeparator",
    "none": "lipwright.speech.separate.none:NoSeparation",
    "demucs": "lipwright.speech.separate.demucs:Demucs",
    "mdx": "lipwright.speech.separate.mdx:Mdx",
    "fake": "lipwright.speech.separate.fake:FakeSeparator",
}
"""Name and `module:Class` of each engine that takes a voice out of its background."""
EMBEDDED_CLONE: Mapping[str, str] = {
    "elevenlabs": "lipwright.speech.cloning.elevenlabs:ElevenLabsCloner",
    "fake": "lipwright.speech.cloning.fake:FakeCloner",
}
"""Name and `module:Class` of each engine that copies a voice."""

EMBEDDED_SCRIPT: Mapping[str, str] = {
    "rules": "lipwright.story.rules:RulesWriter",
    "openai": "lipwright.story.openai_writer:OpenAiWriter",
}
"""Name and `module:Class` of each engine that writes scripts."""
EMBEDDED_STORYBOARD: Mapping[str, str] = {
    "rules": "lipwright.story.rules_board:RulesStoryboarder",
    "openai": "lipwright.story.openai_board:OpenAiStoryboarder",
}
"""Name and `module:Class` of each engine that fills in storyboards."""
EMBEDDED_IMAGE: Mapping[str, str] = {
    "openai": "lipwright.render.backgrounds.openai:OpenAiPainter",
    "fake": "lipwright.render.backgrounds.fake:FakePainter",
}
"""Name and `module:Class` of each engine that paints backgrounds."""
EMBEDDED_ENHANCE: Mapping[str, str] = {
    "off": "lipwright.render.enhance.off:NoEnhancement",
    "sharpen": "lipwright.render.enhance.sharpen:Sharpen",
    "realesrgan": "lipwright.render.enhance.realesrgan:RealEsrgan",
}
"""Name and `module:Class` of each engine that makes mouths crisper."""
EMBEDDED_MATTE: Mapping[str, str] = {
    "selfie": "lipwright.face.video_matte_selfie:SelfieMatter",
    "rvm": "lipwright.face.video_matte_rvm:RobustVideoMatting",
}
"""Name and `module:Class` of each engine that cuts people out of clips."""

_OF_ENGINES = ("openai_", "elevenlabs_", "remote_", "nllb_", "demucs_", "mdx_", "realesrgan_", "rvm_")
"""What the names of settings begin with that engines may ask for."""
UNLISTED = frozenset({"fake"})
"""Engines for tests: they work when named, and no list shows them."""

Engine = TypeVar("Engine")


@dataclass(frozen=True, slots=True)
class Capability(Generic[Engine]):
    """Something that engines can do."""

    words: str
    """What messages call such an engine."""
    kind: type[Engine]
    group: str
    embedded: Mapping[str, str]

    def registry(self) -> dict[str, str]:
        """Name and `module:Class` of every engine; another package's name replaces an embedded one."""
        return {**self.embedded, **{entry.name: entry.value for entry in entry_points(group=self.group)}}

    def listed(self) -> tuple[str, ...]:
        """Names that a user chooses from, in the order of the registry."""
        return tuple(name for name in self.registry() if name not in UNLISTED)

    def build(self, name: str, settings: Settings, offered: Mapping[str, Callable[[], object]] | None = None) -> Engine:
        """Build an engine. Its model is loaded when it first works, not here.

        Its constructor is called with those of these keywords that it names: `cache`, the folder for files that can be
        made again; `threads`, if the settings set it; the settings of servers and of the user's own weights, such as
        `openai_url`; and what is offered besides.

        Raises:
            ProviderUnknown: no engine has this name.
            ProviderUnavailable: its package is not installed, or holds no such engine.
        """
        registry = self.registry()
        if name not in registry:
            known = ", ".join(self.listed())
            raise ProviderUnknown(f"`{name}`: no such {self.words}.{did_you_mean(name, registry)} There are: {known}.")
        module, _, attribute = registry[name].partition(":")
        try:
            engine = getattr(import_module(module), attribute)
        except (ImportError, AttributeError) as exc:
            raise ProviderUnavailable(f"{self.words} `{name}` ({registry[name]}) does not load: {exc}.") from exc
        if not (isinstance(engine, type) and issubclass(engine, self.kind)):
            raise ProviderUnavailable(f"{self.words} `{name}`: {registry[name]} is no class of {self.kind.__name__}.")
        named = inspect.signature(engine).parameters
        every = {**(offered or {}), **_offered(settings)}
        return engine(**{keyword: value() for keyword, value in every.items() if keyword in named})


# mypy takes type[...] for a class that can be built; an abstract one stands for its subclasses here.
TTS = Capability("speech engine", TextToSpeech, "lipwright.tts", EMBEDDED_TTS)  # type: ignore[type-abstract]
STT = Capability("recognition engine", SpeechToText, "lipwright.stt", EMBEDDED_STT)  # type: ignore[type-abstract]
LIPSYNC = Capability("lip-sync engine", LipSyncer, "lipwright.lipsync", EMBEDDED_LIPSYNC)  # type: ignore[type-abstract]
TRANSLATE = Capability("translation engine", Translator, "lipwright.translate", EMBEDDED_TRANSLATE)  # type: ignore[type-abstract]
SEPARATE = Capability("separation engine", Separator, "lipwright.separate", EMBEDDED_SEPARATE)  # type: ignore[type-abstract]
CLONE = Capability("engine that copies voices", VoiceCloner, "lipwright.clone", EMBEDDED_CLONE)  # type: ignore[type-abstract]
SCRIPT = Capability("script engine", ScriptWriter, "lipwright.script", EMBEDDED_SCRIPT)  # type: ignore[type-abstract]
STORYBOARD = Capability("storyboard engine", Storyboarder, "lipwright.storyboard", EMBEDDED_STORYBOARD)  # type: ignore[type-abstract]
IMAGE = Capability("image engine", ImageEngine, "lipwright.image", EMBEDDED_IMAGE)  # type: ignore[type-abstract]
ENHANCE = Capability("enhancement engine", Enhancer, "lipwright.enhance", EMBEDDED_ENHANCE)  # type: ignore[type-abstract]
MATTE = Capability("matting engine", VideoMatter, "lipwright.matte", EMBEDDED_MATTE)  # type: ignore[type-abstract]
"""All capabilities. The strings are the entry point groups in which other packages register engines of their own."""


def _offered(settings: Settings) -> dict[str, Callable[[], object]]:
    """What every engine may ask for: the cache, the threads, and the settings of engines under their own names."""
    offered = {"cache": constant(settings.cache_dir)}
    for name in type(settings).model_fields:
        if name.startswith(_OF_ENGINES):
            offered[name] = constant(getattr(settings, name))
    return offered | ({"threads": constant(settings.threads)} if settings.threads else {})


def constant(value: object) -> Callable[[], object]:
    """What an engine may ask for, where there is nothing to build."""
    return lambda: value
