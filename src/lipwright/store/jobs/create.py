"""A job is made: once for each key of its caller, however often the caller asks."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from lipwright.contracts.job import Callback, EventType, JobRequest, JobState, StageState
from lipwright.contracts.route import StagePlan
from lipwright.errors import IdempotencyConflict, UsageError, did_you_mean
from lipwright.store.asset_rows import touch_assets
from lipwright.store.events import add_event
from lipwright.store.jobs.rows import refer
from lipwright.store.secrets import DEFAULT_SECRET, ensure_secret, signing_secrets
from lipwright.store.tables import idempotency, job, stage_run
from lipwright.store.workspaces import upsert

KEY_KEPT_MS = 24 * 3_600_000
MOST_KEY_CHARACTERS = 255
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
) -> Created:
    """Store a job, its stages and that it was accepted.

    Args:
        key: the caller's own name of this request, kept for 24 h.
        body_digest: tells requests apart that come with one key.
    Raises:
        IdempotencyConflict: the key came with another body.
        UsageError: a key, an approval or a secret that there cannot be.
    """
    check_approvals(request, plans)
    job_id = uuid.uuid4().hex
    if key is not None:
        earlier = _claim(c, workspace, key, body_digest, job_id, now_ms)
        if earlier is not None:
            return earlier
    check_secret(c, workspace, request.callback, now_ms)
    snapshot = request.model_dump_json()
    c.execute(
        job.insert().values(
            id=job_id,
            workspace=workspace,
            kind=request.spec.kind,
            version=request.version,
            snapshot=snapshot,
            state=JobState.QUEUED,
            run=1,
            priority=request.priority,
            created_ms=now_ms,
            updated_ms=now_ms,
        )
    )
    c.execute(
        stage_run.insert(),
        [
            {
                "job": job_id,
                "stage": plan.name,
                "queue": plan.queue,
                "position": position,
                "state": StageState.PENDING,
            }
            for position, plan in enumerate(plans)
        ],
    )
    # Whatever in the request looks like an asset is one, or is nothing: a reference to nothing does no harm.
    digests = _DIGEST.findall(snapshot)
    refer(c, job_id, digests)
    touch_assets(c, workspace, digests, now_ms)
    add_event(c, job_id, EventType.ACCEPTED, now_ms)
    return Created(job_id, 1, is_new=True)


def _claim(c: sa.Connection, workspace: str, key: str, body_digest: str, job_id: str, now_ms: int) -> Created | None:
    """Take the key for a new job, waiting for whoever is taking it.

    Returns: the job that has it; None when it is ours now.
    """
    if not 1 <= len(key) <= MOST_KEY_CHARACTERS:
        raise UsageError(f"an idempotency key of {len(key)} characters: give 1 to {MOST_KEY_CHARACTERS}.")
    ours = {"job": job_id, "body_digest": body_digest, "created_ms": now_ms}
    taken = c.execute(
        upsert(c, idempotency)
        .values(workspace=workspace, key=key, **ours)
        .on_conflict_do_update(
            index_elements=["workspace", "key"], set_=ours, where=idempotency.c.created_ms <= now_ms - KEY_KEPT_MS
        )
        .returning(idempotency.c.job)
    ).one_or_none()
    if taken is not None:
        return None
    owner = c.execute(
        sa.select(idempotency.c.body_digest, job.c.id, job.c.run)
        .join(job, job.c.id == idempotency.c.job)
        .where(idempotency.c.workspace == workspace, idempotency.c.key == key)
    ).one()
    if owner.body_digest != body_digest:
        raise IdempotencyConflict(
            f"idempotency key `{key}`: it came with another request, which made job {owner.id}. Send the same request,"
            " or another key."
        )
    return Created(owner.id, owner.run, is_new=False)


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
