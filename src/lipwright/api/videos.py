"""Videos of scenes: a script, and an avatar or a face that says it."""

from typing import Annotated

from fastapi import APIRouter, Body, Response, status

from lipwright.api.access import JobWriter, Served
from lipwright.api.catalogue import Engines
from lipwright.api.examples import VIDEOS
from lipwright.api.orders import BodyDigest, IdempotencyKey, Order
from lipwright.api.submission import submit
from lipwright.contracts.job import JobView, VideoSpec

router = APIRouter(prefix="/v1/videos", tags=["jobs"])


class VideoOrder(VideoSpec, Order):
    """A video that is to be made."""


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"description": "The job that this key made before.", "model": JobView}},
)
def create(
    caller: JobWriter,
    service: Served,
    engines: Engines,
    body: Annotated[VideoOrder, Body(openapi_examples=VIDEOS)],
    body_digest: BodyDigest,
    response: Response,
    key: IdempotencyKey = None,
) -> JobView:
    """Make a job of kind `video`, which is the same as POST /v1/jobs with this as its `spec`."""
    spec = VideoSpec(**{name: getattr(body, name) for name in VideoSpec.model_fields})
    job, is_new = submit(service, engines, caller.workspace, body.request(spec), key=key, body_digest=body_digest)
    response.headers["location"] = f"/v1/jobs/{job.id}"
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return job
