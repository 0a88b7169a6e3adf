"""Spans of requests: within the caller's trace, with a link to that of the job they make, without secrets."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from opentelemetry.trace import StatusCode

from lipwright.jobs.dispatcher import Dispatcher
from lipwright.store.database import Database
from support.serving import Api, api_of, running, service_of
from support.spans import Spans, context_of, kept_spans, parent_of

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@contextmanager
def traced(tmp_path: Path, migrated_sqlite: Path) -> Iterator[tuple[Api, Spans]]:
    shutil.copy(migrated_sqlite, tmp_path / "lipwright.db")
    database = Database(f"sqlite:///{tmp_path / 'lipwright.db'}")
    with kept_spans() as spans, closing(database), closing(Dispatcher(database)) as dispatcher:
        dispatcher.prepare()
        service = replace(service_of(database, tmp_path), dispatcher=dispatcher)
        with running(service) as url:
            yield api_of(service, url), spans


def test_a_request_is_in_its_callers_trace_and_leads_to_that_of_its_job(tmp_path: Path, migrated_sqlite: Path) -> None:
    with traced(tmp_path, migrated_sqlite) as (api, spans), api.client() as client:
        answer = client.post("/v1/jobs", json=api.dub(), headers={"traceparent": CALLER, "x-request-id": "order-17"})
        job = answer.json()["id"]
        client.get(f"/v1/jobs/{job}")
    asked, begun, seen = spans.named("POST /v1/jobs"), spans.named("enqueue dub"), spans.named("GET /v1/jobs/{job_id}")
    assert f"{context_of(asked)[0]:032x}" == CALLER.split("-")[1]
    assert f"{parent_of(asked):016x}" == CALLER.split("-")[2]
    assert dict(asked.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/v1/jobs",
        "http.response.status_code": 201,
        "lipwright.request": "order-17",
        "lipwright.job": job,
        "lipwright.state": "answered",
    }
    assert f"{context_of(begun)[0]:032x}" == job
    assert [link.context for link in begun.links] == [asked.context]
    assert [link.context for link in asked.links] == [begun.context]
    assert seen.parent is None
    assert context_of(seen)[0] != context_of(asked)[0]


def test_spans_of_requests_tell_no_texts_paths_tokens_or_names(tmp_path: Path, migrated_sqlite: Path) -> None:
    with traced(tmp_path, migrated_sqlite) as (api, spans), api.client() as client:
        spec = {"kind": "speak", "face": api.video, "text": "the words of somebody"}
        hook = {"url": "https://example.com/hook?key=swordfish"}
        client.post("/v1/jobs?secret=in-the-query", json={"spec": spec, "labels": {"x": "jane"}, "callback": hook})
        link = client.post(f"/v1/assets/{api.video}/links", json={}).json()["url"]
        assert httpx.get(link).status_code == 200
        client.request("BREW", "/made/up/by/somebody")
        client.get("/health/ready")
        client.get("/metrics")
    written = "".join(span.to_json() for span in spans.all)
    assert len([span for span in spans.all if span.name != "enqueue speak"]) == 4
    secrets = (*api.tokens.values(), link.rpartition("/")[2], "somebody", "query", "jane", "swordfish", api.acme)
    for word in (*secrets, "BREW", "example.com", "127.0.0.1"):
        assert word not in written


def test_a_request_that_breaks_inside_has_a_span_that_says_so(tmp_path: Path, migrated_sqlite: Path) -> None:
    with traced(tmp_path, migrated_sqlite) as (api, spans), api.client() as client:
        with api.service.database.begin() as c:
            c.exec_driver_sql("DROP TABLE delivery_try")
            c.exec_driver_sql("DROP TABLE delivery")
            c.exec_driver_sql("UPDATE asset SET size_bytes = 'many'")
        assert client.get("/v1/no-such-thing").status_code == 404
        assert client.get("/v1/assets").status_code == 500
    broken, missing = spans.named("GET /v1/assets"), spans.named("GET none")
    assert (broken.status.status_code, (broken.attributes or {})["error.type"]) == (StatusCode.ERROR, "500")
    assert missing.status.status_code is StatusCode.UNSET


def test_without_a_receiver_of_spans_no_request_passes_through_what_makes_them(api: Api) -> None:
    from lipwright.api.app import build_api

    assert "Traced" not in {one.cls.__name__ for one in build_api(api.service).user_middleware}
    with kept_spans():
        names = [one.cls.__name__ for one in build_api(api.service).user_middleware]
    assert names[0] == "Traced"
