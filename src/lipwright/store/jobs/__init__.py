"""Jobs: how they are made, what workers do to them, and what people ask of them.

All functions act on a connection that the caller opened, so that a change, its event and what the caller enqueues
happen together. What changes a job locks its row first.
"""

from lipwright.store.jobs.ask import approve_job, cancel_job, retry_job
from lipwright.store.jobs.attempts import (
    StageStart,
    begin_stage,
    fail_stage,
    hand_back_stage,
    is_wanted,
    publish_stage,
    set_progress,
)
from lipwright.store.jobs.create import Created, create_job
from lipwright.store.jobs.forget import forget_jobs
from lipwright.store.jobs.rows import JobRun, StageRow, load_run
from lipwright.store.jobs.runs import begin_run, complete_job, fail_job, is_cancelled, wait_for
from lipwright.store.jobs.views import get_job, list_jobs

__all__ = [
    "Created",
    "JobRun",
    "StageRow",
    "StageStart",
    "approve_job",
    "begin_run",
    "begin_stage",
    "cancel_job",
    "complete_job",
    "create_job",
    "fail_job",
    "fail_stage",
    "forget_jobs",
    "get_job",
    "hand_back_stage",
    "is_cancelled",
    "is_wanted",
    "list_jobs",
    "load_run",
    "publish_stage",
    "retry_job",
    "set_progress",
    "wait_for",
]
