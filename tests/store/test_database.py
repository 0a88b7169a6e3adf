"""The database: its tables come from its migrations, and its errors say what to do."""

import contextlib
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import DBAPIError

from lipwright.errors import DatabaseFailed, ServiceError, UsageError
from lipwright.store.database import Database
from lipwright.store.tables import metadata, secret, workspace
from lipwright.store.workspaces import ensure_workspace
from support.databases import Postgres


def test_migrated_database_has_exactly_the_tables_that_the_code_knows(database: Database) -> None:
    with database.read() as c:
        context = MigrationContext.configure(c, opts={"version_table": "lipwright_version"})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing_and_keeps_the_rows(database: Database) -> None:
    with database.begin() as c:
        ensure_workspace(c, "acme", 1)
    database.migrate()
    with database.read() as c:
        assert c.execute(sa.select(workspace.c.name)).scalars().all() == ["acme"]


def test_processes_that_migrate_at_once_all_succeed(empty_database_url: str) -> None:
    program = textwrap.dedent("""
        import sys
        from lipwright.store.database import Database
        from lipwright.store.workspaces import ensure_workspace
        database = Database(sys.argv[1])
        database.migrate()
        with database.begin() as c:
            ensure_workspace(c, "w" + sys.argv[2], 1)
    """)
    running = [
        subprocess.Popen([sys.executable, "-c", program, empty_database_url, str(number)], stderr=subprocess.PIPE)
        for number in range(2)
    ]
    assert [process.communicate()[1] for process in running] == [b""] * 2
    database = Database(empty_database_url)
    with database.read() as c:
        assert sorted(c.execute(sa.select(workspace.c.name)).scalars()) == ["w0", "w1"]
    database.close()


def test_database_of_a_later_version_is_left_alone(database: Database) -> None:
    with database.begin() as c:
        c.exec_driver_sql("UPDATE lipwright_version SET version_num = '9999'")
    with pytest.raises(ServiceError, match="later version"):
        database.migrate()
    with database.read() as c:
        assert c.exec_driver_sql("SELECT version_num FROM lipwright_version").scalar() == "9999"


def test_block_that_raises_changes_nothing(database: Database) -> None:
    with contextlib.suppress(RuntimeError), database.begin() as c:
        ensure_workspace(c, "acme", 1)
        raise RuntimeError
    with database.read() as c:
        assert c.execute(sa.select(workspace)).all() == []


def test_two_writers_of_what_they_have_read_do_not_lose_each_others_work(database: Database) -> None:
    with database.begin() as c:
        ensure_workspace(c, "acme", 0)

    def count_up() -> None:
        for _ in range(25):
            with database.begin() as c:
                read = c.execute(sa.select(workspace.c.created_ms).with_for_update()).scalar_one()
                c.execute(workspace.update().values(created_ms=read + 1))

    threads = [threading.Thread(target=count_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as c:
        assert c.execute(sa.select(workspace.c.created_ms)).scalar_one() == 50


def test_clock_of_the_database_gives_milliseconds_that_rise(database: Database) -> None:
    with database.read() as c:
        earlier, later = database.now_ms(c), database.now_ms(c)
    assert 1_700_000_000_000 < earlier <= later < earlier + 60_000


def test_clock_goes_on_inside_a_transaction(database: Database) -> None:
    with database.begin() as c:
        start = database.now_ms(c)
        while database.now_ms(c) == start:
            pass


def test_sqlite_file_keeps_its_log_beside_it_so_that_readers_do_not_wait_for_the_writer(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new folder' / 'lipwright.db'}")
    database.migrate()
    with database.begin() as writer, database.read() as reader:
        ensure_workspace(writer, "acme", 1)
        assert reader.execute(sa.select(workspace)).all() == []
    database.close()


def test_database_that_is_locked_for_too_long_fails_and_may_succeed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lipwright.store.database.BUSY_MS", 50)
    database = Database(f"sqlite:///{tmp_path / 'lipwright.db'}")
    database.migrate()
    with database.begin(), pytest.raises(DatabaseFailed, match=r"locked.*try again") as failed, database.begin():
        pass
    assert failed.value.retryable
    database.close()


def test_writers_of_a_file_that_have_their_own_transactions_come_in_their_turn_too(tmp_path: Path) -> None:
    """SQLite would let them sleep and ask again; here it refuses those that do not wait for their turn."""
    database = Database(f"sqlite:///{tmp_path / 'lipwright.db'}")
    database.migrate()
    sa.event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=0"))
    database.close()
    failed: list[Exception] = []

    def write(number: int) -> None:
        try:
            for count in range(10):
                with database.engine.begin() as c:
                    c.execute(workspace.insert().values(name=f"other-{number}-{count}", created_ms=1))
        except DBAPIError as exc:
            failed.append(exc)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for count in range(10):
        with database.begin() as c:
            ensure_workspace(c, f"acme-{count}", 1)
    for thread in threads:
        thread.join()
    assert not failed
    with database.read() as c:
        assert c.execute(sa.select(sa.func.count()).select_from(workspace)).scalar_one() == 40
    database.close()


def test_connection_that_broke_while_nobody_used_it_is_not_noticed(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lipwright.store.database._FRESH_S", 0.0)
    url = postgres.new(migrated=True)
    with closing(Database(url)) as database, closing(Database(url)) as other:
        with database.read() as c:
            pid = c.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with other.begin() as c:
            c.execute(sa.select(sa.func.pg_terminate_backend(pid, 5000)))
        with database.read() as c:
            assert c.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != pid
    postgres.drop(url)


def test_server_that_does_not_answer_is_named_without_its_password() -> None:
    database = Database("postgresql://me:very-secret@127.0.0.1:1/lipwright")
    with pytest.raises(DatabaseFailed, match=r"me:\*\*\*@127\.0\.0\.1") as failed, database.read():
        pass
    assert "very-secret" not in str(failed.value) + str(failed.value.__cause__) + repr(database)
    database.close()


def test_who_works_with_the_engine_itself_is_told_too_that_the_server_does_not_answer() -> None:
    database = Database("postgresql://me:very-secret@127.0.0.1:1/lipwright")
    with pytest.raises(DatabaseFailed, match=r"me:\*\*\*@127\.0\.0\.1"), database.named_errors():
        database.engine.connect()
    database.close()


@pytest.mark.parametrize("url", ["mysql://me:very-secret@server/name", "very-secret", ""])
def test_url_of_another_database_is_refused_without_telling_its_password(url: str) -> None:
    with pytest.raises(UsageError, match="sqlite:///") as failed:
        Database(url)
    assert "very-secret@" not in str(failed.value)


def test_statement_that_fails_does_not_tell_its_values(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError) as failed, database.begin() as c:
        c.execute(secret.insert().values(workspace="nobody", name="default", value="very-secret"))
    assert "very-secret" not in str(failed.value) + repr(failed.value)
