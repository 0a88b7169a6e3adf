"""Jobs as their callers ask for them, and as the service tells of them. Version 1 of both.

A snapshot is all that a job is made from: stored when the job is accepted, never changed. Unknown fields are refused.
Assets are named by their SHA-256. A snapshot that an earlier version stored is still read.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, model_validator

from lipwright.contracts.avatar import AvatarIdentity, AvatarName, Consent
from lipwright.contracts.dub import Subtitles
from lipwright.contracts.portrait import SubtitleKind
from lipwright.contracts.story import FileName, Story
from lipwright.contracts.strict import AssetDigest, Name, Strict, Tag
from lipwright.contracts.sync import Length, Preset

Words = Annotated[str, Field(min_length=1, max_length=100_000)]


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    """For a person's approval; holds no worker."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED})


class StageState(StrEnum):
    """Where a stage of a job is."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    """It is done, and a person is to approve what it made."""
    DONE = "done"
    FAILED = "failed"


class SpeakSpec(Strict):
    """A photo or a clip, and words or a recording, become a talking video."""

    kind: Literal["speak"] = "speak"
    face: AssetDigest
    text: Words | None = None
    audio: AssetDigest | None = None
    voice: Name = ""
    language: Tag | None = None
    speed: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    label: bool = False
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    renderer: Name = ""
    """A remote renderer that makes the video of a photo, or `cheapest`; empty for the engines of this service."""


class SyncSpec(Strict):
    """A talking video says something else."""

    kind: Literal["sync"] = "sync"
    video: AssetDigest
    text: Words | None = None
    audio: AssetDigest | None = None
    transcript: Words | None = None
    voice: Name = ""
    language: Tag | None = None
    speaker: Annotated[int, Field(ge=1)] | None = None
    length: Length = Length.BOUNCE
    preset: Preset = Preset.BALANCED
    label: bool = False
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0


class DubSpec(Strict):
    """A video in another language."""

    kind: Literal["dub"] = "dub"
    video: AssetDigest
    target: Tag
    source_language: Tag | None = None
    subtitles: frozenset[Subtitles] = frozenset()
    voice: Name = "auto"
    glossary: AssetDigest | None = None
    lip_sync: bool = True
    preset: Preset = Preset.BALANCED
    keep_original: bool = False
    bed_gain_db: Annotated[float, Field(ge=-60, le=20)] = 0.0
    allow_failed: bool = False
    label: bool = False
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0


class AvatarSpec(Strict):
    """A person becomes an avatar that later videos refer to by its name."""

    kind: Literal["avatar"] = "avatar"
    name: AvatarName
    photo: AssetDigest | None = None
    """A photo of one person, or `clip`, a video of them."""
    clip: AssetDigest | None = None
    poses: dict[Name, AssetDigest] = Field(default_factory=dict, max_length=20)
    """Other photos of the person, by the names that scenes have for them."""
    voice: Name = ""
    voice_sample: AssetDigest | None = None
    """A recording of the person, which their voice is copied from."""
    language: Tag | None = None
    consent: Consent

    @model_validator(mode="after")
    def _shows_somebody(self) -> Self:
        if (self.photo is None) == (self.clip is None):
            raise ValueError("an avatar is made of either a photo or a clip")
        return self


class VideoSpec(Strict):
    """A script of scenes and somebody who says it become a video."""

    kind: Literal["video"] = "video"
    script: Words | None = None
    """As Markdown; or `brief`, what the video is to be about; or `story`, a storyboard."""
    brief: Words | None = None
    seconds: Annotated[float, Field(ge=3, le=3600)] = 60.0
    """About so long becomes a script that is written from a brief."""
    story: Story | None = None
    avatar: AvatarName | None = None
    """Of the workspace; or `face`, a photo."""
    identity: AvatarIdentity | None = None
    """The avatar as it was when the job was accepted: written by the service, and by nobody else."""
    face: AssetDigest | None = None
    purpose: Name | None = None
    """What the video is for; some consents want it."""
    files: dict[FileName, AssetDigest] = Field(default_factory=dict, max_length=500)
    """Pictures, clips and music, by the names that the script has for them."""
    voice: Name = ""
    language: Tag | None = None
    speed: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    width_px: Annotated[int, Field(ge=64, le=4096, multiple_of=2)] = 1920
    height_px: Annotated[int, Field(ge=64, le=4096, multiple_of=2)] = 1080
    fps: Annotated[str, Field(pattern=r"^[0-9]{1,6}(/[0-9]{1,6})?$")] = "25"
    subtitles: frozenset[SubtitleKind] = frozenset()
    enhance: Name = ""
    label: bool = False
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0

    @model_validator(mode="after")
    def _is_said_by_somebody(self) -> Self:
        if [self.script, self.brief, self.story].count(None) != 2:
            raise ValueError("a video is made of one of a script, a brief and a story")
        if (self.avatar is None) == (self.face is None):
            raise ValueError("a video shows either an avatar or a face")
        return self


Spec = Annotated[SpeakSpec | SyncSpec | DubSpec | AvatarSpec | VideoSpec, Field(discriminator="kind")]


class Callback(Strict):
    """Where events of a job are sent, signed as Standard Webhooks."""

    url: HttpUrl
    secret: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "default"  # noqa: S105 a name
    """Name of the workspace's secret that signs them."""


class JobRequest(Strict):
    """What a caller sends."""

    version: Literal[1] = 1
    spec: Spec
    approvals: frozenset[Name] = frozenset()
    """Stages behind which the job waits for a person, such as `translate`; the kind of the job says which there are."""
    callback: Callback | None = None
    priority: Annotated[int, Field(ge=1, le=100)] = 50
    """1 is the most urgent."""
    labels: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=256)]] = Field(
        default_factory=dict, max_length=20
    )
    """The caller's own words, given back in each event."""


class AssetView(Strict):
    """A file of a workspace."""

    digest: AssetDigest
    name: str
    """What it is called: never a path."""
    media_type: str
    size_bytes: int
    created_at: str
    """UTC, ISO 8601."""


class ErrorView(Strict):
    """Why a stage failed."""

    code: str
    message: str
    retryable: bool
    part: int | None = None
    """The number of the line or window, where one failed."""


class StageView(Strict):
    """A stage of a job."""

    name: str
    state: StageState
    attempt: int
    progress: Annotated[float, Field(ge=0, le=1)] = 0.0
    remaining_s: float | None = None
    """Estimated; None while nobody knows."""
    outputs: dict[str, AssetDigest] = Field(default_factory=dict)
    """By name, such as `translation.srt`."""
    error: ErrorView | None = None
    started_at: str | None = None
    ended_at: str | None = None


class JobView(Strict):
    """A job."""

    id: str
    version: Literal[1] = 1
    kind: Literal["speak", "sync", "dub", "avatar", "video"]
    state: JobState
    run: int
    """1, and one more for each retry and approval."""
    priority: int
    labels: dict[str, str]
    stages: tuple[StageView, ...]
    outputs: dict[str, AssetDigest]
    """Of the finished job, by name, such as `video.mp4`."""
    waits_for: str | None = None
    """The stage that a person is to approve."""
    error: ErrorView | None = None
    created_at: str
    updated_at: str


class RetryRequest(Strict):
    """Do it again: from the stage that failed, or from a named one."""

    stage: Name | None = None
    """None for the one that failed; for a finished job, all of it."""
    only: bool = False
    """Not what follows it."""
    line: Annotated[int, Field(ge=1)] | None = None
    """One line of a dub, spoken differently, or one scene of a video; what it touches is made again."""


class ApprovalRequest(Strict):
    """A person's word on what a stage made."""

    stage: Name
    approved: bool = True
    """False ends the job as cancelled."""
    edits: dict[Name, AssetDigest] = Field(default_factory=dict)
    """What takes the place of outputs, by their names, such as `translation.srt`."""


class EventType(StrEnum):
    """What happened to a job."""

    ACCEPTED = "job.accepted"
    STARTED = "job.started"
    PROGRESS = "job.progress"
    WAITING = "job.waiting"
    COMPLETED = "job.completed"
    FAILED = "job.failed"
    CANCELLED = "job.cancelled"


class EventView(Strict):
    """Something that happened to a job; written together with the change that caused it."""

    id: str
    sequence: int
    """1, 2, 3 ... within the job."""
    type: EventType
    job: str
    time: str
    """UTC, ISO 8601."""
    state: JobState
    stage: str | None = None
    progress: float | None = None
    outputs: dict[str, AssetDigest] = Field(default_factory=dict)
    error: ErrorView | None = None
    labels: dict[str, str] = Field(default_factory=dict)
