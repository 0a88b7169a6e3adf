"""A server that the tests of this room share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lipwright.api.service import Service
from lipwright.store.database import Database
from support.serving import Api, api_of, running, service_of


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
