"""Avatars: people who can say something, each made once by a job and then named by videos."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Response, status

from lipwright.api.access import JobReader, JobWriter, Served
from lipwright.api.catalogue import Engines
from lipwright.api.examples import AVATARS
from lipwright.api.orders import BodyDigest, IdempotencyKey, Order
from lipwright.api.pages import Cursor, PageLimit
from lipwright.api.service import Service
from lipwright.api.submission import identity_of, submit
from lipwright.contracts.avatar import AvatarIdentity, Consent
from lipwright.contracts.job import AvatarSpec, ErrorView, JobState
from lipwright.contracts.strict import Strict
from lipwright.pipeline.avatar.voice import copied_voice
from lipwright.store.avatars import AvatarRow, delete_avatar, get_avatar, list_avatars
from lipwright.store.jobs.ask import cancel_job
from lipwright.store.jobs.views import get_job
from lipwright.store.times import utc
from lipwright.wiring.capabilities import CLONE

router = APIRouter(prefix="/v1/avatars", tags=["avatars"])
AvatarPath = Annotated[str, Path(pattern=r"^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$", description="An avatar's name.")]


class AvatarOrder(AvatarSpec, Order):
    """A person who is to become an avatar."""


class AvatarSummary(Strict):
    """An avatar, in a list."""

    name: str
    kind: Literal["photo", "clip"]
    state: JobState
    """Of the job that makes it: `completed` when videos can name it."""
    job: str
    person: str
    """Who is shown, and agreed to it."""
    until: date | None
    """The last day of use; null for no end."""
    created_at: str


class AvatarView(AvatarSummary):
    """An avatar with all that is known of it."""

    consent: Consent
    identity: AvatarIdentity | None
    """Its files by their digests, what was measured of the face with advice, its voice; null until it is completed."""
    error: ErrorView | None
    """Why it could not be made."""


class AvatarPage(Strict):
    """Some of the avatars, newest first."""

    items: tuple[AvatarSummary, ...]
    next_cursor: str | None
    """For the next page; null behind the last one."""


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"description": "The avatar that this key made before.", "model": AvatarView}},
)
def create(
    caller: JobWriter,
    service: Served,
    engines: Engines,
    body: Annotated[AvatarOrder, Body(openapi_examples=AVATARS)],
    body_digest: BodyDigest,
    response: Response,
    key: IdempotencyKey = None,
) -> AvatarView:
    """Make an avatar: a job of kind `avatar`, and a name that videos use when it is completed."""
    spec = AvatarSpec(**{name: getattr(body, name) for name in AvatarSpec.model_fields})
    job, is_new = submit(service, engines, caller.workspace, body.request(spec), key=key, body_digest=body_digest)
    response.headers["location"] = f"/v1/avatars/{spec.name}"
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return AvatarView(
        **_summary(spec, job.id, job.state, job.created_at),
        consent=spec.consent,
        identity=None,
        error=job.error,
    )


@router.get("")
def list_all(caller: JobReader, service: Served, limit: PageLimit = 50, cursor: Cursor = None) -> AvatarPage:
    """Show the workspace's avatars, newest first."""
    with service.database.read() as c:
        page = list_avatars(c, caller.workspace, limit=limit, cursor=cursor)
    items = tuple(AvatarSummary(**_summary(row.spec, row.job, row.state, utc(row.created_ms))) for row in page.items)
    return AvatarPage(items=items, next_cursor=page.next_cursor)


@router.get("/{name}")
def show(caller: JobReader, service: Served, name: AvatarPath) -> AvatarView:
    """Show an avatar: its files, advice for a better picture, its voice, what its person agreed to."""
    with service.database.read() as c:
        row = get_avatar(c, caller.workspace, name)
    return AvatarView(
        **_summary(row.spec, row.job, row.state, utc(row.created_ms)),
        consent=row.spec.consent,
        identity=None if row.identity is None else identity_of(service, caller.workspace, name)[0],
        error=row.error,
    )


@router.delete("/{name}", status_code=status.HTTP_204_NO_CONTENT)
def delete(caller: JobWriter, service: Served, name: AvatarPath) -> None:
    """Delete an avatar, and the copy of its person's voice. Videos that were made of it stay.

    Its files are kept as long as a job that was made from them is.
    """
    with service.database.read() as c:
        row = get_avatar(c, caller.workspace, name)
    _forget_voice(service, caller.workspace, row)
    with service.database.begin() as c:
        gone = delete_avatar(c, caller.workspace, name)
        cancelled = cancel_job(c, caller.workspace, gone.job, service.database.now_ms(c))
        job = get_job(c, caller.workspace, gone.job)
    if cancelled:
        service.dispatcher.cancel(job.id, job.run, [stage.name for stage in job.stages])


def _forget_voice(service: Service, workspace: str, row: AvatarRow) -> None:
    """Raises: ProviderError: the avatar stays, so that it can be deleted again."""
    if row.identity is None:
        return
    voice = identity_of(service, workspace, row.name)[0].voice
    if voice is not None and voice.cloned_from is not None:
        CLONE.build(service.settings.clone, service.settings).forget(copied_voice(voice))


def _summary(spec: AvatarSpec, job: str, state: JobState, created_at: str) -> dict[str, Any]:
    return {
        "name": spec.name,
        "kind": "photo" if spec.clip is None else "clip",
        "state": state,
        "job": job,
        "person": spec.consent.person,
        "until": spec.consent.until,
        "created_at": created_at,
    }
