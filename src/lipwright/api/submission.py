"""A request becomes a job: what it names is looked up and checked, and written into the snapshot for good."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection

from lipwright.api.catalogue import Catalogue
from lipwright.api.extent import story_of
from lipwright.api.service import Service
from lipwright.contracts.avatar import AvatarIdentity, Use
from lipwright.contracts.job import AvatarSpec, Callback, JobRequest, JobView, SpeakSpec, Spec, SyncSpec, VideoSpec
from lipwright.contracts.route import Route
from lipwright.contracts.story import Story
from lipwright.errors import AssetNotFound, ConsentMissing, JobBusy, UsageError, did_you_mean
from lipwright.pipeline.avatar.consent import check_consent
from lipwright.pipeline.avatar.create import check_request
from lipwright.pipeline.avatar.request import AvatarRequest
from lipwright.remote.addresses import Guard
from lipwright.speech.tts.base import MANY
from lipwright.store.asset_rows import missing_assets
from lipwright.store.avatars import claim_avatar, get_avatar
from lipwright.store.jobs.create import create_job
from lipwright.store.jobs.views import get_job

_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)")


def submit(
    service: Service, engines: Catalogue, workspace: str, request: JobRequest, *, key: str | None, body_digest: str
) -> tuple[JobView, bool]:
    """Make a job, or find the one that the same key made before.

    Returns: the job, and whether it is new.
    Raises: InputError, ServiceError: what is wrong with the request.
    """
    route = route_of(service, request.spec)
    check_callback(service, request.callback)
    settled = _settled(service, engines, workspace, request)
    spec = settled.spec
    with service.database.begin() as c:
        check_assets(c, workspace, route.assets(spec))
        if isinstance(spec, VideoSpec) and spec.avatar is not None:
            get_avatar(c, workspace, spec.avatar)  # nobody deleted it meanwhile
        now_ms = service.database.now_ms(c)
        made = create_job(c, workspace, settled, route.stages(spec), key=key, body_digest=body_digest, now_ms=now_ms)
        if made.is_new:
            if isinstance(spec, AvatarSpec):
                claim_avatar(c, workspace, spec.name, made.job_id, now_ms)
            service.dispatcher.enqueue(c, made.job_id, made.run)
        return get_job(c, workspace, made.job_id), made.is_new


def route_of(service: Service, spec: Spec) -> Route:
    """What makes a job of this kind.

    Raises: UsageError: nothing here does.
    """
    route = service.routes.get(spec.kind)
    if route is None:
        raise UsageError(f"`{spec.kind}`: this service makes no such jobs. It makes: {', '.join(service.routes)}.")
    return route


def check_callback(service: Service, callback: Callback | None) -> None:
    """Make sure that events may be sent there.

    Raises: AddressForbidden.
    """
    if callback is not None:
        Guard(allow_private=service.settings.allow_private_addresses).check(str(callback.url))


def check_assets(c: Connection, workspace: str, digests: frozenset[str]) -> None:
    """Make sure that a workspace has files, and keep them until the transaction ends.

    Raises: AssetNotFound.
    """
    missing = missing_assets(c, workspace, digests)
    if missing:
        raise AssetNotFound(f"{', '.join(sorted(missing))}: not in this workspace. Upload it with POST /v1/assets.")


def today(service: Service) -> date:
    """The day of a use, UTC."""
    return datetime.fromtimestamp(service.clock(), UTC).date()


def identity_of(service: Service, workspace: str, name: str) -> tuple[AvatarIdentity, str]:
    """An avatar that is complete, and the digest of its identity.

    Raises: AvatarNotFound. JobBusy: it is not made yet, or could not be made. StorageFailed.
    """
    with service.database.read() as c:
        row = get_avatar(c, workspace, name)
    if row.identity is None:
        raise JobBusy(f"avatar `{name}`: its job {row.job} is {row.state}. Use it when the job is completed.")
    with service.assets.using([row.identity]) as files:
        return AvatarIdentity.model_validate_json(files[row.identity].read_bytes()), row.identity


@contextmanager
def named_as_fields() -> Iterator[None]:
    """What messages call options of the command line are fields of a request here."""
    try:
        yield
    except (ConsentMissing, UsageError) as exc:
        raise type(exc)(_OPTION.sub(lambda found: f"`{found[1].replace('-', '_')}`", str(exc))) from exc


def _settled(service: Service, engines: Catalogue, workspace: str, request: JobRequest) -> JobRequest:
    """The request with everything in it that its job is made from."""
    spec = request.spec
    if isinstance(spec, SpeakSpec | SyncSpec | AvatarSpec | VideoSpec):
        engines.check_voice(spec.voice)
    if isinstance(spec, AvatarSpec):
        _check_person(spec)
    if not isinstance(spec, VideoSpec):
        return request
    if spec.identity is not None:
        raise UsageError("`identity`: the service writes it. Name the avatar alone.")
    story = story_of(spec)
    if story is not None:
        _check_story(spec, story, engines)
    if spec.avatar is None:
        if spec.purpose is not None:
            raise UsageError("`purpose`: is asked of an avatar's consent. Leave it out, or name an `avatar`.")
        return request
    identity, _ = identity_of(service, workspace, spec.avatar)
    with named_as_fields():
        for language in _languages(spec, story, identity, engines):
            check_consent(identity, Use.VIDEO, language=language, purpose=spec.purpose, today=today(service))
    return request.model_copy(update={"spec": spec.model_copy(update={"identity": identity})})


def _check_person(spec: AvatarSpec) -> None:
    """Raises: ConsentMissing, UsageError."""
    with named_as_fields():
        check_request(
            AvatarRequest(
                name=spec.name,
                consent=spec.consent,
                photo=None if spec.photo is None else Path(spec.photo),
                clip=None if spec.clip is None else Path(spec.clip),
                poses={name: Path(digest) for name, digest in spec.poses.items()},
                voice=spec.voice,
                voice_sample=None if spec.voice_sample is None else Path(spec.voice_sample),
            )
        )


def _check_story(spec: VideoSpec, story: Story, engines: Catalogue) -> None:
    for name in sorted(story.files() - spec.files.keys()):
        known = ", ".join(sorted(spec.files)) or "none"
        raise UsageError(
            f"`files`: the script names `{name}`, which is not among them.{did_you_mean(name, spec.files)}"
            f" Upload it, and name its digest there. There are: {known}."
        )
    for voice in sorted({story.voice, *(scene.voice for scene in story.scenes)}):
        engines.check_voice(voice)


def _languages(spec: VideoSpec, story: Story | None, identity: AvatarIdentity, engines: Catalogue) -> set[str | None]:
    """What is spoken, as far as it is known before."""
    named = (story.language if story is not None else None) or spec.language
    if named is not None:
        return {named}
    own = identity.voice
    spoken = {spec.voice}
    if story is not None:
        spoken = {scene.voice or story.voice or spec.voice for scene in story.scenes if scene.text}
    languages = {one.id: one.language for one in engines.voices() if one.language != MANY}
    if own is not None:
        languages |= {voice: own.language for voice in ("", own.voice) if own.language is not None}
    return {languages.get(voice) for voice in spoken or {spec.voice}}
