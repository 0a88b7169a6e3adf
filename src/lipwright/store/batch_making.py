"""Rows of accepted batches become jobs, some at a time. Any number of processes may do it; one that dies loses nothing.

What was made before is not made again: a row whose video is made from the same takes the job that made it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from lipwright.contracts.job import ErrorView, JobRequest, SpeakSpec, Spec, VideoSpec
from lipwright.contracts.route import StagePlan
from lipwright.errors import LipwrightError
from lipwright.store.batches import OVER, Wording
from lipwright.store.database import Database
from lipwright.store.jobs.create import create_job
from lipwright.store.tables import batch, batch_row, job, workspace

AT_ONCE: Final = 50
"""Jobs that one transaction makes: others wait meanwhile."""
WORDED_AT_ONCE: Final = 5
HELD_MS: Final = 300_000
"""A text that is not translated within this time, somebody else translates."""
Plans = Callable[[Spec], Sequence[StagePlan]]
Enqueue = Callable[[sa.Connection, str, int], None]
_SPEC: TypeAdapter[Spec] = TypeAdapter(Spec)


@dataclass(frozen=True, slots=True)
class _Held:
    """A row whose text is being translated."""

    batch: str
    position: int
    spec: Spec
    wording: Wording


def fill_batches(database: Database, plans: Plans, enqueue: Enqueue, translate: Callable[[str, Wording], str]) -> bool:
    """Make jobs of rows that wait for theirs.

    Args:
        plans: the stages of a job.
        enqueue: hands a run over, in the transaction that makes it.
        translate: a text in the target's language.
    Returns: whether there may be more to do at once.
    Raises: DatabaseFailed.
    """
    worded = _translate_some(database, translate)
    with database.read() as c:
        waiting = sa.select(batch.c.id).where(batch.c.open, batch.c.cancelled.is_(False))
        ids = list(c.execute(waiting.order_by(batch.c.created_ms)).scalars())
    made = 0
    for batch_id in ids:
        with database.begin() as c:
            made += make_rows(c, batch_id, plans, enqueue, database.now_ms(c))
    return worded or made > 0


def make_rows(
    c: sa.Connection, batch_id: str, plans: Plans, enqueue: Enqueue, now_ms: int, limit: int = AT_ONCE
) -> int:
    """Make jobs of the next rows of a batch; returns how many rows have one now."""
    mine = sa.select(batch).where(batch.c.id == batch_id, batch.c.open, batch.c.cancelled.is_(False))
    owner = c.execute(mine.with_for_update()).one_or_none()
    if owner is None:
        return 0
    # One at a time in a workspace: two batches with the same rows make each only once.
    c.execute(sa.select(workspace.c.name).where(workspace.c.name == owner.workspace).with_for_update(key_share=True))
    undone = sa.and_(batch_row.c.batch == batch_id, batch_row.c.job.is_(None), batch_row.c.error.is_(None))
    ready = sa.select(batch_row).where(undone, batch_row.c.wording.is_(None)).order_by(batch_row.c.position)
    rows = c.execute(ready.limit(limit)).all()
    for row in rows:
        _set(c, row, **_job_for(c, owner, row, plans, enqueue, now_ms))
    if c.execute(sa.select(batch_row.c.position).where(undone).limit(1)).first() is None:
        c.execute(batch.update().where(batch.c.id == batch_id).values(open=False))
    return len(rows)


def _job_for(
    c: sa.Connection, owner: sa.Row[Any], row: sa.Row[Any], plans: Plans, enqueue: Enqueue, now_ms: int
) -> dict[str, Any]:
    """What the row says when its job is there: one that was made of the same, a new one, or why there is none."""
    alike = sa.select(batch_row.c.job).join(job, job.c.id == batch_row.c.job)
    alike = alike.where(batch_row.c.workspace == owner.workspace, batch_row.c.digest == row.digest)
    known = c.execute(alike.where(job.c.state.not_in(OVER)).order_by(job.c.created_ms.desc()).limit(1)).scalar()
    if known is not None:
        return {"job": known, "taken": True}
    try:
        shared = json.loads(owner.request)
        identities = shared.pop("identities")
        spec = json.loads(row.spec)
        if spec.get("avatar") is not None:
            spec["identity"] = identities[spec["avatar"]]
        labels = {**shared["labels"], "batch": owner.id, "row": row.name}
        request = JobRequest.model_validate({**shared, "labels": labels, "spec": spec})
        made = create_job(
            c, owner.workspace, request, plans(request.spec), key=None, body_digest=row.digest, now_ms=now_ms
        )
    except LipwrightError as exc:
        return {"error": _error(exc)}
    enqueue(c, made.job_id, made.run)
    return {"job": made.job_id}


def _translate_some(database: Database, translate: Callable[[str, Wording], str]) -> bool:
    with database.begin() as c:
        held = _hold(c, database.now_ms(c))
    for row in held:
        try:
            spec = worded(row.spec, translate(text_of(row.spec), row.wording))
            changed: dict[str, Any] = {"spec": spec.model_dump_json(), "wording": None}
        except LipwrightError as exc:
            if exc.retryable:
                continue  # it is held for a while, and translated then
            changed = {"error": _error(exc)}
        with database.begin() as c:
            _set(c, row, **changed)
    return bool(held)


def _hold(c: sa.Connection, now_ms: int) -> list[_Held]:
    wanted = sa.and_(batch_row.c.wording.is_not(None), batch_row.c.error.is_(None), batch_row.c.held_ms < now_ms)
    first = sa.select(batch_row.c.batch, batch_row.c.position).join(batch, batch.c.id == batch_row.c.batch)
    first = first.where(wanted, batch.c.open, batch.c.cancelled.is_(False))
    first = first.order_by(batch.c.created_ms, batch_row.c.position).limit(WORDED_AT_ONCE)
    chosen = c.execute(first.with_for_update(skip_locked=True, of=batch_row)).all()
    held = []
    for one in chosen:
        row = c.execute(
            batch_row.update()
            .where(batch_row.c.batch == one.batch, batch_row.c.position == one.position)
            .values(held_ms=now_ms + HELD_MS)
            .returning(batch_row.c.spec, batch_row.c.wording)
        ).one()
        wording = json.loads(row.wording)
        kept = tuple(wording.pop("kept"))
        held.append(_Held(one.batch, one.position, _SPEC.validate_json(row.spec), Wording(**wording, kept=kept)))
    return held


def text_of(spec: Spec) -> str:
    """What a row says."""
    match spec:
        case SpeakSpec(text=str(text)):
            return text
        case VideoSpec(story=story) if story is not None:
            return story.scenes[0].text
    raise ValueError(f"a {spec.kind} is no row of a batch")


def worded(spec: Spec, text: str) -> Spec:
    """A row that says something else."""
    match spec:
        case SpeakSpec():
            return spec.model_copy(update={"text": text})
        case VideoSpec(story=story) if story is not None:
            scene = story.scenes[0].model_copy(update={"text": text})
            return spec.model_copy(update={"story": story.model_copy(update={"scenes": (scene,)})})
    raise ValueError(f"a {spec.kind} is no row of a batch")


def _error(exc: LipwrightError) -> str:
    return ErrorView(code=exc.code, message=str(exc), retryable=exc.retryable).model_dump_json()


def _set(c: sa.Connection, row: "sa.Row[Any] | _Held", **values: Any) -> None:
    mine = sa.and_(batch_row.c.batch == row.batch, batch_row.c.position == row.position)
    c.execute(batch_row.update().where(mine).values(**values))
