"""Who may do what: tokens, scopes, workspaces, rates. Tables over the description, so that no route is forgotten."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lipwright.api.app import build_api
from lipwright.api.rates import Rates
from lipwright.errors import TooManyRequests
from lipwright.store.database import Database
from lipwright.store.tokens import create_token, revoke_token
from support.serving import Api, api_of, avatar_order, make_avatar, running, service_of, work_through

OPEN = {"/health/live", "/health/ready", "/metrics", "/v1/files/{token}"}
SCOPES = {
    "/v1/jobs": "jobs",
    "/v1/estimates": "jobs",
    "/v1/videos": "jobs",
    "/v1/avatars": "jobs",
    "/v1/batches": "jobs",
    "/v1/deliveries": "jobs",
    "/v1/assets": "assets",
    "/v1/secrets": "admin",
    "/v1/voices": "",
    "/v1/providers": "",
}
READS_BY_POST = {"/v1/estimates", "/v1/assets/{digest}/links"}


def operations(api: Api) -> Iterator[tuple[str, str]]:
    """Method and path of every operation that wants a token."""
    with api.client() as client:
        document = client.get("/v1/openapi.json").json()
    for path, methods in document["paths"].items():
        for method in methods:
            if path not in OPEN:
                yield method.upper(), path


def things_of(api: Api) -> dict[str, str]:
    """What paths name, all of it in the workspace acme."""
    job = api.new_job(approvals=["translate"], callback={"url": "http://127.0.0.1:9/hook"})["id"]
    work_through(api, job, stop_at="translate")
    with api.client() as client:
        event = client.get("/v1/deliveries").json()["items"][0]["event"]
        client.post("/v1/secrets/mine/rotate")
        batch = client.post("/v1/batches", json=batch_order(api)).json()["id"]
    make_avatar(api, "mine")
    return {
        "job_id": job,
        "stage": "translate",
        "digest": api.video,
        "event": event,
        "name": "mine",
        "batch_id": batch,
    }


def batch_order(api: Api) -> dict[str, Any]:
    return {"rows": [{"name": "one", "text": "Hello."}], "defaults": {"face": api.video}}


def ask(client: httpx.Client, api: Api, method: str, path: str, things: dict[str, str]) -> httpx.Response:
    """Send a request that would be right for the workspace acme."""
    bodies: dict[str, dict[str, Any]] = {
        "/v1/jobs": {"json": api.dub()},
        "/v1/estimates": {"json": {"spec": api.dub()["spec"]}},
        "/v1/videos": {"json": {"avatar": "mine", "script": "# One\n\nHello."}},
        "/v1/avatars": {"json": avatar_order(api, "mine")},
        "/v1/batches": {"json": batch_order(api)},
        "/v1/jobs/{job_id}/retry": {"json": {"stage": "translate"}},
        "/v1/jobs/{job_id}/approve": {"json": {"stage": "translate"}},
        "/v1/assets/{digest}/links": {"json": {}},
        "/v1/assets": {"files": {"file": ("a.bin", b"of whoever sends it")}},
    }
    filled = re.sub(r"{(\w+)}", lambda name: things[name[1]], path)
    return client.request(method, filled, **(bodies.get(path, {}) if method == "POST" else {}))


def scope_of(method: str, path: str) -> str:
    room = SCOPES["/".join(path.split("/")[:3])]
    if room in {"", "admin"}:
        return room
    return f"{room}:{'read' if method == 'GET' or path in READS_BY_POST else 'write'}"


def test_another_workspace_sees_nothing_on_any_route(database_api: Api) -> None:
    api = database_api
    things = things_of(api)
    with api.client() as client:
        before = client.get(f"/v1/jobs/{things['job_id']}").json()
    with api.client("rival") as rival:
        for method, path in operations(api):
            answer = ask(rival, api, method, path, things)
            told = f"{method} {path}: {answer.status_code} {answer.text[:300]}"
            if path in {"/v1/voices", "/v1/providers", "/v1/estimates"}:
                assert answer.status_code == 200, told  # the same for everybody
            elif "{" in path and path != "/v1/secrets/{name}/rotate":
                assert answer.status_code == 404, told
            elif method == "POST" and path in {"/v1/jobs", "/v1/videos", "/v1/avatars"}:
                assert answer.status_code == 404, told  # its asset, or its avatar, is another's
            elif method == "POST" and path == "/v1/batches":
                assert (answer.status_code, answer.json()["code"]) == (422, "batch_invalid"), told  # so is its face
            elif method == "GET":
                assert not any(thing in answer.text for thing in things.values()), told
            else:
                assert answer.status_code == 201, told  # makes something of its own
    with api.client() as client:
        assert client.get(f"/v1/jobs/{things['job_id']}").json() == before


def test_every_route_wants_a_token(api: Api) -> None:
    things = things_of(api)
    with api.client("") as stranger:
        for method, path in operations(api):
            answer = ask(stranger, api, method, path, things)
            assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid"), (method, path)
            assert answer.headers["www-authenticate"] == "Bearer"
        for odd in ("Basic abc", "Bearer", "Bearer x", "Bearer " + "x" * 9000):
            assert stranger.get("/v1/jobs", headers={"authorization": odd}).status_code == 401
        assert stranger.get("/v1/no-such-thing").status_code == 401


def test_every_route_wants_its_scope_and_takes_no_other(api: Api) -> None:
    things = things_of(api)
    for scope in ("jobs:read", "jobs:write", "assets:read", "assets:write"):
        with api.client(scope) as client:
            for method, path in operations(api):
                answer = ask(client, api, method, path, things)
                if scope_of(method, path) in {"", scope}:
                    assert answer.status_code != 403, (scope, method, path)
                else:
                    assert answer.json()["code"] == "not_allowed", (scope, method, path, answer.text)


def test_revoked_and_expired_tokens_are_unknown(api: Api) -> None:
    database = api.service.database
    with database.begin() as c:
        now_ms = database.now_ms(c)
        token_id, revoked = create_token(c, api.acme, ["jobs:read"], None, now_ms)
        _, expired = create_token(c, api.acme, ["jobs:read"], now_ms + 1, now_ms - 10_000)
    with api.client("") as client:
        asked = {"authorization": f"bearer {revoked}"}
        assert client.get("/v1/jobs", headers=asked).status_code == 200
        with database.begin() as c:
            assert revoke_token(c, api.acme, token_id, now_ms)
        assert client.get("/v1/jobs", headers=asked).status_code == 401
        assert client.get("/v1/jobs", headers={"authorization": f"Bearer {expired}"}).status_code == 401


def test_a_token_that_asks_too_often_is_told_when_to_come_back(database: Database, tmp_path: Path) -> None:
    if not database.is_sqlite:
        pytest.skip("no rows are counted")
    service = service_of(database, tmp_path, rate_per_minute=3)
    with running(service) as url:
        api = api_of(service, url)
        with api.client() as client, api.client("rival") as rival:
            assert [client.get("/v1/jobs").status_code for _ in range(4)] == [200, 200, 200, 429]
            refused = client.get("/v1/jobs")
            assert rival.get("/v1/jobs").status_code == 200
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert (refused.json()["code"], refused.json()["retryable"]) == ("too_many_requests", True)


def test_a_bucket_fills_again_and_is_forgotten() -> None:
    now_s = [0.0]
    rates = Rates(2, lambda: now_s[0])
    rates.take("a")
    rates.take("a")
    with pytest.raises(TooManyRequests) as refused:
        rates.take("a")
    assert refused.value.after_s == pytest.approx(30)
    now_s[0] = 30.0
    rates.take("a")
    with pytest.raises(TooManyRequests):
        rates.take("a")
    now_s[0] = 10.0  # a clock that was set back
    with pytest.raises(TooManyRequests):
        rates.take("a")


def test_the_description_has_an_example_for_every_body(api: Api) -> None:
    document = build_api(api.service).openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary"), (method, path)
            assert {"4XX", "5XX"} <= set(operation["responses"]), (method, path)
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            assert body is None or body["examples"], (method, path)
