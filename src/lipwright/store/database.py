"""The database of the job service: SQLite in a file, or Postgres. The rows are in `tables`.

Whoever writes opens `begin`, and everything inside happens together or not at all. Writers of one SQLite file wait for
each other; on Postgres a job's row is locked before anything of the job is changed.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.pool import ConnectionPoolEntry
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from lipwright.errors import DatabaseFailed, ServiceError, UsageError

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_MS = 30_000
"""How long a writer of an SQLite file waits for another."""
_USED_S = "used"
_TURN = "turn"
"""Says of a connection whose turn to write is taken already, and whether its return to the pool ends that."""
_WRITES = ("INSERT", "UPDATE", "DELETE")
_FRESH_S = 1.0
"""A connection that was used so lately is taken to stand; a server that was away meanwhile costs one failed try."""
_CONNECT_S = 10
_VANISHED = {"tcp_user_timeout": 15_000, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""For libpq: a server that vanishes without hanging up is noticed after 15 to 25 s; the kernel would wait a quarter of
an hour."""
_ADVISORY_LOCK = 0x11B5_7219
"""Names our lock on a Postgres server; any number that nobody else takes."""
_NOW_MS = {
    "sqlite": "SELECT CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)",
    "postgresql": "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
}


class Database:
    """Connections to one database."""

    def __init__(self, url: str) -> None:
        """Nothing is connected yet.

        Args:
            url: `sqlite:///folder/file.db` or `postgresql://user:password@host/name`.
        Raises: UsageError: it is neither.
        """
        self.url = _parsed(url)
        self.engine = sa.create_engine(self.url, hide_parameters=True, **_options(self.url))
        # A question is a transaction of its own, so that no other message than it goes to a server.
        self._reading = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writing = threading.RLock()
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "before_cursor_execute", self._take_turn)
            event.listen(self.engine, "checkin", self._end_turn)
        else:
            event.listen(self.engine, "checkin", _note_use)
            event.listen(self.engine, "checkout", self._test_if_old)

    def __repr__(self) -> str:
        return f"Database({self.url.render_as_string(hide_password=True)!r})"

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction that writes: kept when the block ends, undone when it raises.

        Raises: DatabaseFailed: the database cannot be reached, is locked for too long, or is full.
        """
        with self._in_turn(), self.named_errors(), self.engine.begin() as connection:
            if self.is_sqlite:
                connection.info[_TURN] = False
                # The driver opens no transaction before the first change, and what was read before it could be old.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection to read with. On SQLite all of the block sees one state of the database, on Postgres a question.

        Raises: DatabaseFailed: as for `begin`.
        """
        with self.named_errors(), self._reading.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection

    def now_ms(self, connection: sa.Connection) -> int:
        """What the database's clock says: the one clock that all machines share."""
        return int(connection.exec_driver_sql(_NOW_MS[self.engine.dialect.name]).scalar_one())

    def migrate(self) -> None:
        """Bring the rows to the form that this version knows. Others may do the same meanwhile, or be at work.

        Raises: DatabaseFailed. ServiceError: a later version brought it to a form that this one does not know.
        """
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        if self.is_sqlite:
            self._switch_on_wal()
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self.begin() as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as exc:
                shown = self.url.render_as_string(hide_password=True)
                raise ServiceError(
                    f"{shown}: a later version of Lipwright brought it to a later form. Update it here."
                ) from exc

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self.engine.dispose()

    def _switch_on_wal(self) -> None:
        """Readers and a writer of the file do not wait for each other. The file remembers it."""
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)

        # SQLite does not wait here for another process that does the same.
        @retry(
            retry=retry_if_exception_type(OperationalError),
            stop=stop_after_delay(BUSY_MS / 1000),
            wait=wait_fixed(0.05),
            reraise=True,
        )
        def switch() -> None:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")

        with self.named_errors():
            switch()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Let the writers of this process to a file come one after the other, in the order in which they asked.

        Expected: SQLite lets them queue. Instead each sleeps and asks again, longer each time (sqlite3_busy_timeout):
        one of many may wait for a second while others go by.
        """
        if not self.is_sqlite:
            yield
            return
        taken = self._writing.acquire(timeout=BUSY_MS / 1000)
        try:
            yield  # SQLite itself says who holds the file, should it be held so long
        finally:
            if taken:
                self._writing.release()

    def _take_turn(self, connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
        """Let writers that did not ask `begin` come in their turn, too: the engine of the jobs has its own."""
        if _TURN not in connection.info and statement.startswith(_WRITES):
            connection.info[_TURN] = self._writing.acquire(timeout=BUSY_MS / 1000)

    def _end_turn(self, _connection: object, record: ConnectionPoolEntry) -> None:
        if record.info.pop(_TURN, False):
            self._writing.release()

    def _test_if_old(self, connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        """Notice a connection that broke while nobody used it."""
        if time.monotonic() - record.info.get(_USED_S, float("inf")) < _FRESH_S:
            return
        try:
            self.engine.dialect.do_ping(connection)
        except self.engine.dialect.loaded_dbapi.Error as exc:
            raise InvalidatePoolError from exc

    @contextmanager
    def named_errors(self) -> Iterator[None]:
        """Work with the bare `engine`: what tells that the database is away is raised as DatabaseFailed."""
        try:
            yield
        except (OperationalError, InterfaceError, NoConnectionFree) as exc:
            raise self._failure(exc) from exc
        except DBAPIError as exc:
            if exc.connection_invalidated:
                raise self._failure(exc) from exc
            raise

    def _failure(self, exc: Exception) -> DatabaseFailed:
        cause = " ".join(str(exc.orig if isinstance(exc, DBAPIError) else exc).split())
        shown = self.url.render_as_string(hide_password=True)
        return DatabaseFailed(f"{shown}: {cause}. See that the database runs and has room, then try again.")


def _parsed(url: str) -> sa.URL:
    """The URL with the driver that is installed."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        scheme = url.partition(":")[0]
    else:
        scheme = parsed.drivername.partition("+")[0]
        if scheme == "sqlite":
            return parsed.set(drivername="sqlite")
        if scheme in ("postgresql", "postgres"):
            return parsed.set(drivername="postgresql+psycopg")
    # The whole URL is not shown: it may hold a password.
    raise UsageError(f"database `{scheme}:...`: not known. Give sqlite:///folder/file.db or postgresql://host/name.")


def _options(url: sa.URL) -> dict[str, Any]:
    if url.drivername == "sqlite":
        return {}
    return {"connect_args": {"connect_timeout": _CONNECT_S, **_VANISHED}, "pool_size": 10, "max_overflow": 10}


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_USED_S] = time.monotonic()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # A change outside `begin` takes the lock at once, too: a transaction that read first would fail, not wait.
    connection.isolation_level = "IMMEDIATE"
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    connection.execute("PRAGMA foreign_keys=ON")
