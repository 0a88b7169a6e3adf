"""Engines are found by name, from the house and from other packages, and built from the settings."""

import inspect
from pathlib import Path

import pytest

from lipwright.contracts.sync import Preset
from lipwright.errors import ProviderUnavailable, ProviderUnknown, UsageError
from lipwright.render.lipsync.base import LipSyncer
from lipwright.render.lipsync.presets import preset_tuning
from lipwright.settings import Settings, load_settings
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.tts.base import TextToSpeech
from lipwright.wiring.capabilities import EMBEDDED_LIPSYNC, EMBEDDED_STT, EMBEDDED_TTS, LIPSYNC, STT, TTS
from lipwright.wiring.engines import FREE, build_lipsyncer, choose_tts


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tts="kokoro", cache_dir=tmp_path, threads=1)


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Another package that is installed, with one engine that works and two that do not."""
    (tmp_path / "parrot.py").write_text(
        "from lipwright.render.lipsync.fake import FakeLipSync\n"
        "from lipwright.speech.tts.fake import FakeTts\n"
        "class Parrot(FakeTts):\n"
        "    def __init__(self, *, cache, threads):\n"
        "        super().__init__()\n"
        "        self.built_with = (cache, threads)\n"
        "class Mime(FakeLipSync):\n"
        "    def __init__(self, *, cache, basis, steps=3):\n"
        "        super().__init__()\n"
        "        self.built_with = (cache, basis.shape, steps)\n",
        encoding="utf-8",
    )
    info = tmp_path / "parrot-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parrot\nVersion: 1.0\n", encoding="utf-8")
    entries = "parrot = parrot:Parrot\nmute = missing_module:Mute\npath = pathlib:Path\n"
    (info / "entry_points.txt").write_text(
        f"[lipwright.tts]\n{entries}[lipwright.lipsync]\nmime = parrot:Mime\nparrot = parrot:Parrot\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "parrot"


@pytest.mark.parametrize("name", EMBEDDED_TTS)
def test_every_embedded_engine_is_built_under_its_own_name(name: str, settings: Settings) -> None:
    engine = TTS.build(name, settings)
    assert isinstance(engine, TextToSpeech)
    assert engine.capability.name == name
    assert engine.capability.cost_unit != FREE or engine.voices()


def test_fake_engine_is_in_no_list() -> None:
    assert "fake" in TTS.registry()
    assert "fake" not in TTS.listed()
    assert "fake" in LIPSYNC.registry()
    assert LIPSYNC.listed() == ("rewrite", "portrait")
    assert "fake" in STT.registry()
    assert STT.listed() == ("whisper", "openai")


@pytest.mark.parametrize("name", EMBEDDED_STT)
def test_every_embedded_recognition_engine_is_built_under_its_own_name(name: str, settings: Settings) -> None:
    engine = STT.build(name, settings)
    assert isinstance(engine, SpeechToText)
    assert engine.capability.name == name


def test_unknown_recognition_engine_gets_a_suggestion(settings: Settings) -> None:
    with pytest.raises(ProviderUnknown, match=r"no such recognition engine. Did you mean `whisper`\?"):
        STT.build("wisper", settings)


@pytest.mark.parametrize("name", EMBEDDED_LIPSYNC)
def test_every_embedded_lip_sync_engine_is_built_under_its_own_name(name: str, settings: Settings) -> None:
    engine = build_lipsyncer(settings, name)
    assert isinstance(engine, LipSyncer)
    assert engine.name == name


@pytest.mark.usefixtures("plugin")
def test_lip_sync_engine_of_another_package_gets_the_knobs_that_it_names(settings: Settings, tmp_path: Path) -> None:
    assert LIPSYNC.listed() == ("rewrite", "portrait", "mime", "parrot")
    engine = build_lipsyncer(settings, "mime", {"steps": 20, "candidates": 10})
    assert vars(engine)["built_with"] == (tmp_path, (8, 478, 3), 20)
    with pytest.raises(ProviderUnavailable, match="no class of LipSyncer"):
        build_lipsyncer(settings, "parrot")


def test_unknown_lip_sync_engine_gets_a_suggestion(settings: Settings) -> None:
    with pytest.raises(
        ProviderUnknown, match=r"no such lip-sync engine. Did you mean `rewrite`\? There are: rewrite, po"
    ):
        build_lipsyncer(settings, "rewritten")


@pytest.mark.parametrize("preset", Preset)
def test_every_knob_of_a_preset_is_known_to_its_engine(preset: Preset, settings: Settings) -> None:
    tuning = preset_tuning(preset)
    engine = build_lipsyncer(settings, tuning.engine, tuning.knobs)
    assert tuning.knobs.keys() <= inspect.signature(type(engine)).parameters.keys()


def test_unknown_engine_gets_a_suggestion(settings: Settings) -> None:
    with pytest.raises(ProviderUnknown, match="Did you mean `kokoro`"):
        TTS.build("kokkoro", settings)


def test_engine_of_another_package_is_built_from_the_settings(plugin: str, settings: Settings, tmp_path: Path) -> None:
    assert plugin in TTS.listed()
    assert vars(TTS.build(plugin, settings))["built_with"] == (tmp_path, 1)


@pytest.mark.parametrize(("name", "wrong"), [("mute", "missing_module"), ("path", "no class of TextToSpeech")])
@pytest.mark.usefixtures("plugin")
def test_engine_that_does_not_load_is_told(name: str, wrong: str, settings: Settings) -> None:
    with pytest.raises(ProviderUnavailable, match=wrong):
        TTS.build(name, settings)


@pytest.mark.parametrize(
    ("named", "voice", "chosen"),
    [
        (None, "", "kokoro"),
        (None, "bf_emma", "kokoro"),
        (None, "heart", "hibari"),
        (None, "nobody", "kokoro"),
        ("kokoro", "heart", "kokoro"),
        ("hibari", "", "hibari"),
    ],
)
def test_voice_chooses_its_engine_unless_one_is_named(
    named: str | None, voice: str, chosen: str, settings: Settings
) -> None:
    assert choose_tts(named, voice, settings).capability.name == chosen


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIPWRIGHT_TTS", "hibari")
    monkeypatch.setenv("LIPWRIGHT_CACHE_DIR", str(tmp_path))
    loaded = load_settings()
    assert (loaded.tts, loaded.cache_dir) == ("hibari", tmp_path)


def test_wrong_setting_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIPWRIGHT_THREADS", "-1")
    with pytest.raises(UsageError, match="LIPWRIGHT_THREADS=-1"):
        load_settings()
