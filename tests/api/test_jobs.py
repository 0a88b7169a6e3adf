"""Jobs over HTTP: made once, shown, cancelled, retried, approved."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.serving import Api, work_through


def test_a_job_is_made_shown_and_handed_to_the_workers(api: Api) -> None:
    with api.client() as client:
        made = client.post("/v1/jobs", json=api.dub(labels={"order": "17"}, priority=3))
        assert made.status_code == 201
        job = made.json()
        assert made.headers["location"] == f"/v1/jobs/{job['id']}"
        assert client.get(f"/v1/jobs/{job['id']}").json() == job
    assert (job["kind"], job["state"], job["run"], job["priority"]) == ("dub", "queued", 1, 3)
    assert job["labels"] == {"order": "17"}
    assert [stage["name"] for stage in job["stages"]][:3] == ["separate", "transcribe", "translate"]
    assert (job["id"], 1) in api.noted.enqueued


def test_the_same_key_and_body_give_the_same_job_however_the_body_is_written(api: Api) -> None:
    key = {"idempotency-key": "ad-17"}
    with api.client() as client:
        first = client.post("/v1/jobs", json=api.dub(priority=3), headers=key)
        turned = f'{{"priority": 3,\n "spec": {{"target": "pt-BR", "video": "{api.video}", "kind": "dub"}}}}'
        second = client.post("/v1/jobs", content=turned, headers={**key, "content-type": "application/json"})
        other = client.post("/v1/jobs", json=api.dub(priority=4), headers=key)
    assert (first.status_code, second.status_code, other.status_code) == (201, 200, 409)
    assert first.json()["id"] == second.json()["id"]
    assert other.json()["code"] == "idempotency_conflict"
    assert api.noted.enqueued.count((first.json()["id"], 1)) == 1


def test_keys_of_other_workspaces_are_other_keys(api: Api) -> None:
    with api.client() as client, api.client("rival") as rival:
        rival.post("/v1/assets", files={"file": ("talk.mp4", b"something else")})
        video = rival.get("/v1/assets").json()["items"][0]["digest"]
        key = {"idempotency-key": "same"}
        mine = client.post("/v1/jobs", json=api.dub(), headers=key)
        theirs = rival.post("/v1/jobs", json={"spec": {**api.dub()["spec"], "video": video}}, headers=key)
    assert (mine.status_code, theirs.status_code) == (201, 201)


def test_a_key_sent_many_times_at_once_makes_one_job(api: Api) -> None:
    def post(_: int) -> tuple[int, str]:
        with api.client() as client:
            answer = client.post("/v1/jobs", json=api.dub(), headers={"idempotency-key": "race"})
        return answer.status_code, answer.json()["id"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(8)))
    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    assert len({job for _, job in answers}) == 1


@pytest.mark.parametrize(("key", "status"), [("k" * 255, 201), ("k" * 256, 422)])
def test_a_key_has_up_to_255_characters(api: Api, key: str, status: int) -> None:
    with api.client() as client:
        assert client.post("/v1/jobs", json=api.dub(), headers={"idempotency-key": key}).status_code == status


def test_a_job_names_only_assets_of_its_workspace(api: Api) -> None:
    with api.client("rival") as rival:
        refused = rival.post("/v1/jobs", json=api.dub())
    assert (refused.status_code, refused.json()["code"]) == (404, "asset_not_found")
    assert api.video in refused.json()["detail"]


def test_only_approvable_stages_can_be_approved(api: Api) -> None:
    with api.client() as client:
        assert client.post("/v1/jobs", json=api.dub(approvals=["translate"])).status_code == 201
        refused = client.post("/v1/jobs", json=api.dub(approvals=["separate"]))
    assert refused.status_code == 422
    assert "separate" in refused.json()["detail"]


def test_a_wrong_field_is_named_and_its_value_is_not_repeated(api: Api) -> None:
    wrong = api.dub(priority=1000)
    wrong["spec"]["password"] = "hunter2"  # noqa: S105 a field that nobody knows
    with api.client() as client:
        refused = client.post("/v1/jobs", json=wrong)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert {one["pointer"] for one in refused.json()["errors"]} == {"/body/priority", "/body/spec/dub/password"}
    assert "hunter2" not in refused.text


def test_a_kind_that_nothing_here_makes_is_refused(api: Api) -> None:
    with api.client() as client:
        refused = client.post("/v1/jobs", json={"spec": {"kind": "sing", "video": api.video}})
    assert refused.json()["code"] == "request_invalid"


def test_jobs_are_listed_in_pages_newest_first(api: Api) -> None:
    made = [api.new_job()["id"] for _ in range(5)]
    seen, cursor = [], None
    with api.client() as client:
        for _ in range(3):
            page = client.get("/v1/jobs", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
            seen += [job["id"] for job in page["items"]]
            cursor = page["next_cursor"]
        assert client.get("/v1/jobs", params={"cursor": "bm9uZQ"}).status_code == 422
        client.post(f"/v1/jobs/{made[0]}/cancel")
        cancelled = client.get("/v1/jobs", params={"state": "cancelled"}).json()["items"]
        assert client.get("/v1/jobs", params={"state": "failed"}).json()["items"] == []
        assert client.get("/v1/jobs", params={"kind": "speak"}).json()["items"] == []
    assert (seen, cursor) == (made[::-1], None)
    assert [job["id"] for job in cancelled] == [made[0]]


def test_a_cancelled_job_stays_cancelled_and_a_finished_one_finished(api: Api) -> None:
    job, finished = api.new_job()["id"], api.new_job()["id"]
    work_through(api, finished)
    with api.client() as client:
        for _ in range(2):
            assert client.post(f"/v1/jobs/{job}/cancel").json()["state"] == "cancelled"
        refused = client.post(f"/v1/jobs/{finished}/cancel")
    assert api.noted.cancelled.count((job, 1)) == 1
    assert (refused.status_code, refused.json()["code"]) == (409, "job_busy")


def test_a_failed_job_tells_why_and_goes_on_when_it_is_retried(api: Api) -> None:
    job = api.new_job()["id"]
    work_through(api, job, fail_at="speak")
    with api.client() as client:
        failed = client.get(f"/v1/jobs/{job}").json()
        assert (failed["state"], failed["error"]["code"]) == ("failed", "face_not_found")
        again = client.post(f"/v1/jobs/{job}/retry", json={})
        assert (again.status_code, again.json()["run"], again.json()["state"]) == (202, 2, "queued")
        assert client.post(f"/v1/jobs/{job}/retry", json={}).json()["code"] == "job_busy"
    assert (job, 2) in api.noted.enqueued
    work_through(api, job)
    with api.client() as client:
        done = client.get(f"/v1/jobs/{job}").json()
    assert (done["state"], done["outputs"]) == ("completed", {"video.mp4": api.video})


def test_a_retry_with_a_key_is_done_once_whatever_became_of_the_job(api: Api) -> None:
    job, key = api.new_job()["id"], {"idempotency-key": f"again-{api.acme}"}
    work_through(api, job)
    with api.client() as client:
        first = client.post(f"/v1/jobs/{job}/retry", json={"stage": "speak"}, headers=key)
        at_once = client.post(f"/v1/jobs/{job}/retry", json={"stage": "speak"}, headers=key)
        work_through(api, job)
        later = client.post(f"/v1/jobs/{job}/retry", json={"stage": "speak"}, headers=key)
        other = client.post(f"/v1/jobs/{job}/retry", json={"stage": "finish"}, headers=key)
        elsewhere = client.post(f"/v1/jobs/{job}/cancel", headers=key)
    told = [(answer.status_code, answer.json()["run"], answer.json()["state"]) for answer in (first, at_once, later)]
    assert told == [(202, 2, "queued"), (202, 2, "queued"), (202, 2, "completed")]
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "idempotency_conflict")
    assert api.noted.enqueued.count((job, 2)) == 1


def test_a_line_that_is_not_there_is_refused_at_once(api: Api) -> None:
    job, key = api.new_job()["id"], {"idempotency-key": f"line-{api.acme}"}
    work_through(api, job)
    with api.client() as client, api.client("rival") as rival:
        refused = client.post(f"/v1/jobs/{job}/retry", json={"stage": "speak", "line": 4}, headers=key)
        foreign = rival.post(f"/v1/jobs/{job}/retry", json={"stage": "speak", "line": 4})
        unknown = client.post(f"/v1/jobs/{job}/retry", json={"stage": "no-such", "line": 4})
        again = client.post(f"/v1/jobs/{job}/retry", json={"stage": "speak", "line": 3}, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (422, "usage_invalid")
    assert refused.json()["detail"] == "retry: `speak` of this job has no line 4. It has 1 to 3."
    assert foreign.status_code == 404
    assert "no stage `no-such`" in unknown.json()["detail"]
    assert (again.status_code, again.json()["run"]) == (202, 2)


def test_a_line_of_what_nobody_can_tell_yet_is_left_to_the_stage(api: Api) -> None:
    job = api.new_job()["id"]
    work_through(api, job, fail_at="translate")
    with api.client() as client:
        assert client.post(f"/v1/jobs/{job}/retry", json={"stage": "speak", "line": 99}).status_code == 202


def test_an_approval_with_a_key_is_given_once(api: Api) -> None:
    job, key = api.new_job(approvals=["translate"])["id"], {"idempotency-key": f"yes-{api.acme}"}
    work_through(api, job, stop_at="translate")
    with api.client() as client:
        answers = [
            client.post(f"/v1/jobs/{job}/approve", json={"stage": "translate"}, headers=headers)
            for headers in (key, key, {})
        ]
        changed = client.post(f"/v1/jobs/{job}/approve", json={"stage": "translate", "approved": False}, headers=key)
    assert [answer.status_code for answer in answers] == [202, 202, 409]
    assert answers[0].json()["run"] == answers[1].json()["run"] == 2
    assert answers[2].json()["code"] == "job_busy"
    assert changed.json()["code"] == "idempotency_conflict"
    assert api.noted.enqueued.count((job, 2)) == 1


def test_a_cancellation_with_a_key_does_not_stop_what_was_begun_behind_it(api: Api) -> None:
    job, key = api.new_job()["id"], {"idempotency-key": f"stop-{api.acme}"}
    with api.client() as client:
        assert client.post(f"/v1/jobs/{job}/cancel", headers=key).json()["state"] == "cancelled"
        client.post(f"/v1/jobs/{job}/retry", json={})
        again = client.post(f"/v1/jobs/{job}/cancel", headers=key)
    assert (again.status_code, again.json()["state"]) == (200, "queued")


def test_a_request_that_was_refused_leaves_its_key_free(api: Api) -> None:
    job, key = api.new_job()["id"], {"idempotency-key": f"early-{api.acme}"}
    with api.client() as client:
        assert client.post(f"/v1/jobs/{job}/retry", json={}, headers=key).json()["code"] == "job_busy"
        assert client.post("/v1/jobs/nobody/retry", json={}, headers=key).status_code in (404, 422)
        work_through(api, job, fail_at="speak")
        assert client.post(f"/v1/jobs/{job}/retry", json={}, headers=key).status_code == 202
        finished = client.post(f"/v1/jobs/{job}/cancel", headers={"idempotency-key": f"late-{api.acme}"})
    assert finished.json()["state"] == "cancelled"


def test_a_key_sent_many_times_at_once_retries_once(database_api: Api) -> None:
    job = database_api.new_job()["id"]
    work_through(database_api, job)

    def post(_: int) -> tuple[int, int]:
        with database_api.client() as client:
            answer = client.post(f"/v1/jobs/{job}/retry", json={}, headers={"idempotency-key": "race"})
        return answer.status_code, answer.json()["run"]

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(post, range(6))) == {(202, 2)}
    assert database_api.noted.enqueued.count((job, 2)) == 1


def test_a_job_waits_for_a_person_who_edits_what_it_made(api: Api) -> None:
    job = api.new_job(approvals=["translate"])["id"]
    work_through(api, job, stop_at="translate")
    with api.client() as client:
        waiting = client.get(f"/v1/jobs/{job}").json()
        assert (waiting["state"], waiting["waits_for"]) == ("waiting", "translate")
        unknown = client.post(
            f"/v1/jobs/{job}/approve", json={"stage": "translate", "edits": {"translate.bin": "0" * 64}}
        )
        assert (unknown.status_code, unknown.json()["code"]) == (404, "asset_not_found")
        edited = client.post("/v1/assets", files={"file": ("edited.srt", b"1\n")}).json()["digest"]
        yes = client.post(f"/v1/jobs/{job}/approve", json={"stage": "translate", "edits": {"translate.bin": edited}})
        assert (yes.status_code, yes.json()["run"]) == (202, 2)
    assert (job, 2) in api.noted.enqueued


def test_a_person_who_says_no_ends_the_job(api: Api) -> None:
    job = api.new_job(approvals=["translate"])["id"]
    work_through(api, job, stop_at="translate")
    with api.client() as client:
        no = client.post(f"/v1/jobs/{job}/approve", json={"stage": "translate", "approved": False})
    assert no.json()["state"] == "cancelled"
    assert (job, 2) not in api.noted.enqueued


def test_stages_are_shown_alone(api: Api) -> None:
    job = api.new_job()["id"]
    work_through(api, job, fail_at="animate")
    with api.client() as client:
        stages = client.get(f"/v1/jobs/{job}/stages").json()["items"]
        assert client.get(f"/v1/jobs/{job}/stages/animate").json() == stages[4]
        missing = client.get(f"/v1/jobs/{job}/stages/anmate")
    assert [stage["state"] for stage in stages] == ["done"] * 4 + ["failed", "pending"]
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert "`animate`" in missing.json()["detail"]


def test_a_callback_to_a_private_address_is_refused_where_the_service_says_so(api: Api) -> None:
    with api.client() as client:
        allowed = client.post("/v1/jobs", json=api.dub(callback={"url": "http://127.0.0.1:9/hook"}))
        assert allowed.status_code == 201
        deliveries = client.get("/v1/deliveries", params={"job": allowed.json()["id"]}).json()["items"]
    assert [(one["type"], one["state"], one["tries"]) for one in deliveries] == [("job.accepted", "due", [])]


def test_an_estimate_says_what_it_knows_and_no_more(api: Api) -> None:
    with api.client() as client:
        known = client.post("/v1/estimates", json={"spec": api.dub()["spec"], "duration_s": 100}).json()
        unknown = client.post("/v1/estimates", json={"spec": api.dub()["spec"]}).json()
        text = {"kind": "speak", "face": api.video, "text": "x" * 150, "speed": 2}
        spoken = client.post("/v1/estimates", json={"spec": text}).json()
    assert (known["work_s"], known["costs"]) == (300.0, [])
    assert (unknown["duration_s"], unknown["work_s"]) == (None, None)
    assert (spoken["duration_s"], spoken["work_s"]) == (5.0, 3.6)
