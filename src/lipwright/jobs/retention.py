"""The engine's own record of work, and rows of dead workers, are kept for a while and then removed.

Nothing of ours refers to them: what became of a job is in its rows, which have a retention of their own.
"""

from datetime import UTC, datetime

from lipwright.jobs import lease
from lipwright.jobs.chores import Chore
from lipwright.jobs.engine import Engine
from lipwright.store.database import Database

KEPT_MS = 86_400_000
AT_ONCE = 500
EVERY_S = 600.0


def retention(database: Database, engine: Engine, kept_ms: int = KEPT_MS) -> Chore:
    """The chore that removes them."""

    def forget() -> bool:
        with database.begin() as connection:
            before_ms = database.now_ms(connection) - kept_ms
            lease.forget_dead(connection, before_ms)
        before = datetime.fromtimestamp(before_ms / 1000, UTC).isoformat()
        return engine.forget(before, AT_ONCE) == AT_ONCE

    return Chore("forget", "maintenance", EVERY_S, forget)
