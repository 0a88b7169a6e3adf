"""How long work waits in each queue, asked of the engine's real table."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from lipwright.jobs.engine import Engine, stage_work
from lipwright.jobs.queues import AT_A_TIME
from lipwright.jobs.waiting import oldest_waiting
from lipwright.store.database import Database


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    engine = Engine(database)
    yield engine
    engine.close()


def _since(database: Database) -> dict[str, int | None]:
    with database.read() as connection:
        return oldest_waiting(connection)


def _enqueue(database: Database, engine: Engine, job: str, queue: str) -> None:
    with database.begin() as connection:
        work = {stage_work(job, 1, "render"): "render"}
        engine.enqueue_stages(connection, job, 1, work, queue=queue, workspace="acme", priority=1)


def _change(database: Database, **values: object) -> None:
    schema = "" if database.is_sqlite else "dbos."
    named = ", ".join(f"{name} = :{name}" for name in values)
    with database.begin() as connection:
        connection.execute(sa.text(f"UPDATE {schema}workflow_status SET {named}"), values)  # noqa: S608 our own words


def test_nothing_waits_before_the_engine_has_its_tables(database: Database) -> None:
    assert _since(database) == dict.fromkeys(AT_A_TIME)


def test_what_waits_longest_is_told_by_queue(database: Database, engine: Engine) -> None:
    engine.prepare()
    _enqueue(database, engine, "old", "gpu")
    _change(database, created_at=1_000)
    _enqueue(database, engine, "new", "gpu")
    _enqueue(database, engine, "other", "io")
    since = _since(database)
    assert since["gpu"] == 1_000
    assert since["cpu"] is None
    assert since["io"] is not None
    assert since["io"] > 1_000


def test_looking_reads_no_history(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/lipwright.db")
    engine = Engine(database)
    engine.prepare()
    asked: list[tuple[str, tuple[object, ...]]] = []
    sa.event.listen(
        database.engine, "before_cursor_execute", lambda _c, _k, text, given, *_: asked.append((text, given))
    )
    _since(database)
    text, given = next(one for one in asked if "min(" in one[0])
    with database.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given).all()
    engine.close()
    database.close()
    assert any("SEARCH workflow_status USING" in row.detail for row in plan)
    assert not any("SCAN workflow_status" in row.detail for row in plan)


@pytest.mark.parametrize("status", ["PENDING", "SUCCESS", "CANCELLED"])
def test_what_runs_or_has_ended_does_not_wait(database: Database, engine: Engine, status: str) -> None:
    engine.prepare()
    _enqueue(database, engine, "old", "gpu")
    _change(database, status=status)
    assert _since(database)["gpu"] is None
