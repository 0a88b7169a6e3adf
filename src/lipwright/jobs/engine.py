"""The durable engine, DBOS Transact, seen from outside: what is put into its queues and taken out of them.

It is asked through its client. Its tables lie in the same database as ours, so a job is created and enqueued in one
transaction. One call is private, for want of a public one: `reenqueue_for_recovery` gives work of a dead worker back to
its queue, atomically; a test fails when its signature changes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from dbos._utils import INTERNAL_QUEUE_NAME

from lipwright.jobs.prepared import prepare_inserts
from lipwright.store.database import Database

APPLICATION = "lipwright"
VERSION = "jobs-1"
"""Work that was enqueued under another version is left alone: it rises when `run_job` or `run_stage` take something
else than before, and workers of the old version finish theirs."""
RUN_JOB = "run_job"
RUN_STAGE = "run_stage"
SERIALIZER = DBOSPortableJSONSerializer()
_INDEX = (
    "CREATE INDEX IF NOT EXISTS lipwright_waiting"
    " ON workflow_status (status, queue_name, queue_partition_key, priority, created_at)"
)
"""Expected: looks into queues use the engine's own index, which holds what waits or runs alone. Instead SQLite takes
such a one only for a question with the same words (sqlite.org/partialindex.html), and theirs come as parameters: each
look would read everything that ever ran."""
FINAL = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


def job_work(job: str, run: int) -> str:
    """Id of the work on a run of a job."""
    return f"{job}:{run}"


def stage_work(job: str, run: int, stage: str) -> str:
    """Id of the work on a stage, or on a part of one, in a run of a job."""
    return f"{job}:{run}:{stage}"


def join_work(job: str, run: int, stage: str) -> str:
    """Id of the work on a divided stage whose parts are done."""
    return f"{job}:{run}:{stage}:join"


class Engine:
    """The engine's queues. Thread-safe; one a process."""

    def __init__(self, database: Database) -> None:
        """Know them; nothing is asked yet."""
        self._database = database
        self._url = database.engine.url.render_as_string(hide_password=False)
        self._client = DBOSClient(
            system_database_engine=database.engine,
            serializer=SERIALIZER,
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,  # who asks knows better how long to wait
        )
        prepare_inserts(self._client._sys_db)

    def prepare(self) -> None:
        """Make or migrate the engine's tables."""
        DBOS.migrate(self._url)
        if self._database.is_sqlite:
            with self._database.begin() as connection:
                connection.exec_driver_sql(_INDEX)

    def enqueue_job(
        self, connection: sa.Connection, job: str, run: int, *, queue: str, workspace: str, priority: int
    ) -> None:
        """Put a run of a job into its queue, in the caller's transaction; once, however often it is asked."""
        self._client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": RUN_JOB,
                "workflow_id": job_work(job, run),
                "queue_name": queue,
                "queue_partition_key": workspace,
                "priority": priority,
                "app_version": VERSION,
            },
            job,
            run,
        )

    def enqueue_stages(
        self,
        connection: sa.Connection,
        job: str,
        run: int,
        stages: Mapping[str, str],
        *,
        queue: str,
        workspace: str,
        priority: int,
    ) -> None:
        """Put stages, or parts of one, into their queue; once, however often it is asked.

        Args:
            stages: their names, by the ids of their work.
        """
        for work, stage in stages.items():
            self._client.enqueue_in_transaction(
                connection,
                {
                    "workflow_name": RUN_STAGE,
                    "workflow_id": work,
                    "queue_name": queue,
                    "queue_partition_key": workspace,
                    "priority": priority,
                    "app_version": VERSION,
                },
                job,
                run,
                stage,
            )

    def ended(self, work: Iterable[str]) -> set[str]:
        """Which of these have ended, in whatever way."""
        ids = list(work)
        found = self._client.list_workflows(workflow_ids=ids, status=list(FINAL), load_input=False, load_output=False)
        return {one.workflow_id for one in found}

    def cancel(self, work: Sequence[str]) -> None:
        """Take work out of its queues, and let no result of it be recorded."""
        self._client.cancel_workflows(list(work))

    def is_waiting(self, queues: Collection[str]) -> bool:
        """Whether anything waits in these queues."""
        return bool(
            self._client.list_workflows(
                status="ENQUEUED", queue_name=list(queues), limit=1, load_input=False, load_output=False
            )
        )

    def begun(self) -> dict[str, str]:
        """What executors have taken out of the queues and not ended: ids of work, and who took it."""
        found = self._client.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {one.workflow_id: one.executor_id or "" for one in found}

    def hand_back(self, work: Mapping[str, str]) -> list[str]:
        """Give work to its queue again.

        Args:
            work: ids, and who had begun it: what somebody else has taken since stays there.
        Returns: the ids of what went back.
        """
        system = self._client._sys_db
        return [one for one, by in work.items() if system.reenqueue_for_recovery(one, [by], INTERNAL_QUEUE_NAME)]

    def forget(self, before_iso: str, limit: int) -> int:
        """Delete the engine's record of work that ended before a time; at most `limit` pieces.

        Returns: how many were deleted.
        """
        old = self._client.list_workflows(
            status=list(FINAL), completed_before=before_iso, limit=limit, load_input=False, load_output=False
        )
        if old:
            self._client.delete_workflows([one.workflow_id for one in old])
        return len(old)

    def close(self) -> None:
        self._client.destroy()
