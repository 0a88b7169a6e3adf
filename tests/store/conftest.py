import pytest

from lipwright.store.database import Database
from support.job_rows import Workshop


@pytest.fixture
def shop(database: Database) -> Workshop:
    """A worker on an empty database, SQLite and Postgres."""
    return Workshop(database)
