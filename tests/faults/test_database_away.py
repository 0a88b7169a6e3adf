"""The database goes away beneath a live API and live workers, and comes back: nothing is lost, nobody is restarted.

For five seconds here; `LIPWRIGHT_TEST_AWAY_S=30` for as long as a server takes to be replaced.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from lipwright.contracts.job import EventType, JobState
from lipwright.jobs import lease
from lipwright.jobs.dispatcher import Dispatcher
from lipwright.store.database import Database
from lipwright.store.tokens import create_token
from support.away import proxied
from support.serving import SCOPES, running, service_of
from support.working import Company, Forker, company, stage, until

AWAY_S = float(os.environ.get("LIPWRIGHT_TEST_AWAY_S", "5"))
JOBS = 6


@pytest.fixture(scope="module")
def forker() -> Iterator[Forker]:
    made = Forker()
    yield made
    made.close()


def test_an_api_and_workers_live_through_a_time_without_their_database(
    request: pytest.FixtureRequest, tmp_path: Path, forker: Forker
) -> None:
    with company("postgres", request, tmp_path, forker) as firm, proxied(firm.url) as proxy:
        firm.url = proxy.url
        workers = [firm.worker(), firm.worker()]
        with closing(Database(proxy.url)) as database, closing(Dispatcher(database)) as dispatcher:
            service = replace(
                service_of(database, tmp_path), dispatcher=dispatcher, routes={"speak": firm.route}, assets=firm.assets
            )
            with firm.database.begin() as c:
                token = create_token(c, "acme", SCOPES, None, firm.database.now_ms(c))[1]
            headers = {"authorization": f"Bearer {token}"}
            with running(service) as url, httpx.Client(base_url=url, headers=headers, timeout=60) as client:
                jobs = [firm.submit(stage("one", ("sleep", 1.0)), stage("two", ("sleep", 0.3))) for _ in range(JOBS)]
                firm.until_act("begin", jobs[0])
                until(lambda: firm.logs().count("a worker begins") == len(workers), "both workers have begun")
                proxy.go()
                _check_refusals(client, firm)
                proxy.come_back()
                begun_s = time.monotonic()
                answers = [client.post("/v1/jobs", **_request(firm, number)) for number in range(3)]
                again = [client.post("/v1/jobs", **_request(firm, number)) for number in range(3)]
                assert [answer.status_code for answer in (*answers, *again)] == [201] * 3 + [200] * 3
                jobs += [answer.json()["id"] for answer in answers]
                for job_id in jobs:
                    firm.until_state(job_id, JobState.COMPLETED)
                assert time.monotonic() - begun_s < 40
                until(lambda: client.get("/health/ready").status_code == 200, "it is ready again", 10)
        assert [worker.poll() for worker in workers] == [None, None], firm.logs()
        for job_id in jobs:
            _check_events(firm, job_id, "one", "two")


def test_work_that_was_taken_and_not_begun_when_the_database_went_away_goes_on(
    request: pytest.FixtureRequest, tmp_path: Path, forker: Forker
) -> None:
    with company("sqlite", request, tmp_path, forker) as firm:
        firm.worker(queues=("cpu",))
        until(lambda: "a worker begins" in firm.logs(), "a worker is there, for stages alone")
        job_id = firm.submit(stage("one"))
        taken = sa.text("UPDATE workflow_status SET status = 'PENDING', executor_id = :by")
        with firm.database.begin() as c:
            c.execute(taken, {"by": _live(firm)[0]})  # as the engine leaves it
        until(lambda: "taken and not begun" in firm.logs(), "it is found")
        firm.worker()
        firm.until_state(job_id, JobState.COMPLETED)
        _check_events(firm, job_id, "one")


def _live(firm: Company) -> list[str]:
    with firm.database.read() as c:
        return sorted(lease.live(c))


def _request(firm: Company, number: int) -> dict[str, object]:
    spec = {"kind": "speak", "face": firm.face, "text": json.dumps([stage("one"), stage("two")])}
    return {"json": {"spec": spec}, "headers": {"idempotency-key": f"order-{number}"}}


def _check_refusals(client: httpx.Client, firm: Company) -> None:
    """While it is away, each request is answered, and soon: try again later."""
    end_s = time.monotonic() + AWAY_S
    while time.monotonic() < end_s:
        begun_s = time.monotonic()
        answers = [client.post("/v1/jobs", **_request(firm, 0)), client.get("/v1/jobs")]
        for answer in answers:
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert (answer.json()["code"], answer.json()["retryable"]) == ("database_failed", True)
        assert client.get("/health/live").status_code == 200
        assert time.monotonic() - begun_s < 5
        time.sleep(0.2)
    until(lambda: client.get("/health/ready").status_code == 503, "it is not ready", 10)


def _check_events(firm: Company, job_id: str, *stages: str) -> None:
    events = firm.events(job_id)
    assert [event.sequence for event in events] == [*range(1, len(events) + 1)]
    assert [event.stage for event in events if event.progress == 1.0 and event.outputs] == [*stages]
    assert [event.type for event in events].count(EventType.COMPLETED) == 1
