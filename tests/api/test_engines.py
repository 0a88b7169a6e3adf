"""Engines and voices over HTTP: nothing is asked of a server."""

from dataclasses import replace
from datetime import date

import pytest

from lipwright.api.catalogue import Catalogue
from lipwright.api.estimate import costs_of
from lipwright.api.extent import extent_of
from lipwright.contracts.avatar import Consent, Use
from lipwright.contracts.job import AvatarSpec, DubSpec, SpeakSpec, Spec, SyncSpec, VideoSpec
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
    seen, heard = {"lipsync", "image", "enhance"}, {"tts", "stt", "translate", "separate", "clone"}
    assert {one["kind"] for one in items} == seen | heard | {"script", "storyboard"}
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


def _costs(spec: Spec, duration_s: float | None = None, **more: str) -> dict[str, float | None]:
    keys = {"elevenlabs_key": "key", "openai_key": "key"}
    engines = {"tts": "elevenlabs", "stt": "openai", "translate": "openai", "storyboard": "openai", **more}
    paid = Settings(**engines, **keys)  # type: ignore[arg-type]
    extent = extent_of(spec, duration_s, invents="script" in more)
    return {f"{one.engine}/{one.unit}": one.amount for one in costs_of(spec, extent, Catalogue(paid).providers())}


def test_an_estimate_names_what_servers_will_count() -> None:
    dub = DubSpec(video="0" * 64, target="fr")
    assert _costs(dub, 60.0) == {"elevenlabs/characters": 900, "openai/seconds": 60, "openai/tokens": None}
    assert _costs(SpeakSpec(face="0" * 64, text="x" * 42)) == {"elevenlabs/characters": 42}
    assert _costs(SyncSpec(video="0" * 64, audio="1" * 64), 60.0) == {}


def test_an_avatar_costs_only_where_its_voice_is_copied() -> None:
    consent = Consent(person="Maya", granted_on=date(2026, 1, 1), uses=frozenset({Use.VIDEO, Use.CLONE_VOICE}))
    silent = AvatarSpec(name="maya", photo="0" * 64, consent=consent)
    assert _costs(silent) == {}
    copied = silent.model_copy(update={"voice_sample": "1" * 64})
    assert list(_costs(copied)) == ["elevenlabs/voices"]


def test_a_video_is_estimated_from_its_words_and_scenes(api: Api) -> None:
    script = "# One\n\nTwelve plain words make about four seconds of speech, and no more.\n\n# Two\n\n[hold 6s]\n"
    spec = {"kind": "video", "face": "0" * 64, "script": script}
    with api.client() as client:
        whole = client.post("/v1/estimates", json={"spec": spec}).json()
        small = client.post("/v1/estimates", json={"spec": {**spec, "width_px": 960, "height_px": 540}}).json()
        wrong = client.post("/v1/estimates", json={"spec": {**spec, "script": "# One\n\n[hold\n"}})
    assert (whole["scenes"], whole["costs"]) == (2, [])
    assert 9 < whole["duration_s"] < 12
    assert whole["work_s"] == pytest.approx(whole["duration_s"] * 3, abs=0.1)
    assert small["work_s"] == pytest.approx(whole["work_s"] / 4, abs=0.1)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "script_invalid")


def test_a_video_counts_pictures_that_are_painted_and_words_that_are_invented() -> None:
    painted = VideoSpec(face="0" * 64, script='# One\n\n[background: "a garden"]\n\nHello there.\n')
    assert _costs(painted, image="openai")["openai/pictures"] == 1
    brief = VideoSpec(face="0" * 64, brief="Our new office.", seconds=30)
    assert _costs(brief, script="openai")["elevenlabs/characters"] == 450
    assert _costs(brief)["elevenlabs/characters"] == len("Our new office.")


def test_an_avatar_is_estimated_from_its_photos_or_the_length_of_its_clip(api: Api) -> None:
    consent = {"person": "Maya", "granted_on": "2026-01-01", "uses": ["video"]}
    photo = {"kind": "avatar", "name": "maya", "photo": "0" * 64, "consent": consent}
    clip = {"kind": "avatar", "name": "maya", "clip": "0" * 64, "consent": consent}
    with api.client() as client:
        of_photo = client.post("/v1/estimates", json={"spec": photo}).json()
        of_clip = client.post("/v1/estimates", json={"spec": clip, "duration_s": 20}).json()
        unknown = client.post("/v1/estimates", json={"spec": clip}).json()
    assert (of_photo["work_s"], of_clip["work_s"], unknown["work_s"]) == (7.0, 18.0, None)
    assert (of_photo["duration_s"], of_photo["scenes"], of_photo["costs"]) == (None, None, [])
