"""Videos of scenes over HTTP: what they name is looked up when they are ordered, and kept."""

import time
from datetime import date, timedelta
from typing import Any

import pytest

from lipwright.contracts.avatar import VoiceProfile
from lipwright.contracts.job import VideoSpec
from lipwright.store.jobs.rows import load_run
from support.serving import Api, make_avatar

SCRIPT = "# One\n\nHello there.\n"


def _ordered(api: Api, path: str = "/v1/videos", **order: Any) -> tuple[int, dict[str, Any]]:
    wanted = {"avatar": "maya", "script": SCRIPT, **order}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    with api.client() as client:
        sent = wanted if path == "/v1/videos" else {"spec": {"kind": "video", **wanted}}
        answer = client.post(path, json=sent)
        return answer.status_code, answer.json()


def _spec(api: Api, job: str) -> VideoSpec:
    with api.service.database.read() as c:
        spec = load_run(c, job).snapshot.spec
    assert isinstance(spec, VideoSpec)
    return spec


@pytest.mark.parametrize("path", ["/v1/videos", "/v1/jobs"])
def test_a_video_keeps_the_avatar_as_it_was_when_it_was_ordered(api: Api, path: str) -> None:
    identity = make_avatar(api, "maya")
    status, job = _ordered(api, path)
    assert (status, job["kind"]) == (201, "video")
    with api.client() as client:
        assert client.delete("/v1/avatars/maya").status_code == 204
        assert [one["id"] for one in client.get("/v1/jobs", params={"kind": "video"}).json()["items"]] == [job["id"]]
    assert _spec(api, job["id"]).identity == identity
    status, gone = _ordered(api, path)
    assert (status, gone["code"]) == (404, "avatar_not_found")


def test_a_video_waits_for_the_storyboards_approval_if_it_is_told_to(api: Api) -> None:
    status, job = _ordered(api, avatar=None, face=api.video, approvals=["storyboard"], priority=3)
    assert (status, job["priority"]) == (201, 3)
    status, refused = _ordered(api, avatar=None, face=api.video, approvals=["speech"])
    assert status == 422
    assert "storyboard" in refused["detail"]


def test_an_avatar_that_is_not_made_yet_cannot_be_named(api: Api) -> None:
    with api.client() as client:
        consent = {"person": "Bo", "granted_on": "2026-01-31", "uses": ["video"]}
        job = client.post("/v1/avatars", json={"name": "bo", "photo": api.video, "consent": consent}).json()["job"]
    status, refused = _ordered(api, avatar="bo")
    assert (status, refused["code"]) == (409, "job_busy")
    assert job in refused["detail"]


@pytest.mark.parametrize("path", ["/v1/videos", "/v1/jobs"])
@pytest.mark.parametrize(
    ("consent", "order", "said"),
    [
        ({"languages": ["en"]}, {"language": "pt-BR"}, "`pt-BR`"),
        ({"languages": ["en"]}, {"script": "---\nlanguage: de\n---\n# Eins\n\nHallo.\n"}, "`de`"),
        ({"languages": ["pt"]}, {}, "`en-US`"),
        ({"purposes": ["training"]}, {}, "`purpose`"),
        ({"purposes": ["training"]}, {"purpose": "advertising"}, "`advertising`"),
        ({"uses": ["live"]}, {}, "`video`"),
    ],
)
def test_a_use_that_the_person_did_not_agree_to_is_refused_and_says_why(
    api: Api, path: str, consent: dict[str, Any], order: dict[str, Any], said: str
) -> None:
    make_avatar(api, "maya", **consent)
    status, refused = _ordered(api, path, **order)
    assert (status, refused["code"]) == (403, "consent_missing")
    assert said in refused["detail"]
    assert "--" not in refused["detail"]


def test_a_use_behind_the_last_day_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    make_avatar(api, "maya", until=str(date.today() + timedelta(days=1)))
    assert _ordered(api)[0] == 201

    class Later(date):
        @classmethod
        def today(cls) -> "Later":
            return cls.fromtimestamp(time.time() + 10 * 86_400)

    monkeypatch.setattr("lipwright.pipeline.service.video_figure.date", Later)
    status, refused = _ordered(api)
    assert (status, refused["code"]) == (403, "consent_missing")


def test_uses_that_are_covered_are_made(api: Api) -> None:
    own = VoiceProfile(engine="kokoro", voice="af_heart", language="en-US")
    make_avatar(api, "maya", languages=["en"], purposes=["training"], voice=own)
    for order in ({"language": "en-GB"}, {"voice": "af_heart"}, {}):
        assert _ordered(api, purpose="training", **order)[0] == 201
    assert _ordered(api, purpose="training", voice="pf_dora")[1]["code"] == "consent_missing"


@pytest.mark.parametrize("path", ["/v1/videos", "/v1/jobs"])
@pytest.mark.parametrize(
    ("order", "code", "said"),
    [
        ({"identity": "own"}, "usage_invalid", "`identity`"),
        ({"script": "# One\n\n[b-roll: sea.jpg]\n\nHello.\n"}, "usage_invalid", "`sea.jpg`"),
        ({"voice": "nobody"}, "voice_unknown", "`nobody`"),
        ({"script": "---\nvoice: nobody\n---\n# One\n\nHello.\n"}, "voice_unknown", "`nobody`"),
        ({"script": "# One\n\n[hold\n"}, "script_invalid", "script"),
        ({"avatar": None, "face": "1" * 64}, "asset_not_found", "POST /v1/assets"),
        ({"files": {"sea.jpg": "1" * 64}}, "asset_not_found", "POST /v1/assets"),
        ({"avatar": None}, "request_invalid", "either an avatar or a face"),
        ({"script": None}, "request_invalid", "one of a script"),
    ],
)
def test_what_cannot_become_a_video_is_refused_before_any_work(
    api: Api, path: str, order: dict[str, Any], code: str, said: str
) -> None:
    identity = make_avatar(api, "maya")
    if "identity" in order:
        order = {"identity": identity.model_dump(mode="json")}
    before = len(api.noted.enqueued)
    _, refused = _ordered(api, path, **order)
    assert refused["code"] == code
    assert said in str(refused)
    assert len(api.noted.enqueued) == before


def test_a_purpose_is_asked_of_an_avatar_alone(api: Api) -> None:
    status, refused = _ordered(api, avatar=None, face=api.video, purpose="training")
    assert (status, refused["code"]) == (422, "usage_invalid")
