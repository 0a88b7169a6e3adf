"""A service with two workspaces, whose jobs no worker does: tests do what a worker would."""

import itertools
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import Connection

from lipwright.api.server import listening, server_of
from lipwright.api.service import Limits, Service
from lipwright.contracts.avatar import AvatarAsset, AvatarIdentity, Consent, FaceFacts, VoiceProfile
from lipwright.contracts.job import DubSpec, ErrorView, JobView, SpeakSpec, SyncSpec
from lipwright.contracts.route import Route, StagePlan, StageWork
from lipwright.contracts.strict import Strict
from lipwright.pipeline.service.avatar import AvatarRoute
from lipwright.pipeline.service.video import VideoRoute
from lipwright.settings import Settings
from lipwright.store.asset_rows import add_asset
from lipwright.store.assets import AssetStore
from lipwright.store.database import Database
from lipwright.store.jobs.attempts import begin_stage, fail_stage, publish_stage
from lipwright.store.jobs.rows import load_run
from lipwright.store.jobs.runs import begin_run, complete_job, wait_for
from lipwright.store.tokens import create_token

SCOPES = ("jobs:read", "jobs:write", "assets:read", "assets:write", "admin")
ROUTES = {
    "speak": ("speak", "render"),
    "sync": ("speak", "animate"),
    "dub": ("separate", "transcribe", "translate", "speak", "animate", "finish"),
}
QUICK = Limits(json_bytes=100_000, heartbeat_s=0.05, poll_s=0.02)
KEY = SecretStr("k" * 40)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Planned(Route):
    """A kind of job that is never run."""

    kind: str
    names: tuple[str, ...]

    def stages(self, spec: Strict) -> tuple[StagePlan, ...]:
        return tuple(StagePlan(name, "cpu", approvable=name == "translate") for name in self.names)

    def assets(self, spec: Strict) -> frozenset[str]:
        match spec:
            case SpeakSpec(face=digest) | SyncSpec(video=digest) | DubSpec(video=digest):
                return frozenset({digest})
        raise AssertionError(spec)

    def run(self, work: StageWork) -> Mapping[str, Path]:
        raise AssertionError("no worker here")

    def lines(self, stage: str, read: Callable[[str], bytes | None]) -> Collection[int] | None:
        """There are three, once something is translated."""
        return range(1, 4) if stage == "speak" and read("translate.bin") == VIDEO else None

    def outputs(self, made: Mapping[str, str]) -> Mapping[str, str]:
        return made


@dataclass
class Noted:
    """A dispatcher that notes what it is told."""

    enqueued: list[tuple[str, int]] = field(default_factory=list)
    cancelled: list[tuple[str, int]] = field(default_factory=list)

    def enqueue(self, connection: Connection, job_id: str, run: int) -> None:
        self.enqueued.append((job_id, run))

    def enqueue_new(self, connection: Connection, workspace: str, view: JobView) -> None:
        self.enqueue(connection, view.id, view.run)

    def cancel(self, job_id: str, run: int, stages: Iterable[str] = ()) -> None:
        self.cancelled.append((job_id, run))


@dataclass(frozen=True)
class Api:
    """A running service as two workspaces see it, which no other test has."""

    service: Service
    url: str
    acme: str
    """The name of a workspace, whose token is in `tokens`."""
    tokens: Mapping[str, str]
    """`acme`, `rival`: for everything in two workspaces; `poor`: for nothing in the first; else by scope."""
    video: str
    """An asset of acme: `VIDEO`."""

    @property
    def noted(self) -> Noted:
        assert isinstance(self.service.dispatcher, Noted)
        return self.service.dispatcher

    def client(self, who: str = "acme") -> httpx.Client:
        """A client that sends the token of this name; none for an empty one."""
        headers = {"authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=20)

    def dub(self, **request: Any) -> dict[str, Any]:
        """What is posted for a dub."""
        return {"spec": {"kind": "dub", "video": self.video, "target": "pt-BR"}, **request}

    def new_job(self, **request: Any) -> dict[str, Any]:
        with self.client() as client:
            answer = client.post("/v1/jobs", json=self.dub(**request))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


VIDEO = bytes(range(256)) * 40


@contextmanager
def running(service: Service) -> Iterator[str]:
    """The address of a server that runs in a thread."""
    ready = threading.Event()
    server = server_of(service, ready.set)
    with listening("127.0.0.1", 0) as bound:
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        assert ready.wait(20)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        service.closing.set()
        server.should_exit = True
        thread.join()


def _nobody(*_: object, **__: object) -> Any:
    raise AssertionError("no worker here")


def service_of(database: Database, folder: Path, limits: Limits = QUICK, **settings: Any) -> Service:
    return Service(
        database=database,
        assets=AssetStore(f"file://{folder / 'assets'}", folder / "cache"),
        dispatcher=Noted(),
        routes={
            **{kind: Planned(kind, names) for kind, names in ROUTES.items()},
            "avatar": AvatarRoute(_nobody, _nobody),
            "video": VideoRoute(_nobody, _nobody, _nobody, _nobody),
        },
        settings=Settings(**{"max_upload_gb": 0.5, "rate_per_minute": 0, "allow_private_addresses": True, **settings}),
        signing_key=KEY,
        limits=limits,
    )


def api_of(service: Service, url: str) -> Api:
    """Two new workspaces, one with an asset."""
    number = next(_numbers)
    acme, rival = f"acme-{number}", f"rival-{number}"
    with service.database.begin() as c:
        now_ms = service.database.now_ms(c)
        tokens = {"acme": create_token(c, acme, SCOPES, None, now_ms)[1]}
        tokens["rival"] = create_token(c, rival, SCOPES, None, now_ms)[1]
        for scope in SCOPES:
            tokens[scope] = create_token(c, acme, [scope], None, now_ms)[1]
        stored = service.assets.put([VIDEO])
        add_asset(
            c,
            acme,
            stored.digest,
            name="talk.mp4",
            media_type=stored.media_type,
            size_bytes=stored.size_bytes,
            now_ms=now_ms,
        )
    return Api(service, url, acme, tokens, stored.digest)


def store(api: Api, name: str, data: bytes, workspace: str = "") -> str:
    """A file of a workspace, acme's unless another is named; returns its digest."""
    stored = api.service.assets.put([data])
    with api.service.database.begin() as c:
        add_asset(
            c,
            workspace or api.acme,
            stored.digest,
            name=name,
            media_type=stored.media_type,
            size_bytes=stored.size_bytes,
            now_ms=api.service.database.now_ms(c),
        )
    return stored.digest


def make_avatar(api: Api, name: str, *, voice: VoiceProfile | None = None, **consent: Any) -> AvatarIdentity:
    """An avatar of acme, made as a worker would."""
    order = avatar_order(api, name, **consent)
    with api.client() as client:
        made = client.post("/v1/avatars", json=order)
    assert made.status_code == 201, made.text
    identity = AvatarIdentity(
        name=name,
        kind="photo",
        assets=tuple(
            AvatarAsset(name=one, digest=order["photo"], media_type="image/png")
            for one in ("photo.png", "neutral.png", "matte.png", "mesh.json")
        ),
        face=FaceFacts(
            width_px=512,
            height_px=512,
            eye_distance_px=120,
            sharpness=0.9,
            brightness=0.4,
            yaw_degrees=0,
            pitch_degrees=0,
            advice=("More light.",),
        ),
        voice=voice,
        consent=Consent.model_validate(order["consent"]),
        created_at="2026-02-01T00:00:00Z",
    )
    kept = store(api, "identity.json", identity.model_dump_json().encode())
    work_through(api, made.json()["job"], outputs={"identity.json": kept})
    return identity


def avatar_order(api: Api, name: str, **consent: Any) -> dict[str, Any]:
    """What is posted for an avatar."""
    agreed = {"person": "Maya Lindt", "granted_on": "2026-01-31", "uses": ["video"], **consent}
    return {"name": name, "photo": api.video, "consent": agreed}


def work_through(
    api: Api,
    job_id: str,
    *,
    stop_at: str | None = None,
    fail_at: str | None = None,
    outputs: Mapping[str, str] | None = None,
) -> None:
    """Do what a worker would: all stages of a job, up to one that waits for a person or fails."""
    database = api.service.database
    with database.begin() as c:
        run = load_run(c, job_id)
        assert begin_run(c, job_id, run.run, database.now_ms(c))
    for stage in run.stages:
        with database.begin() as c:
            now_ms = database.now_ms(c)
            if begin_stage(c, job_id, run.run, stage.name, f"token-{run.run}-{stage.name}", "here", now_ms) is None:
                continue
            token = f"token-{run.run}-{stage.name}"
            if stage.name == fail_at:
                broken = ErrorView(code="face_not_found", message="No face.", retryable=False)
                assert fail_stage(c, job_id, stage.name, token, broken, now_ms)
                return
            assert publish_stage(c, job_id, stage.name, token, {f"{stage.name}.bin": api.video}, now_ms)
            if stage.name == stop_at:
                assert wait_for(c, job_id, run.run, stage.name, now_ms)
                return
    with database.begin() as c:
        assert complete_job(c, job_id, run.run, outputs or {"video.mp4": api.video}, database.now_ms(c))
