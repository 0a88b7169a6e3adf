"""The service as operators see it: health, figures, log, headers, errors of the inside, start and end."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
import structlog
from prometheus_client.parser import text_string_to_metric_families

from lipwright.api.log import configure_log, drop_secrets
from lipwright.api.server import listening
from lipwright.errors import StorageFailed, UsageError
from lipwright.jobs.queues import AT_A_TIME
from lipwright.store.assets import AssetStore
from lipwright.store.database import Database
from support.serving import Api, api_of, running, service_of, work_through


def test_a_service_lives_and_is_ready(api: Api) -> None:
    with api.client("") as anybody:
        assert anybody.get("/health/live").json() == {"status": "ok"}
        assert anybody.get("/health/ready").json() == {"status": "ok"}


def test_a_service_without_its_database_lives_but_is_not_ready(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gone' / 'lipwright.db'}")
    with running(service_of(database, tmp_path)) as url:
        assert httpx.get(f"{url}/health/live").status_code == 200
        answer = httpx.get(f"{url}/health/ready")
        asked = httpx.get(f"{url}/v1/jobs", headers={"authorization": "Bearer x"})
    assert (answer.status_code, answer.json()["code"], answer.json()["retryable"]) == (503, "database_failed", True)
    assert asked.status_code == 503
    assert str(tmp_path) not in answer.text + asked.text


def test_a_service_without_its_storage_is_not_ready(tmp_path: Path, migrated_sqlite: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "lipwright.db")
    database = Database(f"sqlite:///{tmp_path / 'lipwright.db'}")

    class Gone(AssetStore):
        def check(self) -> None:
            raise StorageFailed(f"{tmp_path}: the storage does not answer.")

    service = replace(service_of(database, tmp_path), assets=Gone(f"file://{tmp_path}", tmp_path))
    with running(service) as url:
        answer = httpx.get(f"{url}/health/ready")
    database.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_failed")
    assert str(tmp_path) not in answer.text


def test_what_breaks_inside_shows_nothing_of_it(
    tmp_path: Path, migrated_sqlite: Path, service_log: io.StringIO
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "lipwright.db")
    database = Database(f"sqlite:///{tmp_path / 'lipwright.db'}")
    with running(service_of(database, tmp_path)) as url:
        api = api_of(service_of(database, tmp_path), url)
        with database.begin() as c:
            c.execute(sa.text("DROP TABLE delivery_try"))
            c.execute(sa.text("DROP TABLE delivery"))
        with api.client() as client:
            answer = client.get("/v1/deliveries")
            client.headers["x-request-id"] = "breaks-too"
            with database.begin() as c:
                c.execute(sa.text("UPDATE asset SET size_bytes = 'many'"))
            odd = client.get("/v1/assets")
    database.close()
    assert (odd.status_code, odd.json()["code"]) == (500, "internal_error")
    assert odd.headers["x-content-type-options"] == "nosniff"
    told = [
        line for line in map(json.loads, service_log.getvalue().splitlines()) if line.get("request_id") == "breaks-too"
    ]
    assert any(line.get("status") == 500 for line in told)
    assert any("exception" in line for line in told)
    assert answer.status_code in {500, 503}
    assert answer.headers["content-type"] == "application/problem+json"
    assert not any(word in answer.text for word in ("delivery", "Traceback", "sqlite", ".py", str(tmp_path)))


def test_figures_tell_of_jobs_stages_and_deliveries(database_api: Api) -> None:
    api = database_api
    hook = {"url": "http://127.0.0.1:9/hook"}
    done, failed = api.new_job(callback=hook)["id"], api.new_job()["id"]
    api.new_job()
    work_through(api, done)
    work_through(api, failed, fail_at="speak")
    with api.client("") as anybody:
        answer = anybody.get("/metrics")
    figures = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert figures["lipwright_jobs", "completed", "dub"] == 1
    assert figures["lipwright_jobs", "dub", "failed"] == 1
    assert figures["lipwright_queue_age_seconds", "dub"] < 60
    assert {queue: figures["lipwright_queue_wait_seconds", queue] for queue in AT_A_TIME} == dict.fromkeys(AT_A_TIME, 0)
    assert figures["lipwright_stages", "failed", "speak"] == 1
    assert figures["lipwright_stage_seconds_count", "separate"] == 2
    assert figures["lipwright_stage_seconds_bucket", "+Inf", "separate"] == 2
    assert figures["lipwright_deliveries", "due"] > 1
    assert figures["lipwright_webhook_age_seconds",] < 60
    assert figures["lipwright_requests_total", "/v1/jobs", "201", "POST"] == 3
    assert not any(word in answer.text for word in (api.acme, done, "127.0.0.1"))


def test_figures_name_routes_and_not_what_callers_make_up(api: Api) -> None:
    with api.client() as client:
        client.get("/made/up/by/somebody")
        client.request("BREW", "/v1/jobs")
        text = client.get("/metrics").text
    assert "somebody" not in text
    assert "BREW" not in text
    assert 'route="none"' in text


def test_answers_carry_an_id_and_headers_that_keep_browsers_safe(api: Api) -> None:
    with api.client() as client:
        mine = client.get("/v1/jobs", headers={"x-request-id": "order-17"})
        odd = client.get("/v1/no-such-thing", headers={"x-request-id": "a b <script>"})
    assert mine.headers["x-request-id"] == "order-17"
    assert odd.json()["instance"] == f"urn:lipwright:request:{odd.headers['x-request-id']}"
    assert "script" not in odd.headers["x-request-id"]
    for answer in (mine, odd):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers
    assert (odd.status_code, odd.json()["code"]) == (404, "not_found")


def test_a_host_that_is_none_makes_no_link(api: Api) -> None:
    with api.client() as client:
        for host in ("a/b", "a@b", "<x>", "[::1", "a b"):
            assert client.get("/v1/jobs", headers={"host": host}).status_code == 400


def test_the_log_tells_of_requests_without_tokens_and_texts(api: Api, service_log: io.StringIO) -> None:
    secret_words = "the words of somebody"  # noqa: S105
    with api.client() as client, api.client("") as stranger:
        job = api.new_job()["id"]
        client.get(f"/v1/jobs/{job}")
        spec = {"kind": "speak", "face": api.video, "text": secret_words}
        client.post("/v1/jobs", json={"spec": spec, "labels": {"who": "jane@example.com"}})
        url = client.post(f"/v1/assets/{api.video}/links", json={}).json()["url"]
        stranger.get(url)
        secret = client.post("/v1/secrets/mine/rotate").json()["value"]
    written = service_log.getvalue()
    shown = next(line for line in map(json.loads, written.splitlines()) if line.get("job") == job)
    assert (shown["route"], shown["status"], shown["workspace"]) == ("/v1/jobs/{job_id}", 200, api.acme)
    for word in (*api.tokens.values(), url.rpartition("/")[2], secret, secret_words, "jane@example.com"):
        assert word not in written


def test_the_log_drops_what_names_a_secret_and_what_variables_held() -> None:
    line = drop_secrets(None, "", {"event": "x", "token_id": "1", "Authorization": "2", "api_token": "3", "text": "4"})
    assert line == {"event": "x", "token_id": "1"}
    for log_format in ("json", "console"):
        root, written = __import__("logging").getLogger(), io.StringIO()
        handlers, level = root.handlers, root.level
        configure_log(log_format, written)
        held = "".join(["swor", "dfish"])
        try:
            raise RuntimeError(f"it broke after {len(held)} letters")
        except RuntimeError:
            structlog.get_logger("lipwright.test").exception("broke")
        finally:
            root.handlers, root.level = handlers, level
        assert "it broke after 9 letters" in written.getvalue()
        assert "swordfish" not in written.getvalue()


def test_a_port_that_somebody_has_is_named() -> None:
    with listening("127.0.0.1", 0) as taken, pytest.raises(UsageError, match="cannot be listened to"):
        listening("127.0.0.1", taken.getsockname()[1])


SERVER = """
import sys
from pathlib import Path
from lipwright.api.server import serve
from lipwright.store.assets import AssetStore
from lipwright.store.database import Database
from support.serving import api_of, service_of
folder = Path(sys.argv[1])
database = Database(f"sqlite:///{folder / 'lipwright.db'}")
service = service_of(database, folder)
def ready(url):
    print(url, api_of(service, url).tokens["acme"], flush=True)
serve(service, "127.0.0.1", 0, ready=ready)
print("ended", flush=True)
"""


def test_a_signal_ends_the_server_at_once_though_streams_are_open(tmp_path: Path, migrated_sqlite: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "lipwright.db")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        url, token = process.stdout.readline().split()
        with httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}"}) as client:
            video = client.get("/v1/assets").json()["items"][0]["digest"]
            job = client.post("/v1/jobs", json={"spec": {"kind": "dub", "video": video, "target": "fr"}}).json()["id"]
            accept = {"accept": "text/event-stream"}
            with client.stream("GET", f"/v1/jobs/{job}/events", headers=accept) as answer:
                lines = answer.iter_lines()
                next(line for line in lines if line == "event: job.accepted")
                begun = time.monotonic()
                process.send_signal(signal.SIGTERM)
                list(lines)
        assert process.wait(10) in {0, -signal.SIGTERM}
    assert time.monotonic() - begun < 5
