"""A server that the tests of this room share."""

import io
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from lipwright.api.log import configure_log
from lipwright.api.service import Service
from lipwright.store.database import Database
from support.serving import Api, api_of, running, service_of


@pytest.fixture(scope="session", autouse=True)
def service_log() -> Iterator[io.StringIO]:
    """What all services of these tests write to their log."""
    root = logging.getLogger()
    handlers, level, written = root.handlers, root.level, io.StringIO()
    configure_log("json", written)
    yield written
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[tuple[Service, str]]:
    folder = tmp_path_factory.mktemp("api")
    shutil.copy(migrated_sqlite, folder / "lipwright.db")
    database = Database(f"sqlite:///{folder / 'lipwright.db'}")
    service = service_of(database, folder)
    with running(service) as url:
        yield service, url
    database.close()


@pytest.fixture
def api(shared_server: tuple[Service, str]) -> Api:
    """A service on SQLite that all tests share, each with workspaces of its own."""
    return api_of(*shared_server)


@pytest.fixture
def database_api(database: Database, tmp_path: Path) -> Iterator[Api]:
    """A service of its own, on SQLite and on Postgres."""
    service = service_of(database, tmp_path)
    with running(service) as url:
        yield api_of(service, url)
