"""Avatars over HTTP: made once, named by videos, deleted."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lipwright.contracts.avatar import VoiceProfile
from lipwright.speech.cloning.fake import FakeCloner
from lipwright.store.garbage import retire
from support.serving import Api, avatar_order, make_avatar, work_through

YEAR_MS = 366 * 86_400_000


def test_an_avatar_is_a_job_and_then_an_identity_with_advice(api: Api) -> None:
    with api.client() as client:
        made = client.post("/v1/avatars", json={**avatar_order(api, "maya"), "labels": {"order": "17"}})
        assert (made.status_code, made.headers["location"]) == (201, "/v1/avatars/maya")
        assert (made.json()["state"], made.json()["identity"]) == ("queued", None)
        job = client.get(f"/v1/jobs/{made.json()['job']}").json()
        assert (job["kind"], job["labels"]) == ("avatar", {"order": "17"})
        assert (job["id"], 1) in api.noted.enqueued
        identity = make_avatar(api, "bo", languages=["en"])
        shown = client.get("/v1/avatars/bo").json()
        listed = client.get("/v1/avatars").json()["items"]
    assert (shown["state"], shown["consent"]["languages"], shown["error"]) == ("completed", ["en"], None)
    assert shown["identity"]["assets"][0]["digest"] == identity.digest("photo.png")
    assert shown["identity"]["face"]["advice"] == ["More light."]
    assert [(one["name"], one["kind"], one["person"]) for one in listed] == [
        ("bo", "photo", "Maya Lindt"),
        ("maya", "photo", "Maya Lindt"),
    ]


def test_a_name_is_taken_until_its_job_fails_or_it_is_deleted(api: Api) -> None:
    order = avatar_order(api, "maya")
    with api.client() as client:
        first = client.post("/v1/avatars", json=order).json()["job"]
        taken = client.post("/v1/avatars", json=order)
        assert (taken.status_code, taken.json()["code"]) == (409, "avatar_exists")
        work_through(api, first, fail_at="neutral")
        assert client.get("/v1/avatars/maya").json()["error"]["code"] == "face_not_found"
        second = client.post("/v1/avatars", json=order)
        assert second.status_code == 201
        back = client.post(f"/v1/jobs/{first}/retry", json={})
        assert (back.status_code, back.json()["code"]) == (409, "avatar_exists")
        assert client.get(f"/v1/jobs/{first}").json()["state"] == "failed"
        assert client.delete("/v1/avatars/maya").status_code == 204
        assert client.get("/v1/avatars/maya").status_code == 404
        assert client.get(f"/v1/jobs/{second.json()['job']}").json()["state"] == "cancelled"
        assert client.post(f"/v1/jobs/{first}/retry", json={}).status_code == 202
        assert client.get("/v1/avatars/maya").json()["job"] == first
    assert [job for job, _ in api.noted.cancelled][-1:] == [second.json()["job"]]


def test_an_avatar_that_is_made_again_and_fails_keeps_its_name_and_its_face(api: Api) -> None:
    make_avatar(api, "maya")
    with api.client() as client:
        job = client.get("/v1/avatars/maya").json()["job"]
        assert client.post(f"/v1/jobs/{job}/retry", json={}).status_code == 202
        work_through(api, job, fail_at="neutral")
        assert client.get("/v1/avatars/maya").json()["identity"]["name"] == "maya"
        assert client.post("/v1/avatars", json=avatar_order(api, "maya")).status_code == 409


def test_the_same_key_makes_one_avatar_and_a_job_of_that_kind_is_the_same(api: Api) -> None:
    order, key = avatar_order(api, "maya"), {"idempotency-key": "maya-1"}
    with api.client() as client:
        first, second = (client.post("/v1/avatars", json=order, headers=key) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json()["job"] == second.json()["job"]
        other = client.post("/v1/jobs", json={"spec": {"kind": "avatar", **avatar_order(api, "bo")}}, headers=key)
        assert other.json()["code"] == "idempotency_conflict"
        made = client.post("/v1/jobs", json={"spec": {"kind": "avatar", **avatar_order(api, "bo")}})
        assert made.status_code == 201
        assert client.get("/v1/avatars/bo").json()["job"] == made.json()["id"]


def test_a_name_asked_for_many_times_at_once_goes_to_one_job(database_api: Api) -> None:
    def post(_: int) -> int:
        with database_api.client() as client:
            return client.post("/v1/avatars", json=avatar_order(database_api, "maya")).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(post, range(6))) == [201] + [409] * 5
    with database_api.client() as client:
        assert len(client.get("/v1/jobs").json()["items"]) == 1


def test_workspaces_do_not_see_each_others_avatars(api: Api) -> None:
    make_avatar(api, "maya")
    with api.client("rival") as rival:
        assert rival.get("/v1/avatars").json()["items"] == []
        answers = [rival.get("/v1/avatars/maya"), rival.delete("/v1/avatars/maya")]
        script = {"avatar": "maya", "script": "# One\n\nHello."}
        answers.append(rival.post("/v1/videos", json=script))
    assert [one.json()["code"] for one in answers] == ["avatar_not_found"] * 3
    with api.client("jobs:read") as reader:
        assert reader.get("/v1/avatars/maya").status_code == 200
        assert reader.delete("/v1/avatars/maya").status_code == 403
        assert reader.post("/v1/avatars", json=avatar_order(api, "bo")).status_code == 403


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"name": "Maya!"}, 422, "name"),
        ({"clip": "0" * 64}, 422, "either a photo or a clip"),
        ({"voice": "no_such_voice"}, 422, "no_such_voice"),
        ({"photo": "1" * 64}, 404, "POST /v1/assets"),
        ({"poses": {"Sitting Down": "0" * 64}}, 422, "`pose`"),
        ({"voice_sample": "0" * 64}, 403, "`voice_sample`"),
    ],
)
def test_what_cannot_become_an_avatar_is_refused_before_any_work(
    api: Api, changed: dict[str, object], status: int, said: str
) -> None:
    with api.client() as client:
        refused = client.post("/v1/avatars", json={**avatar_order(api, "maya"), **changed})
        assert refused.status_code == status
        assert said in refused.text
        assert client.get("/v1/avatars").json()["items"] == []


def test_a_consent_that_has_ended_makes_no_avatar(api: Api) -> None:
    with api.client() as client:
        refused = client.post("/v1/avatars", json=avatar_order(api, "maya", until="2026-02-01"))
    assert (refused.status_code, refused.json()["code"]) == (403, "consent_missing")
    assert "2026-02-01" in refused.json()["detail"]


def test_a_copied_voice_is_forgotten_with_its_avatar(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(FakeCloner, "forget", lambda self, voice: forgotten.append(voice.id))
    monkeypatch.setitem(api.service.settings.__dict__, "clone", "fake")
    make_avatar(api, "maya", voice=VoiceProfile(engine="fake", voice="copy-1", cloned_from="0" * 64))
    with api.client() as client:
        assert client.delete("/v1/avatars/maya").status_code == 204
    assert forgotten == ["copy-1"]


def test_retention_leaves_avatars_and_their_files_until_they_are_deleted(database_api: Api) -> None:
    api = database_api
    make_avatar(api, "maya")
    with api.client() as client:
        failed = client.post("/v1/avatars", json=avatar_order(api, "bo")).json()["job"]
        work_through(api, failed, fail_at="neutral")
        retire(api.service.database, _much_later(api), YEAR_MS // 2)
        assert client.get("/v1/avatars/maya").json()["identity"] is not None
        assert client.get("/v1/avatars/bo").status_code == 404
        assert client.get(f"/v1/assets/{api.video}").status_code == 200
        assert client.delete("/v1/avatars/maya").status_code == 204
        retire(api.service.database, _much_later(api), YEAR_MS // 2)
        assert client.get("/v1/jobs").json()["items"] == []
        assert client.get(f"/v1/assets/{api.video}").status_code == 404


def _much_later(api: Api) -> int:
    with api.service.database.read() as c:
        return api.service.database.now_ms(c) + YEAR_MS
