"""A job is made: once for each key of its caller, however often the caller asks."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from lipwright.contracts.job import Callback, JobRequest, JobState, StageState
from lipwright.contracts.route import StagePlan
from lipwright.errors import UsageError, did_you_mean
from lipwright.store.asset_rows import touch_assets
from lipwright.store.events import add_first_event
from lipwright.store.jobs.keys import claim_key
from lipwright.store.jobs.rows import one_or_many, refer
from lipwright.store.secrets import DEFAULT_SECRET, ensure_secret, signing_secrets
from lipwright.store.tables import job, stage_run

_JOB = job.insert()
_STAGES = stage_run.insert()
_DIGEST = re.compile(r'"([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class Created:
    """A job that is there now."""

    job_id: str
    run: int
    is_new: bool
    """False: an earlier request with the same key made it."""


def create_job(
    c: sa.Connection,
    workspace: str,
    request: JobRequest,
    plans: Sequence[StagePlan],
    *,
    key: str | None,
    body_digest: str,
    now_ms: int,
    held: Mapping[str, int] | None = None,
) -> Created:
    """Store a job, its stages and that it was accepted.

    Args:
        key: the caller's own name of this request, kept for 24 h.
        body_digest: tells requests apart that come with one key.
        held: what `hold_assets` told in this transaction.
    Raises:
        IdempotencyConflict: the key came with another body.
        UsageError: a key, an approval or a secret that there cannot be.
    """
    check_approvals(request, plans)
    job_id = uuid.uuid4().hex
    if key is not None and (earlier := claim_key(c, workspace, key, body_digest, job_id, now_ms)) is not None:
        return Created(earlier.job_id, earlier.run, is_new=False)
    check_secret(c, workspace, request.callback, now_ms)
    snapshot = request.model_dump_json()
    c.execute(
        _JOB,
        {
            "id": job_id,
            "workspace": workspace,
            "kind": request.spec.kind,
            "version": request.version,
            "snapshot": snapshot,
            "state": JobState.QUEUED,
            "run": 1,
            "priority": request.priority,
            "last_sequence": 1,
            "created_ms": now_ms,
            "updated_ms": now_ms,
        },
    )
    stages = [
        {
            "job": job_id,
            "stage": plan.name,
            "queue": plan.queue,
            "position": position,
            "state": StageState.PENDING,
        }
        for position, plan in enumerate(plans)
    ]
    c.execute(_STAGES, one_or_many(stages))
    # Whatever in the request looks like an asset is one, or is nothing: a reference to nothing does no harm.
    digests = _DIGEST.findall(snapshot)
    refer(c, job_id, digests)
    touch_assets(c, workspace, digests, now_ms, held)
    add_first_event(c, job_id, workspace, snapshot, now_ms)
    return Created(job_id, 1, is_new=True)


def check_approvals(request: JobRequest, plans: Sequence[StagePlan]) -> None:
    """Make sure that a person can approve what is asked for.

    Raises: UsageError.
    """
    approvable = [plan.name for plan in plans if plan.approvable]
    for name in sorted(request.approvals):
        if name not in approvable:
            raise UsageError(
                f"approvals: a {request.spec.kind} has no stage `{name}` that a person approves."
                f"{did_you_mean(name, approvable)} It has: {', '.join(approvable) or 'none'}."
            )


def check_secret(c: sa.Connection, workspace: str, callback: Callback | None, now_ms: int) -> None:
    """Make sure that a callback can be signed.

    Raises: UsageError: its secret is not known.
    """
    if callback is None:
        return
    name = callback.secret
    if name == DEFAULT_SECRET:
        ensure_secret(c, workspace, name, now_ms)
    elif not signing_secrets(c, workspace, name, now_ms):
        raise UsageError(f"callback: no secret is named `{name}`. Make it first, or use `{DEFAULT_SECRET}`.")
