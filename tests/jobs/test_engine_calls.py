"""The private calls and the habits of DBOS that the job service builds on."""

import inspect
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from dbos import DBOS, DBOSClient
from dbos._core import ActiveWorkflowById
from dbos._queue import queue_worker_thread
from dbos._sys_db import SystemDatabase

from lipwright.jobs.engine import VERSION, Engine
from lipwright.jobs.polls import Polls
from lipwright.store.database import Database


def test_the_private_call_that_hands_work_back_is_as_we_know_it() -> None:
    signature = inspect.signature(SystemDatabase.reenqueue_for_recovery)
    told = {name: parameter.annotation for name, parameter in signature.parameters.items() if name != "self"}
    assert told == {"workflow_id": str, "executor_ids": list[str], "recovery_queue_name": str} or [*told] == [
        "workflow_id",
        "executor_ids",
        "recovery_queue_name",
    ]
    assert signature.return_annotation is bool


def test_the_client_still_lends_its_tables_to_that_call(database: Database) -> None:
    client = DBOSClient(system_database_engine=database.engine, lazy=True)
    assert isinstance(client._sys_db, SystemDatabase)
    client.destroy()


def test_the_engine_of_a_process_can_be_told_to_take_no_more() -> None:
    assert "background_thread_stop_events" in inspect.getsource(DBOS.__init__)


def test_the_private_calls_that_look_into_queues_are_as_we_know_them() -> None:
    assert [*inspect.signature(SystemDatabase.get_queue).parameters] == ["self", "name", "client_system_database"]
    assert [*inspect.signature(SystemDatabase.dequeue_scopes).parameters] == ["self", "queue_name"]
    assert [*inspect.signature(SystemDatabase._is_latest_version).parameters] == ["self", "app_version", "c"]
    assert "dbos._sys_db.dequeue_scopes(queue.name)" in inspect.getsource(queue_worker_thread)
    assert "dbos._sys_db.get_queue(queue.name)" in inspect.getsource(queue_worker_thread)


def test_the_private_call_that_inserts_is_as_we_know_it() -> None:
    """The one that is not about inserts is for Postgres, where nothing is replaced."""
    assert [*inspect.signature(SystemDatabase._execute_prepared).parameters] == [
        "self",
        "conn",
        "name",
        "values",
        "build",
        "insert_columns",
    ]
    assert inspect.getsource(SystemDatabase).count("insert_columns=False") == 2
    assert "return not self._is_sqlite" in inspect.getsource(SystemDatabase._outcome_in_one_statement)


def test_the_private_count_of_what_a_worker_does_is_as_we_know_it() -> None:
    counts = ActiveWorkflowById()
    one, two = (counts.add(work, "gpu", "acme") for work in ("one", "two"))
    assert (counts.count_for_queue("gpu"), counts.count_for_partition("gpu", "acme")) == (2, 2)
    assert counts.activeList() == ["one", "two"]
    one.release()
    two.release()
    assert counts.count_for_queue("gpu") == 0
    assert "self._active_workflows_set: ActiveWorkflowById = ActiveWorkflowById()" in inspect.getsource(DBOS)


@pytest.fixture
def engine(database: Database) -> Engine:
    made = Engine(database)
    made.prepare()
    return made


def _statuses(database: Database) -> dict[str, str]:
    schema = "" if database.is_sqlite else "dbos."
    with database.read() as connection:
        rows = connection.execute(sa.text(f"SELECT workflow_uuid, status FROM {schema}workflow_status"))  # noqa: S608
        return {row.workflow_uuid: row.status for row in rows}


def _begin(database: Database, executor: str) -> None:
    schema = "" if database.is_sqlite else "dbos."
    with database.begin() as connection:
        connection.execute(
            sa.text(f"UPDATE {schema}workflow_status SET status = 'PENDING', executor_id = :who"),  # noqa: S608
            {"who": executor},
        )


def _enqueue(engine: Engine, database: Database) -> None:
    with database.begin() as connection:
        engine.enqueue_job(connection, "job", 1, queue="avatar", workspace="acme", priority=7)


def _enqueue_stage(engine: Engine, database: Database) -> None:
    with database.begin() as connection:
        work = {"job:1:speak": "speak"}
        engine.enqueue_stages(connection, "job", 1, work, queue="cpu", workspace="acme", priority=7)


def test_work_goes_back_to_its_queue_as_long_as_it_is_with_whom_it_was_seen(database: Database, engine: Engine) -> None:
    _enqueue(engine, database)
    _begin(database, "worker-1")
    assert engine.begun() == {"job:1": "worker-1"}
    assert engine.hand_back({"job:1": "worker-2"}) == []
    assert _statuses(database) == {"job:1": "PENDING"}
    assert engine.hand_back({"job:1": "worker-1"}) == ["job:1"]
    assert _statuses(database) == {"job:1": "ENQUEUED"}
    assert engine.hand_back({"job:1": "worker-1"}) == []
    assert engine.begun() == {}


def test_work_is_enqueued_with_the_transaction_that_asks_for_it_or_not_at_all(
    database: Database, engine: Engine
) -> None:
    with suppress(KeyError), database.begin() as connection:
        engine.enqueue_job(connection, "job", 1, queue="avatar", workspace="acme", priority=7)
        raise KeyError
    assert _statuses(database) == {}
    assert not engine.is_waiting(["avatar"])
    _enqueue(engine, database)
    assert engine.is_waiting(["avatar"])
    assert not engine.is_waiting(["cpu"])


def test_work_is_enqueued_once_however_often_it_is_asked(database: Database, engine: Engine) -> None:
    for _ in range(3):
        _enqueue(engine, database)
        _enqueue_stage(engine, database)
    assert _statuses(database) == {"job:1": "ENQUEUED", "job:1:speak": "ENQUEUED"}


def test_cancelled_work_leaves_its_queue_and_has_ended(database: Database, engine: Engine) -> None:
    _enqueue(engine, database)
    assert engine.ended(["job:1", "job:2"]) == set()
    engine.cancel(["job:1"])
    assert engine.ended(["job:1", "job:2"]) == {"job:1"}
    assert not engine.is_waiting(["avatar"])


def test_ended_work_is_forgotten_after_its_time_and_other_work_is_not(database: Database, engine: Engine) -> None:
    _enqueue(engine, database)
    _enqueue_stage(engine, database)
    engine.cancel(["job:1"])
    assert engine.forget("2020-01-01T00:00:00+00:00", 10) == 0
    assert engine.forget("2999-01-01T00:00:00+00:00", 10) == 1
    assert _statuses(database) == {"job:1:speak": "ENQUEUED"}


def test_everything_in_the_queues_is_json_and_has_a_priority(database: Database, engine: Engine) -> None:
    _enqueue(engine, database)
    schema = "" if database.is_sqlite else "dbos."
    with database.read() as connection:
        row = connection.execute(
            sa.text(f"SELECT serialization, priority, queue_partition_key FROM {schema}workflow_status")  # noqa: S608
        ).one()
    assert (row.serialization, row.priority, row.queue_partition_key) == ("portable_json", 7, "acme")


def test_looks_into_the_queues_of_a_file_read_no_history(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/lipwright.db")
    engine = Engine(database)
    engine.prepare()
    _enqueue(engine, database)
    engine._client.register_queue("avatar", worker_concurrency=1, partition_worker_concurrency=1)
    system = engine._client._sys_db
    asked: list[tuple[str, tuple[object, ...]]] = []
    sa.event.listen(
        database.engine, "before_cursor_execute", lambda _c, _k, text, given, *_: asked.append((text, given))
    )
    assert Polls(system, ["avatar", "gpu"], 0.0).is_filled("avatar")
    engine.is_waiting(["avatar"])
    engine.hand_back(engine.begun())
    queue = system.get_queue("avatar")
    assert queue is not None
    system.start_queued_workflows(queue, "w1", VERSION, "acme")
    with database.read() as connection:
        plans = [
            row.detail
            for text, given in list(asked)
            if "workflow_status" in text
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given)
        ]
    engine.close()
    database.close()
    assert [plan for plan in plans if plan.startswith("SCAN") and "CONSTANT" not in plan] == []
    assert sum("lipwright_waiting" in plan for plan in plans) >= 4
