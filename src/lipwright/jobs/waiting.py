"""Since when work waits in the engine's queues: asked of its own table, where its public calls would list all of it."""

import sqlalchemy as sa

from lipwright.jobs.queues import AT_A_TIME

_TABLE = "workflow_status"
_OF_POSTGRES = "dbos"


def oldest_waiting(c: sa.Connection) -> dict[str, int | None]:
    """When what waits longest came into each queue, in milliseconds since 1970; None where nothing waits.

    Nothing waits anywhere before an API or a worker has made the engine's tables.
    """
    schema = _OF_POSTGRES if c.dialect.name == "postgresql" else None
    since: dict[str, int | None] = dict.fromkeys(AT_A_TIME)
    if not sa.inspect(c).has_table(_TABLE, schema=schema):
        return since
    work = sa.table(_TABLE, sa.column("queue_name"), sa.column("status"), sa.column("created_at"), schema=schema)
    # The engine's index is of a part of the table, and SQLite takes it only where the question says which part it is.
    indexed = sa.text("status IN ('ENQUEUED', 'PENDING')")
    waits = sa.and_(work.c.status == "ENQUEUED", indexed, work.c.queue_name.in_(AT_A_TIME))
    asked = sa.select(work.c.queue_name, sa.func.min(work.c.created_at)).where(waits).group_by(work.c.queue_name)
    return since | {str(name): int(first_ms) for name, first_ms in c.execute(asked)}
