"""Deliveries and the secrets that sign them, over HTTP."""

from lipwright.store.deliveries import record_try, take_due
from lipwright.store.secrets import signing_secrets
from support.serving import Api


def test_a_delivery_shows_its_tries_and_a_dead_one_is_sent_again(api: Api) -> None:
    job = api.new_job(callback={"url": "http://127.0.0.1:9/hook"})["id"]
    database = api.service.database
    with database.begin() as c:
        now_ms = database.now_ms(c)
        due = next(one for one in take_due(c, now_ms, 200) if one.job == job)
        record_try(c, due, started_ms=now_ms, took_ms=7, status=500, problem="status 500", next_ms=None)
    with api.client() as client:
        [dead] = client.get("/v1/deliveries", params={"job": job, "state": "dead"}).json()["items"]
        assert [(one["status"], one["took_ms"], one["problem"]) for one in dead["tries"]] == [(500, 7, "status 500")]
        assert client.get("/v1/deliveries", params={"job": job, "state": "due"}).json()["items"] == []
        again = client.post(f"/v1/deliveries/{dead['event']}/resend")
        assert (again.status_code, again.content) == (202, b"")
        [due_again] = client.get("/v1/deliveries", params={"job": job, "state": "due"}).json()["items"]
        assert due_again["event"] == dead["event"]
        assert client.post(f"/v1/deliveries/{dead['event']}/resend").json()["code"] == "job_busy"
        assert client.post("/v1/deliveries/no-such-event/resend").status_code == 404


def test_a_secret_is_shown_once_and_the_one_before_signs_along(api: Api) -> None:
    with api.client() as client:
        first = client.post("/v1/secrets/hooks/rotate").json()
        second = client.post("/v1/secrets/hooks/rotate").json()
        listed = client.get("/v1/secrets")
    assert first["value"].startswith("whsec_")
    assert first["previous_until"] is None
    assert second["previous_until"] is not None
    assert [one["name"] for one in listed.json()["items"]] == ["hooks"]
    assert "whsec_" not in listed.text
    with api.service.database.read() as c:
        both = signing_secrets(c, api.acme, "hooks", api.service.database.now_ms(c))
    assert [secret.get_secret_value() for secret in both] == [second["value"], first["value"]]


def test_a_callback_names_a_secret_of_its_workspace(api: Api) -> None:
    with api.client() as client:
        hook = {"url": "http://127.0.0.1:9/hook", "secret": "nobodys"}
        assert client.post("/v1/jobs", json=api.dub(callback=hook)).status_code == 422
        client.post("/v1/secrets/nobodys/rotate")
        assert client.post("/v1/jobs", json=api.dub(callback=hook)).status_code == 201
