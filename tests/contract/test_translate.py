"""What every engine that translates must do, the fake first. Those whose files are missing are skipped."""

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from lipwright.errors import LanguageUnknown
from lipwright.speech.translate.apertium import INSTALL, Apertium
from lipwright.speech.translate.base import Passage, Translator, serves
from lipwright.speech.translate.bergamot import Bergamot
from lipwright.speech.translate.fake import FakeTranslator
from lipwright.speech.translate.nllb import Nllb
from lipwright.speech.translate.openai import OpenAiTranslator
from lipwright.speech.translate.relay import Relay
from support.tiny_nllb import write_tiny_nllb
from support.vendor_openai import KEY, OpenAi

PAIRS = {"fake": ("en", "pt-BR"), "bergamot": ("en-US", "pt-BR"), "apertium": ("pt-BR", "es-MX"), "relay": ("en", "es")}
PAIRS |= {"nllb": ("en", "pt"), "openai": ("en", "fr-CA")}
TEXTS = ("the red house is big.", "She bought 3 apples.", "Yes.")
needs_apertium = pytest.mark.skipif(shutil.which("apertium") is None, reason=f"Apertium is missing: {INSTALL}")


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Translator]]:
    """Engines, made once; none of them reaches the network, but for the server on this machine."""
    engines: dict[str, Translator] = {"fake": FakeTranslator(), "bergamot": Bergamot(), "apertium": Apertium()}
    engines["relay"] = Relay()

    def engine(name: str) -> Translator:
        if name not in engines:
            folder: Path = tmp_path_factory.mktemp("nllb")
            write_tiny_nllb(folder)
            engines[name] = Nllb(nllb_model=folder, threads=1)
        return engines[name]

    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def connect_here(end: socket.socket, address: Any) -> None:
        assert address[0] == "127.0.0.1", "an engine that needs no network asks for it"
        connect(end, address)

    def look_here_up(host: Any, *rest: Any, **more: Any) -> Any:
        assert host == "127.0.0.1", "an engine that needs no network asks for it"
        return getaddrinfo(host, *rest, **more)

    with pytest.MonkeyPatch.context() as patch, OpenAi().running() as server:
        patch.setattr(socket.socket, "connect", connect_here)
        patch.setattr(socket, "getaddrinfo", look_here_up)
        engines["openai"] = OpenAiTranslator(openai_url=f"{server.url}/v1", openai_key=SecretStr(KEY))
        yield engine


@pytest.fixture(
    params=[
        "fake",
        "bergamot",
        "nllb",
        "openai",
        pytest.param("apertium", marks=needs_apertium),
        pytest.param("relay", marks=needs_apertium),
    ]
)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def engine(name: str, make: Callable[[str], Translator]) -> Translator:
    return make(name)


def test_engine_says_what_it_is(name: str, engine: Translator) -> None:
    capability = engine.capability
    assert capability.name == name
    assert capability.code_licence
    assert capability.batch >= 1
    assert capability.cost_unit == ("tokens" if name == "openai" else "none")
    assert engine.identity(*PAIRS[name]) == engine.identity(*PAIRS[name])


def test_every_passage_gets_its_translations_in_order(name: str, engine: Translator) -> None:
    said = engine.translate([Passage(text) for text in TEXTS], *PAIRS[name])
    assert len(said) == len(TEXTS)
    assert all(texts and all(text.strip() for text in texts) for texts in said)
    alone = engine.translate([Passage(TEXTS[1])], *PAIRS[name])
    assert alone == [said[1]], "a sentence is translated alike, alone and among others"
    assert engine.translate([], *PAIRS[name]) == []


def test_candidates_are_as_many_as_wanted_at_most_and_none_twice(name: str, engine: Translator) -> None:
    (said,) = engine.translate([Passage(TEXTS[0])], *PAIRS[name], 3)
    assert len(said) == len(set(said))
    assert len(said) == 1 if not engine.capability.candidates else 1 < len(said) <= 3


def test_pair_that_nobody_translates_is_refused_with_what_is_possible(name: str, engine: Translator) -> None:
    if engine.pairs() is None:
        assert engine.quality("en", "tlh") is not None
        return
    assert engine.quality("en", "tlh") is None
    with pytest.raises(
        LanguageUnknown, match=rf"en to tlh: the engine {name} does not.*It translates .*(pt|languages)"
    ):
        engine.translate([Passage("Yes.")], "en", "tlh")


def test_regions_find_the_engine_s_own_tags(name: str, engine: Translator) -> None:
    source, target = PAIRS[name]
    pair = engine.find_pair(source, target)
    assert pair is not None
    assert serves(pair[0], source)
    assert serves(pair[1], target)
