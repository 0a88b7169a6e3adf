"""The stages of a job."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.exceptions import HTTPException

from lipwright.api.access import JobReader, Served
from lipwright.api.pages import JobId
from lipwright.contracts.job import StageView
from lipwright.contracts.strict import Strict
from lipwright.errors import did_you_mean
from lipwright.store.jobs.views import get_job

router = APIRouter(prefix="/v1/jobs/{job_id}/stages", tags=["stages"])


class StageList(Strict):
    """All stages of a job, in their order."""

    items: tuple[StageView, ...]


@router.get("")
def list_all(caller: JobReader, service: Served, job_id: JobId) -> StageList:
    """Show the stages of a job: state, progress, what they made, why one failed."""
    with service.database.read() as c:
        return StageList(items=get_job(c, caller.workspace, job_id).stages)


@router.get("/{stage}")
def show(
    caller: JobReader,
    service: Served,
    job_id: JobId,
    stage: Annotated[str, Path(max_length=120, description="A stage's name.")],
) -> StageView:
    """Show one stage."""
    with service.database.read() as c:
        stages = get_job(c, caller.workspace, job_id).stages
    for one in stages:
        if one.name == stage:
            return one
    names = [one.name for one in stages]
    raise HTTPException(
        404, f"`{stage}`: the job has no such stage.{did_you_mean(stage, names)} It has: {', '.join(names)}."
    )
