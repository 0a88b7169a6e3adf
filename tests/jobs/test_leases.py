"""Leases, their reaper, and the small process beside a worker."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from lipwright.errors import DatabaseFailed
from lipwright.jobs import lease
from lipwright.jobs.engine import Engine
from lipwright.jobs.reaper import Reaper
from lipwright.jobs.sidecar import Sidecar
from lipwright.store.database import Database
from support.working import PACE, is_running, until


def _register(database: Database, executor: str, ago_s: float = 0.0) -> None:
    with database.begin() as connection:
        now_ms = database.now_ms(connection)
        lease.register(connection, executor, ("cpu",), now_ms - round(ago_s * 1000))


def _live(database: Database) -> set[str]:
    with database.read() as connection:
        return lease.live(connection)


@pytest.fixture
def file(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Database]:
    """SQLite alone, where the kind of the database makes no difference."""
    opened = Database(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'lipwright.db')}")
    yield opened
    opened.close()


def test_a_lease_that_was_taken_cannot_be_beaten_again(database: Database) -> None:
    _register(database, "old", ago_s=11)
    _register(database, "young", ago_s=9)
    with database.begin() as connection:
        now_ms = database.now_ms(connection)
        assert lease.beat(connection, "young", now_ms)
        assert lease.take_silent(connection, "young", 10_000, now_ms) == ["old"]
        assert not lease.beat(connection, "old", now_ms)
        assert lease.beat(connection, "young", now_ms)
    assert _live(database) == {"young"}


def test_a_reaper_waits_for_a_whole_lease_of_unbroken_connection(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(database)
    engine.prepare()
    _register(database, "silent", ago_s=60)
    now_s = 100.0
    reaper = Reaper(database, engine, "worker-1", 10.0, list, clock=lambda: now_s)
    reaper.look()
    now_s += 9
    reaper.look()
    assert _live(database) == {"silent"}
    with monkeypatch.context() as away:
        away.setattr(database, "read", _fail)
        reaper.look()
    now_s += 9
    reaper.look()
    now_s += 9
    reaper.look()
    assert _live(database) == {"silent"}, "the database was away in between"
    now_s += 2
    reaper.look()
    assert _live(database) == set()


def test_work_that_a_worker_took_and_never_began_goes_back_to_its_queue(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(database)
    engine.prepare()
    with database.begin() as c:
        for job in ("lost", "done here", "elsewhere"):
            engine.enqueue_job(c, job, 1, queue="avatar", workspace="acme", priority=7)
    _register(database, "worker-2")
    _take(database, {"lost:1": "worker-1", "done here:1": "worker-1", "elsewhere:1": "worker-2"})
    now_s = 100.0
    reaper = Reaper(database, engine, "worker-1", 10.0, lambda: ["done here:1"], clock=lambda: now_s)
    found = []
    for step_s in (0, 9, 2, 9):
        now_s += step_s
        found.append(reaper.look())
    assert found == [[], [], [], []], "it may begin yet"
    with monkeypatch.context() as away:
        away.setattr(database, "read", _fail)
        reaper.look()
    found = []
    for step_s in (2, 11, 9, 2):
        now_s += step_s
        found.append(reaper.look())
    assert found == [[], [], [], ["lost:1"]], "the database was away in between"
    assert sorted(engine.begun()) == ["done here:1", "elsewhere:1"]


def _take(database: Database, work: Mapping[str, str]) -> None:
    schema = "" if database.is_sqlite else "dbos."
    taken = f"UPDATE {schema}workflow_status SET status = 'PENDING', executor_id = :by WHERE workflow_uuid = :one"  # noqa: S608
    with database.begin() as connection:
        connection.execute(sa.text(taken), [{"one": one, "by": by} for one, by in work.items()])


def _fail() -> None:
    raise DatabaseFailed("the database is away")


def test_a_sidecar_beats_while_it_hears_the_worker_and_ends_with_it(file: Database) -> None:
    _register(file, "worker-1", ago_s=60)
    url = file.engine.url.render_as_string(hide_password=False)
    died = threading.Event()
    sidecar = Sidecar(url, "worker-1", replace(PACE, beat_s=0.1), died.set)
    sidecar.wait()
    sidecar.begin()

    def beaten() -> bool:
        with file.read() as connection:
            return not lease.silent(connection, "worker-2", 5_000, file.now_ms(connection))

    until(beaten, "the sidecar beats")
    sidecar.close()
    assert not died.is_set()


def test_a_sidecar_kills_the_stages_of_a_worker_that_died(file: Database) -> None:
    """The pipe between them closes, whatever kills the worker."""
    _register(file, "worker-1")
    url = file.engine.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True) as stage:
        died = threading.Event()
        sidecar = Sidecar(url, "worker-1", PACE, died.set)
        sidecar.wait()
        sidecar.begin()
        with sidecar.minding(stage.pid):
            assert sidecar._process.stdin is not None
            sidecar._process.stdin.close()
            until(lambda: not is_running(stage.pid), "the stage is killed")
        assert died.wait(10)
        stage.wait()


def test_a_sidecar_that_is_long_in_starting_costs_no_lease(file: Database) -> None:
    """The lease is registered when it is up, so it is never older than a beat."""
    url = file.engine.url.render_as_string(hide_password=False)
    died = threading.Event()
    sidecar = Sidecar(url, "worker-1", replace(PACE, beat_s=0.05), died.set)
    sidecar.wait()
    assert not died.wait(0.2), "without a lease it neither beats nor judges"
    _register(file, "worker-1", ago_s=0.0)
    sidecar.begin()
    assert not died.is_set()
    assert _live(file) == {"worker-1"}
    sidecar.close()
    assert not died.is_set()


def test_a_sidecar_kills_a_worker_whose_lease_was_taken(file: Database) -> None:
    _register(file, "worker-1", ago_s=60)
    with file.begin() as connection:
        lease.take_silent(connection, "worker-2", 1000, file.now_ms(connection))
    url = file.engine.url.render_as_string(hide_password=False)
    script = (
        "import sys, time; from lipwright.jobs.sidecar import Sidecar; from support.working import PACE\n"
        "sidecar = Sidecar(sys.argv[1], 'worker-1', PACE, lambda: None)\n"
        "sidecar.wait(); sidecar.begin(); time.sleep(60)"
    )
    done = subprocess.run([sys.executable, "-c", script, url], check=False, timeout=30, env=_environment())
    assert done.returncode == -9


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
