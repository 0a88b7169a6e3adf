"""What creates, retries, approves and cancels jobs uses this to have them worked on."""

from collections.abc import Iterable

import sqlalchemy as sa

from lipwright import tracing
from lipwright.contracts.job import JobView
from lipwright.jobs.engine import Engine, job_work, join_work, stage_work
from lipwright.jobs.queues import JOB_QUEUES
from lipwright.store.database import Database
from lipwright.store.jobs.rows import load_stages
from lipwright.store.tables import job as job_table


class Dispatcher:
    """Gives jobs to the workers. Thread-safe; one a process."""

    def __init__(self, database: Database) -> None:
        """Know the queues; nothing is asked yet."""
        self._database = database
        self._engine = Engine(database)

    def prepare(self) -> None:
        """Make the engine's own tables. Once at the start of a program, behind `Database.migrate`."""
        self._engine.prepare()

    def enqueue(self, connection: sa.Connection, job_id: str, run: int) -> None:
        """Have a run of a job worked on, once the caller's transaction is committed.

        Args:
            connection: the transaction that makes the job or its new run.
        """
        row = connection.execute(
            sa.select(job_table.c.kind, job_table.c.workspace, job_table.c.priority).where(job_table.c.id == job_id)
        ).one()
        self._enqueue(connection, job_id, run, row.kind, row.workspace, row.priority)

    def enqueue_new(self, connection: sa.Connection, workspace: str, view: JobView) -> None:
        """As `enqueue`, for a job that the transaction has just made, without asking what it is."""
        self._enqueue(connection, view.id, view.run, view.kind, workspace, view.priority)

    def cancel(self, job_id: str, run: int, stages: Iterable[str] = ()) -> None:
        """Take a cancelled job out of the queues.

        The flag in the job's row is what cancels it; this makes it quicker. Call it behind that transaction.

        Args:
            stages: names of the job's stages.
        """
        with self._database.read() as connection:
            parts = [part.name for row in load_stages(connection, job_id) for part in row.parts]
        whole = [*stages]
        work = [*(stage_work(job_id, run, name) for name in (*whole, *parts))]
        self._engine.cancel([job_work(job_id, run), *work, *(join_work(job_id, run, name) for name in whole)])

    def _enqueue(
        self, connection: sa.Connection, job_id: str, run: int, kind: str, workspace: str, priority: int
    ) -> None:
        self._engine.enqueue_job(
            connection, job_id, run, queue=JOB_QUEUES[kind], workspace=workspace, priority=priority
        )
        tracing.enqueued(job_id, run, kind)

    def close(self) -> None:
        """Let go of what it holds; the database stays open."""
        self._engine.close()
