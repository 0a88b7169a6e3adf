"""Engines and voices over HTTP: nothing is asked of a server."""

from dataclasses import replace

import pytest

from lipwright.api.catalogue import Catalogue
from lipwright.api.estimate import costs_of
from lipwright.contracts.job import DubSpec, SpeakSpec, SyncSpec
from lipwright.settings import Settings
from lipwright.wiring.capabilities import SEPARATE
from support.serving import Api


@pytest.fixture
def dead_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects anywhere breaks the test."""

    def connect(*_: object) -> None:
        raise AssertionError("a server was asked")

    monkeypatch.setattr("socket.socket.connect", connect)


def test_voices_are_listed_by_language_and_engine(api: Api) -> None:
    with api.client("jobs:read") as client:
        every = client.get("/v1/voices").json()["items"]
        british = client.get("/v1/voices", params={"language": "en-GB"}).json()["items"]
        hibari = client.get("/v1/voices", params={"engine": "hibari"}).json()["items"]
        assert client.get("/v1/voices", params={"engine": "nobody"}).json()["items"] == []
        assert client.get("/v1/voices", params={"language": "../x"}).status_code == 422
    assert len(every) > len(british) > 0
    assert {voice["language"] for voice in british} <= {"en-GB", "en"}
    assert {voice["engine"] for voice in hibari} == {"hibari"}


def test_providers_say_what_they_can(api: Api) -> None:
    with api.client("jobs:read") as client:
        items = client.get("/v1/providers").json()["items"]
    by_name = {(one["kind"], one["name"]): one for one in items}
    kokoro = by_name["tts", "kokoro"]
    assert (kokoro["available"], kokoro["free"], kokoro["chosen"]) == (True, True, True)
    assert kokoro["capability"]["weights_licence"] == "Apache-2.0"
    assert not by_name["tts", "elevenlabs"]["free"]
    assert {one["kind"] for one in items} == {"tts", "stt", "translate", "separate", "lipsync", "clone"}
    assert "fake" not in {one["name"] for one in items}


@pytest.mark.usefixtures("dead_servers")
def test_no_server_is_asked_for_its_voices_or_its_abilities() -> None:
    catalogue = Catalogue(
        Settings(tts="elevenlabs", elevenlabs_key="key", openai_key="key", openai_url="http://127.0.0.1:9")  # type: ignore[arg-type]
    )
    assert {voice.engine for voice in catalogue.voices()}.isdisjoint({"elevenlabs", "openai"})
    assert any(one.name == "elevenlabs" and one.chosen for one in catalogue.providers())


def test_an_engine_that_does_not_load_is_shown_as_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = replace(SEPARATE, embedded={"gone": "no.such.module:Engine"})
    monkeypatch.setattr("lipwright.api.catalogue._CAPABILITIES", {"separate": broken})
    [gone] = Catalogue(Settings()).providers()
    assert (gone.name, gone.available, gone.capability) == ("gone", False, {})


def test_an_estimate_names_what_servers_will_count() -> None:
    paid = Settings(tts="elevenlabs", elevenlabs_key="key", stt="openai", translate="openai", openai_key="key")  # type: ignore[arg-type]
    dub = DubSpec(video="0" * 64, target="fr")
    costs = {one.engine + "/" + one.unit: one.amount for one in costs_of(dub, 60.0, Catalogue(paid).providers())}
    assert costs == {"elevenlabs/characters": 900, "openai/seconds": 60, "openai/tokens": None}
    speak = SpeakSpec(face="0" * 64, text="x" * 42)
    assert [one.amount for one in costs_of(speak, None, Catalogue(paid).providers())] == [42]
    sync = SyncSpec(video="0" * 64, audio="1" * 64)
    assert costs_of(sync, 60.0, Catalogue(paid).providers()) == ()
