"""The durable engine, DBOS Transact, seen from inside a worker: it takes work out of the queues and calls us.

There is one in a process. Work that raises `Draining` stays begun, so that it can be handed back.
"""

from collections.abc import Callable, Sequence

from dbos import DBOS

from lipwright.jobs.engine import APPLICATION, RUN_JOB, RUN_STAGE, SERIALIZER, VERSION
from lipwright.jobs.polls import Polls
from lipwright.jobs.prepared import prepare_inserts
from lipwright.jobs.queues import AT_A_TIME
from lipwright.jobs.room import Room
from lipwright.store.database import Database


class Runtime:
    """The engine of this process."""

    def __init__(
        self,
        database: Database,
        executor: str,
        queues: Sequence[str],
        run_job: Callable[[str, int], None],
        run_stage: Callable[[str, int, str], None],
        room: Room,
        poll_s: float,
    ) -> None:
        """Begin to take work out of these queues.

        Args:
            run_job: is called with a job and its run.
            run_stage: is called with a job, its run and a stage.
            room: is opened.
        """

        def job_work(job: str, run: int) -> None:
            run_job(job, run)

        def stage_work(job: str, run: int, stage: str) -> None:
            run_stage(job, run, stage)

        self._dbos = DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": database.engine.url.render_as_string(hide_password=False),
                "system_database_engine": database.engine,
                "executor_id": executor,
                "application_version": VERSION,
                "serializer": SERIALIZER,
                "use_listen_notify": False,  # nothing waits for its messages
                "run_migrations": False,
                "log_level": "WARNING",
            }
        )
        # The rows count the attempts; the engine gives work out however often it was given back.
        DBOS.workflow(name=RUN_JOB, max_recovery_attempts=None)(job_work)
        DBOS.workflow(name=RUN_STAGE, max_recovery_attempts=None)(stage_work)
        DBOS.listen_queues([name for name in queues if name in AT_A_TIME])
        DBOS.launch()
        prepare_inserts(self._dbos._sys_db)
        for name, at_a_time in AT_A_TIME.items():
            DBOS.register_queue(
                name,
                worker_concurrency=at_a_time,
                partition_worker_concurrency=at_a_time,
                polling_interval_sec=poll_s,
                on_conflict="always_update",
            )
        listened = [name for name in queues if name in AT_A_TIME]
        if listened:
            polls = Polls(self._dbos._sys_db, listened, poll_s / 2)
            room.open(polls.is_filled, self._count)

    def take_no_more(self) -> None:
        """Leave in the queues what is there. What has begun goes on."""
        for event in self._dbos.background_thread_stop_events:
            event.set()

    def active(self) -> list[str]:
        """Ids of the work that is done at the moment."""
        return self._dbos._active_workflows_set.activeList()

    def _count(self, work: str, queue: str, workspace: str) -> Callable[[], None]:
        """Count work as if it had been taken out of a queue, until what is returned is called."""
        return self._dbos._active_workflows_set.add(work, queue, workspace).release

    def close(self) -> None:
        """Let go of the engine; the database stays open."""
        DBOS.destroy(destroy_registry=True)
