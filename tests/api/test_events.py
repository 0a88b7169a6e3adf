"""Events over HTTP: in pages, and as a stream that goes on where it broke off."""

import threading
from typing import Any

import httpx
import pytest

from support.serving import Api, work_through

STREAM = {"accept": "text/event-stream"}


def read_stream(client: httpx.Client, job: str, *, until: int | None = None, **headers: str) -> list[dict[str, str]]:
    """The events of a stream, up to its end or up to one; comments under `comment`."""
    seen: list[dict[str, str]] = []
    with client.stream("GET", f"/v1/jobs/{job}/events", headers={**STREAM, **headers}) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        one: dict[str, str] = {}
        for line in answer.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                one[name or "comment"] = value
                continue
            seen.append(one)
            if until is not None and one.get("id") == str(until):
                return seen
            one = {}
    return seen


def events_of(api: Api, job: str) -> list[dict[str, Any]]:
    with api.client() as client:
        items: list[dict[str, Any]] = client.get(f"/v1/jobs/{job}/events", params={"limit": 200}).json()["items"]
    return items


def test_events_come_in_pages(api: Api) -> None:
    job = api.new_job()["id"]
    work_through(api, job)
    every = events_of(api, job)
    assert [event["sequence"] for event in every] == list(range(1, len(every) + 1))
    assert (every[0]["type"], every[-1]["type"]) == ("job.accepted", "job.completed")
    with api.client() as client:
        first = client.get(f"/v1/jobs/{job}/events", params={"limit": 3}).json()
        second = client.get(f"/v1/jobs/{job}/events", params={"after": first["next_after"], "limit": 200}).json()
    assert first["items"] + second["items"] == every
    assert second["next_after"] is None


def test_a_stream_tells_all_and_ends_behind_the_last_event(api: Api) -> None:
    job = api.new_job()["id"]
    work_through(api, job)
    with api.client() as client:
        told = [one for one in read_stream(client, job) if "id" in one]
    assert [one["id"] for one in told] == [str(event["sequence"]) for event in events_of(api, job)]
    assert told[-1]["event"] == "job.completed"


def test_a_stream_that_broke_off_goes_on_behind_the_last_event_that_was_seen(api: Api) -> None:
    job = api.new_job()["id"]
    with api.client() as client:
        worker = threading.Thread(target=work_through, args=(api, job))
        worker.start()
        before = [one for one in read_stream(client, job, until=4) if "id" in one]
        behind = [one for one in read_stream(client, job, **{"last-event-id": "4"}) if "id" in one]
        worker.join()
    ids = [int(one["id"]) for one in before + behind]
    assert ids == [event["sequence"] for event in events_of(api, job)]


def test_a_quiet_stream_says_that_it_is_alive_and_ends_when_the_job_does(api: Api) -> None:
    job = api.new_job()["id"]
    with api.client() as client, client.stream("GET", f"/v1/jobs/{job}/events", headers=STREAM) as answer:
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith(":")) == ": still here"
        with api.client() as other:
            other.post(f"/v1/jobs/{job}/cancel")
        assert "event: job.cancelled" in list(lines)


def test_there_is_no_stream_for_whoever_has_seen_the_end(api: Api) -> None:
    job = api.new_job()["id"]
    work_through(api, job)
    last = str(len(events_of(api, job)))
    with api.client() as client:
        answer = client.get(f"/v1/jobs/{job}/events", headers={**STREAM, "last-event-id": last})
    assert answer.status_code == 204


def test_a_retried_job_is_followed_to_its_new_end(api: Api) -> None:
    job = api.new_job()["id"]
    work_through(api, job, fail_at="speak")
    failed = events_of(api, job)[-1]
    assert failed["type"] == "job.failed"
    assert failed["error"]["code"] == "face_not_found"
    with api.client() as client:
        client.post(f"/v1/jobs/{job}/retry", json={})
        worker = threading.Thread(target=work_through, args=(api, job))
        worker.start()
        told = read_stream(client, job, **{"last-event-id": str(failed["sequence"])})
        worker.join()
    assert told[-1]["event"] == "job.completed"


@pytest.mark.parametrize("odd", ["", "x", "-1", "٣", "9" * 30])
def test_an_event_id_that_is_none_begins_at_the_start(api: Api, odd: str) -> None:
    job = api.new_job()["id"]
    with api.client() as client:
        client.post(f"/v1/jobs/{job}/cancel")
        answer = client.get(f"/v1/jobs/{job}/events", headers={"last-event-id": odd.encode()})
    assert answer.json()["items"][0]["sequence"] == 1
