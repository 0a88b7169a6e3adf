"""`kill -9` of the API while it makes, approves or retries a job.

All of it was done or nothing, and who asks again gets the same job.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from lipwright.jobs.dispatcher import Dispatcher
from lipwright.store.database import Database
from lipwright.store.events import events_after
from lipwright.store.jobs.rows import load_run
from support.dying_server import POINTS, Nursery
from support.serving import Api, api_of, running, service_of, work_through

LAST = POINTS[-1]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


@dataclass
class House:
    """A service that lives, and others on the same rows that die."""

    api: Api
    dispatcher: Dispatcher
    folder: Path
    nursery: Nursery

    def ask(self, path: str, document: Any, headers: dict[str, str]) -> httpx.Response:
        with self.api.client() as client:
            return client.post(path, json=document, headers=headers)

    def ask_one_that_dies(self, at: str, path: str, document: Any, headers: dict[str, str]) -> None:
        url = self.api.service.database.url.render_as_string(hide_password=False)
        with (
            self.nursery.server(url, self.folder, at) as address,
            pytest.raises(httpx.TransportError),
            replace(self.api, url=address).client() as client,
        ):
            client.post(path, json=document, headers=headers)

    def work(self) -> dict[str, str]:
        """What the engine has: id and status."""
        return {one.workflow_id: one.status for one in self.dispatcher._engine._client.list_workflows()}

    def jobs(self) -> list[str]:
        with self.api.client() as client:
            return [one["id"] for one in client.get("/v1/jobs").json()["items"]]

    def shape(self, job: str) -> Any:
        """All that is known of a job, without ids and times."""
        with self.api.service.database.read() as c:
            run = load_run(c, job)
            events = [(each.type, each.stage) for each in events_after(c, self.api.acme, job, 0, 100)]
        stages = [(each.name, each.state, each.attempt, each.approved, each.take) for each in run.stages]
        work = sorted((key.removeprefix(job), status) for key, status in self.work().items() if key.startswith(job))
        return run.run, run.state, stages, events, work


@pytest.fixture
def house(database: Database, tmp_path: Path, nursery: Nursery) -> Iterator[House]:
    with closing(Dispatcher(database)) as dispatcher:
        dispatcher.prepare()
        service = replace(service_of(database, tmp_path), dispatcher=dispatcher)
        with running(service) as url:
            yield House(api_of(service, url), dispatcher, tmp_path, nursery)


def test_an_api_that_dies_while_it_makes_a_job_makes_it_once(house: House) -> None:
    made = []
    control = house.shape(house.api.new_job()["id"])
    for point in POINTS:
        document, headers = house.api.dub(labels={"point": point}), {"idempotency-key": point}
        before = house.jobs(), house.work()
        house.ask_one_that_dies(point, "/v1/jobs", document, headers)
        if point != LAST:
            assert (house.jobs(), house.work()) == before, f"{point}: nothing is left of it"
        again = [house.ask("/v1/jobs", document, headers) for _ in range(2)]
        assert [answer.status_code for answer in again] == [200 if point == LAST else 201, 200]
        made += [answer.json()["id"] for answer in again]
        assert house.shape(made[-1]) == control
    assert len(set(made)) == len(POINTS)
    assert len(house.jobs()) == len(house.work()) == len(POINTS) + 1


def test_an_api_that_dies_while_it_retries_a_job_retries_it_once(house: House) -> None:
    _check_runs(house, "retry", {}, lambda job: work_through(house.api, job, fail_at="speak"))


def test_an_api_that_dies_while_it_approves_a_stage_approves_it_once(house: House) -> None:
    document = {"stage": "translate"}
    _check_runs(
        house, "approve", document, lambda job: work_through(house.api, job, stop_at="translate"), ("translate",)
    )


def _check_runs(
    house: House, verb: str, document: Any, prepare: Callable[[str], None], approvals: tuple[str, ...] = ()
) -> None:
    """Each job is as it was, or as one is whose request was answered. Asked again, the service does it, or says that it
    is done already; the job is the same."""

    def new() -> str:
        job: str = house.api.new_job(approvals=list(approvals))["id"]
        prepare(job)
        return job

    control = new()
    before = house.shape(control)
    assert house.ask(f"/v1/jobs/{control}/{verb}", document, {}).status_code == 202
    after = house.shape(control)
    assert (before[0], after[0]) == (1, 2)
    for point in POINTS:
        job = new()
        house.ask_one_that_dies(point, f"/v1/jobs/{job}/{verb}", document, {})
        assert house.shape(job) == (after if point == LAST else before), point
        answer = house.ask(f"/v1/jobs/{job}/{verb}", document, {})
        assert answer.status_code == (409 if point == LAST else 202)
        assert house.shape(job) == after, point
    assert len(house.jobs()) == len(POINTS) + 1
