"""How many workers are wanted: the chart's query, asked of the engine's real table on Postgres."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from lipwright.jobs.engine import RUN_STAGE, Engine, stage_work
from lipwright.store.database import Database
from support.databases import Postgres

from .conftest import ROOT, Render

AGE_S = 60
Wanted = Callable[[], float]


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> Iterator[Database]:
    """One with the engine's own tables."""
    url = postgres.new(migrated=False)
    opened = Database(url)
    engine = Engine(opened)
    engine.prepare()
    engine.close()
    yield opened
    opened.close()
    postgres.drop(url)


@pytest.fixture
def queues(database: Database) -> Iterator["Queues"]:
    engine = Engine(database)
    yield Queues(database, engine)
    engine.close()
    with database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM dbos.workflow_status")


@pytest.fixture(scope="module")
def query(render: Render) -> str:
    """Of a group that listens to `cpu`, of which a worker does two at a time, and to `gpu`, of which it does one."""
    group = {"queues": ["cpu", "gpu"], "targetAgeSeconds": AGE_S}
    values = {"storage": {"url": "s3://lipwright"}, "workers": {"stages": group}}
    (trigger,) = render(values).of("ScaledObject")["spec"]["triggers"]
    assert trigger["metadata"]["targetQueryValue"] == "1"
    return str(trigger["metadata"]["query"])


@pytest.fixture
def wanted(database: Database, query: str) -> Wanted:
    def ask() -> float:
        with database.read() as connection:
            answer = connection.exec_driver_sql(query.replace("%", "%%")).scalar_one()
        assert isinstance(answer, float)
        return answer

    return ask


class Queues:
    """Puts work into the engine's queues as the service does, and lets time pass."""

    def __init__(self, database: Database, engine: Engine) -> None:
        self._database = database
        self._engine = engine
        self._number = 0

    def wait(self, queue: str, number: int, since_s: float = 0.0) -> None:
        for _ in range(number):
            self._enqueue(queue, "ENQUEUED", since_s)

    def run(self, queue: str, number: int, since_s: float = 0.0) -> None:
        for _ in range(number):
            self._enqueue(queue, "PENDING", since_s)

    def end(self, queue: str, number: int) -> None:
        for _ in range(number):
            self._enqueue(queue, "SUCCESS", 9999)

    def _enqueue(self, queue: str, status: str, since_s: float) -> None:
        self._number += 1
        work = stage_work(f"job-{self._number}", 1, "render")
        with self._database.begin() as connection:
            self._engine.enqueue_stages(
                connection, f"job-{self._number}", 1, {work: "render"}, queue=queue, workspace="acme", priority=1
            )
        with self._database.begin() as connection:
            changed = connection.execute(
                sa.text(
                    "UPDATE dbos.workflow_status SET status = :status, created_at = created_at - :ms"
                    " WHERE workflow_uuid = :work AND status = 'ENQUEUED' AND name = :name AND queue_name = :queue"
                ),
                {"status": status, "ms": round(since_s * 1000), "work": work, "name": RUN_STAGE, "queue": queue},
            )
        assert changed.rowcount == 1


def test_nothing_to_do_wants_nobody(queues: Queues, wanted: Wanted) -> None:
    queues.end("gpu", 3)
    assert wanted() == 0


def test_the_first_work_wants_a_worker_at_once(queues: Queues, wanted: Wanted) -> None:
    queues.wait("gpu", 5)
    assert wanted() == 1


def test_who_is_busy_stays_wanted(queues: Queues, wanted: Wanted) -> None:
    queues.run("gpu", 4, since_s=5000)
    assert wanted() == 4


def test_work_that_just_came_may_wait_for_the_busy(queues: Queues, wanted: Wanted) -> None:
    queues.run("gpu", 4)
    queues.wait("gpu", 40, since_s=AGE_S * 0.5)
    assert wanted() == 4


@pytest.mark.parametrize(("ages", "more"), [(1.5, 1), (2.5, 2), (30.5, 30)])
def test_each_target_of_age_wants_one_more(queues: Queues, wanted: Wanted, ages: float, more: int) -> None:
    queues.run("gpu", 4)
    queues.wait("gpu", 40, since_s=AGE_S * ages)
    assert wanted() == 4 + more


def test_there_are_never_more_than_there_is_work(queues: Queues, wanted: Wanted) -> None:
    queues.run("gpu", 1)
    queues.wait("gpu", 2, since_s=86_400)
    assert wanted() == 3


def test_a_worker_does_two_stages_for_the_processor_at_a_time(queues: Queues, wanted: Wanted) -> None:
    queues.run("cpu", 6)
    assert wanted() == 3


def test_the_queue_that_needs_most_decides(queues: Queues, wanted: Wanted) -> None:
    queues.run("cpu", 4)
    queues.run("gpu", 3)
    assert wanted() == 3


def test_queues_of_others_do_not_count(queues: Queues, wanted: Wanted) -> None:
    queues.run("avatar", 7)
    queues.wait("io", 7, since_s=9999)
    assert wanted() == 0


def test_a_role_that_sees_nothing_else_may_ask(database: Database, queues: Queues, query: str) -> None:
    guide = (ROOT / "docs" / "operations.md").read_text()
    statements = [line.strip() for line in guide.splitlines() if line.startswith(("    CREATE ROLE", "    GRANT"))]
    assert len(statements) == 3
    queues.run("gpu", 2)
    with database.engine.connect() as connection:  # nothing of it is kept: roles belong to the whole server
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("SET ROLE lipwright_scaler")
        assert connection.exec_driver_sql(query.replace("%", "%%")).scalar_one() == 2
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.exec_driver_sql("SELECT inputs FROM dbos.workflow_status")
