"""A request becomes a job: what it names is looked up and checked, and written into the snapshot for good."""

from sqlalchemy import Connection

from lipwright.api.catalogue import Catalogue
from lipwright.api.extent import story_of
from lipwright.api.service import Service
from lipwright.contracts.avatar import AvatarIdentity
from lipwright.contracts.job import AvatarSpec, Callback, JobRequest, JobView, SpeakSpec, Spec, SyncSpec, VideoSpec
from lipwright.contracts.route import Route
from lipwright.contracts.story import Story
from lipwright.errors import AssetNotFound, JobBusy, UsageError
from lipwright.pipeline.service.avatar_words import told
from lipwright.pipeline.service.video_figure import DEFAULT_LANGUAGE, check_agreed
from lipwright.remote.addresses import Guard
from lipwright.speech.tts.base import MANY
from lipwright.store.asset_rows import hold_assets
from lipwright.store.avatars import claim_avatar, get_avatar
from lipwright.store.jobs.create import create_job
from lipwright.store.jobs.views import get_job, new_job


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
    plans = route.stages(spec)
    with service.database.begin() as c:
        held = check_assets(c, workspace, route.assets(spec))
        if isinstance(spec, VideoSpec) and spec.avatar is not None:
            get_avatar(c, workspace, spec.avatar)  # nobody deleted it meanwhile
        now_ms = service.database.now_ms(c)
        made = create_job(c, workspace, settled, plans, key=key, body_digest=body_digest, now_ms=now_ms, held=held)
        if not made.is_new:
            return get_job(c, workspace, made.job_id), False
        if isinstance(spec, AvatarSpec):
            claim_avatar(c, workspace, spec.name, made.job_id, now_ms)
        view = new_job(made.job_id, settled, plans, now_ms)
        service.dispatcher.enqueue_new(c, workspace, view)
        return view, True


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


def check_assets(c: Connection, workspace: str, digests: frozenset[str]) -> dict[str, int]:
    """Make sure that a workspace has files, and keep them until the transaction ends.

    Returns: when each was used last.
    Raises: AssetNotFound.
    """
    held = hold_assets(c, workspace, digests)
    missing = digests.difference(held)
    if missing:
        raise AssetNotFound(f"{', '.join(sorted(missing))}: not in this workspace. Upload it with POST /v1/assets.")
    return held


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


def _settled(service: Service, engines: Catalogue, workspace: str, request: JobRequest) -> JobRequest:
    """The request with everything in it that its job is made from."""
    spec = request.spec
    if isinstance(spec, SpeakSpec | SyncSpec | AvatarSpec | VideoSpec):
        engines.check_voice(spec.voice)
    if not isinstance(spec, VideoSpec):
        return request
    if spec.identity is not None:
        raise UsageError("`identity`: the service writes it. Name the avatar alone.")
    story = story_of(spec)
    if story is not None:
        for voice in sorted({story.voice, *(scene.voice for scene in story.scenes)}):
            engines.check_voice(voice)
    if spec.avatar is None:
        return request
    identity, _ = identity_of(service, workspace, spec.avatar)
    whole = spec.model_copy(update={"identity": identity})
    with told(None):
        check_agreed(whole, _languages(spec, story, identity, engines))
    return request.model_copy(update={"spec": whole})


def _languages(spec: VideoSpec, story: Story | None, identity: AvatarIdentity, engines: Catalogue) -> frozenset[str]:
    """What is spoken, as far as it is known now; the rest is asked when it is spoken."""
    named = (story.language if story is not None else None) or spec.language
    if named is not None:
        return frozenset({named})
    if story is None:
        return frozenset()
    own = identity.voice
    languages: dict[str, str | None] = {one.id: one.language for one in engines.voices() if one.language != MANY}
    languages[""] = DEFAULT_LANGUAGE
    if own is not None:
        languages |= {"": own.language, own.voice: own.language}
    spoken = {scene.voice or story.voice or spec.voice for scene in story.scenes if scene.text.strip()}
    return frozenset(language for language in map(languages.get, spoken) if language is not None)
