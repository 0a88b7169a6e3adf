"""The one place where objects are built and joined. Engines are named by strings, so that naming them imports none."""

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import SecretStr

from lipwright import __version__
from lipwright.contracts.dub import DubRequest
from lipwright.contracts.route import Route
from lipwright.errors import LanguageUnknown, ProviderUnavailable, ProviderUnknown, VoiceUnknown, did_you_mean
from lipwright.face.video_matte import VideoMatter
from lipwright.pipeline.engines import DubEngines
from lipwright.render.backgrounds.base import ImageEngine
from lipwright.render.enhance.base import Enhancer
from lipwright.render.lipsync.base import LipSyncer
from lipwright.settings import Settings
from lipwright.speech.cloning.base import VoiceCloner
from lipwright.speech.separate.base import Separator
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.translate.base import Translator
from lipwright.speech.translate.choose import best_translator
from lipwright.speech.tts.base import TextToSpeech
from lipwright.store.stages import StageStore

if TYPE_CHECKING:
    from lipwright.jobs.worker import Worker
    from lipwright.store.assets import AssetStore
    from lipwright.store.database import Database

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

EMBEDDED_IMAGE: Mapping[str, str] = {
    "openai": "lipwright.render.backgrounds.openai:OpenAiPainter",
    "fake": "lipwright.render.backgrounds.fake:FakePainter",
}
"""Name and `module:Class` of each engine that paints backgrounds."""
EMBEDDED_ENHANCE: Mapping[str, str] = {
    "off": "lipwright.render.enhance.off:Off",
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
FREE = "none"
"""The cost unit of an engine that takes nothing but time: what is said to it stays on this machine."""
NO_VOICES = frozenset({"auto", "clone"})
"""What stands for a voice that is still to be chosen or made."""
DELIVER_EVERY_S = 0.05
GARBAGE_EVERY_S = 3600.0
DAY_MS = 86_400_000
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
IMAGE = Capability("image engine", ImageEngine, "lipwright.image", EMBEDDED_IMAGE)  # type: ignore[type-abstract]
ENHANCE = Capability("enhancement engine", Enhancer, "lipwright.enhance", EMBEDDED_ENHANCE)  # type: ignore[type-abstract]
MATTE = Capability("matting engine", VideoMatter, "lipwright.matte", EMBEDDED_MATTE)  # type: ignore[type-abstract]
"""All capabilities. The strings are the entry point groups in which other packages register engines of their own."""


def build_lipsyncer(name: str, settings: Settings, knobs: Mapping[str, object] | None = None) -> LipSyncer:
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

    turned = {keyword: _constant(value) for keyword, value in (knobs or {}).items()}
    return LIPSYNC.build(name, settings, {**turned, "basis": basis})


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
        lipsync=lambda name, knobs: build_lipsyncer(name, settings, knobs),
        manner=json.dumps({"lipwright": __version__, **named, **models}, sort_keys=True),
    )


def _offered(settings: Settings) -> dict[str, Callable[[], object]]:
    """What every engine may ask for: the cache, the threads, and the settings of engines under their own names."""
    offered = {"cache": _constant(settings.cache_dir)}
    for name in type(settings).model_fields:
        if name.startswith(_OF_ENGINES):
            offered[name] = _constant(getattr(settings, name))
    return offered | ({"threads": _constant(settings.threads)} if settings.threads else {})


def _constant(value: object) -> Callable[[], object]:
    return lambda: value


def _has_voice(engine: TextToSpeech, voice: str) -> bool:
    try:
        engine.find_voice(voice)
    except VoiceUnknown:
        return False
    except LanguageUnknown:
        return True  # a voice file whose language is still to be named
    return True


def build_routes(settings: Settings) -> dict[str, Route]:
    """The kinds of jobs by their names. What they hold can be sent to another process."""
    from lipwright.pipeline.service.dub import DubRoute
    from lipwright.pipeline.service.speak import SpeakRoute
    from lipwright.pipeline.service.sync import SyncRoute

    tts = partial(choose_tts, None, settings=settings)
    stt = partial(STT.build, settings.stt, settings)
    lipsync = partial(_lipsyncer, settings)
    store = partial(stage_store, settings)
    engine = settings.lipsync or None
    return {
        "speak": SpeakRoute(tts, stt, lipsync, store, engine),
        "sync": SyncRoute(tts, stt, lipsync, store, engine),
        "dub": DubRoute(partial(dub_engines, settings=settings), store, engine),
    }


def _lipsyncer(settings: Settings, name: str, knobs: Mapping[str, object]) -> LipSyncer:
    return build_lipsyncer(name, settings, knobs)


def build_database(settings: Settings) -> "Database":
    """The database of the job service: the one that is named, or a file in the data folder.

    Raises: UsageError: the name is none of a database.
    """
    from lipwright.store.database import Database

    return Database(settings.database or f"sqlite:///{settings.data_dir.absolute() / 'lipwright.db'}")


def build_assets(settings: Settings) -> "AssetStore":
    """The files of the job service: in the storage that is named, or in the data folder.

    Raises: UsageError: the name is none of a storage. StorageFailed.
    """
    from lipwright.store.assets import AssetStore

    root = settings.storage or (settings.data_dir.absolute() / "assets").as_uri()
    return AssetStore(root, settings.cache_dir / "assets")


def signing_key(settings: Settings) -> SecretStr:
    """What signs links to files: the key that is named, or one in the data folder that only its owner may read.

    Raises: StorageFailed: it cannot be kept there.
    """
    from lipwright.store.asset_links import kept_key

    return (
        settings.signing_key if settings.signing_key.get_secret_value() else kept_key(settings.data_dir / "signing.key")
    )


@contextmanager
def build_worker(settings: Settings, queues: Sequence[str]) -> Iterator["Worker"]:
    """A worker with its chores, for one block; the database is migrated, and closed behind it.

    Raises: UsageError: there is no such queue. DatabaseFailed, StorageFailed.
    """
    from lipwright.jobs.chores import Chore
    from lipwright.jobs.worker import Worker
    from lipwright.outbox.deliver import Outbox
    from lipwright.remote.addresses import Guard
    from lipwright.store.garbage import collect, retire

    assets = build_assets(settings)
    with closing(build_database(settings)) as database:
        database.migrate()
        outbox = Outbox(database, Guard(allow_private=settings.allow_private_addresses))

        def remove_garbage() -> None:
            with database.read() as connection:
                now_ms = database.now_ms(connection)
            if settings.retention_days:
                retire(database, now_ms, round(settings.retention_days * DAY_MS))
            collect(database, assets, now_ms)

        worker = Worker(
            database,
            build_routes(settings),
            assets,
            queues,
            settings.data_dir.absolute() / "scratch",
            idle_stop_s=settings.idle_stop_s,
            chores=[
                Chore("deliver", "callbacks", DELIVER_EVERY_S, outbox.deliver_due),
                Chore("garbage", "maintenance", GARBAGE_EVERY_S, remove_garbage),
            ],
        )
        try:
            yield worker
        finally:
            outbox.stop()
