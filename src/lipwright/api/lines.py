"""Whether the line that a retry names is there, as far as what the job has made tells."""

from lipwright.api.service import Service
from lipwright.contracts.job import RetryRequest
from lipwright.errors import UsageError
from lipwright.store.jobs.rows import load_run
from lipwright.store.jobs.views import get_job


def line_problem(service: Service, workspace: str, job_id: str, request: RetryRequest) -> UsageError | None:
    """What is wrong with the line; None where nothing is, or where only the stage can tell.

    Raises: JobNotFound, StorageFailed, AssetNotFound.
    """
    if request.stage is None or request.line is None:
        return None
    with service.database.read() as c:
        get_job(c, workspace, job_id)  # nobody hears of another workspace's
        job = load_run(c, job_id)
    route = service.routes.get(job.kind)
    named = [row for row in job.stages if row.name == request.stage]
    if route is None or not named:
        return None
    made = {name: one for row in job.stages if row.position < named[0].position for name, one in row.made.items()}

    def read(name: str) -> bytes | None:
        return service.assets.local(made[name]).read_bytes() if name in made else None

    known = route.lines(request.stage, read)
    if known is None or request.line in known:
        return None
    there = f"It has 1 to {max(known)}" if known else "It has none"
    return UsageError(f"retry: `{request.stage}` of this job has no line {request.line}. {there}.")
