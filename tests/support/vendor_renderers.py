"""A server that makes videos as HeyGen's and D-ID's APIs document it, and lies in every way that a test asks for."""

import hashlib
import hmac
import itertools
import json
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import httpx

from lipwright.render.remote.orders import Terms
from support.vendor import Received, Reply, Vendor, page, redirect, said

KEY = "key-test-0123456789abcdef"
SECRET = "secret-test-0123456789"  # noqa: S105 of a test
QUICK = Terms(
    first_look_s=0.02,
    longest_look_s=0.1,
    called_look_s=0.2,
    settle_s=0.4,
    send_s=30.0,
    stuck_s=1.5,
    patience_s=60.0,
    tick_s=0.05,
)
"""Terms of a vendor that is on this machine."""
METADATA = "http://169.254.169.254/latest/meta-data"


class Fate(Enum):
    """What becomes of a submission."""

    GOOD = auto()
    DROPPED = auto()
    """Gets an id, and is never heard of again."""
    HANGS_UP = auto()
    """Not taken, no answer."""
    TAKEN_HANGS_UP = auto()
    """Taken, no answer."""
    LATER = auto()
    """429 with Retry-After."""
    LATER_BARE = auto()
    """429 without."""
    FAILS = auto()
    """500, not taken."""
    TAKEN_FAILS = auto()
    """500, and taken all the same."""
    PAGE = auto()
    """HTML with status 200, not taken."""
    FORGOTTEN = auto()
    """Works on it, then 404 for ever."""
    STUCK = auto()
    """Never finishes."""
    BROKEN = auto()
    """Done; the file is cut for ever."""
    GONE_AT_FIRST = auto()
    """Done; the file is not there at first."""
    CUT_AT_FIRST = auto()
    """Done; the file breaks off at first."""
    PAGE_AT_FIRST = auto()
    """Done; the file is HTML that calls itself a video at first."""
    INWARD_AT_FIRST = auto()
    """Done; the file's address leads into a private network at first."""
    REFUSED = auto()
    """Made, and it does not work: the vendor says why."""


NOT_TAKEN = {Fate.HANGS_UP, Fate.LATER, Fate.LATER_BARE, Fate.FAILS, Fate.PAGE}
LOST = {Fate.DROPPED, Fate.FORGOTTEN, Fate.STUCK, Fate.BROKEN}
"""What the vendor loses itself, however often it is paid for."""


@dataclass
class Job:
    """A video that was taken."""

    id: str
    reference: str
    what: str
    """The text or the sound that was ordered."""
    fate: Fate
    webhook: str
    looks: int = 0
    fetches: int = 0
    fetched: bool = False


class RendererServer(Vendor):
    """Answers as `heygen`, `heygen-v3` and `d-id`, each under its own paths. `fates` come first, then all is good."""

    def __init__(self, clip: bytes, fates: Iterable[Fate] = (), *, looks: int = 2) -> None:
        """
        Args:
            clip: the video that it makes of everything.
            looks: how often it says that it still works.
        """
        super().__init__(self._respond)
        self.clip, self._looks = clip, looks
        self.fates = list(fates)
        self.jobs: dict[str, Job] = {}
        self.endpoint = ""
        """Where signed callbacks go: HeyGen's registered endpoint."""
        self.calls_before_answer = False
        self.calls = 1
        """How often each callback is made."""
        self.answers: Counter[int] = Counter()
        """Statuses of what its callbacks were answered."""
        self.most_open = 0
        self.uploads: list[Received] = []
        self._lock = threading.Lock()
        self._taken = threading.Condition(self._lock)
        self._numbers = itertools.count(1)
        self._callers: list[threading.Thread] = []

    def kept(self) -> Counter[str]:
        """How often each order was taken and not lost: what is paid for."""
        return Counter(job.what for job in self.jobs.values() if job.fate not in LOST)

    def wait_for_orders(self, count: int) -> None:
        """Until so many were taken."""
        with self._taken:
            assert self._taken.wait_for(lambda: len(self.jobs) >= count, 60)

    def call(self, job: Job, event: str = "", *, secret: str = SECRET) -> None:
        """Call back, in a thread of its own."""
        thread = threading.Thread(target=self._call, args=(job, event, secret), daemon=True)
        self._callers.append(thread)
        thread.start()

    def wait_for_calls(self) -> None:
        for thread in self._callers:
            thread.join(10)

    def _respond(self, request: Received) -> Reply:  # noqa: PLR0911, PLR0912 a table of paths
        if request.path.startswith("/files/"):
            return self._file(request)
        given = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Basic ")
        if given != KEY:
            return said({"message": "Unauthorized"}, 401)
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["v1", "talking_photo"]:
                return self._upload(request, {"data": {"talking_photo_id": "face-1"}})
            case "POST", ["v1", "asset"]:
                return self._upload(request, {"data": {"id": "sound-1", "url": "https://files/sound-1"}})
            case "POST", ["v3", "assets"]:
                return self._upload(request, {"data": {"asset_id": "asset-1"}})
            case "POST", ["images"] | ["audios"]:
                return self._upload(request, {"url": f"s3://prod/{len(self.uploads)}", "id": "file-1"})
            case "POST", ["v2", "video", "generate"] | ["v3", "videos"]:
                return self._take(request, lambda job: {"error": None, "data": {"video_id": job.id}}, "callback_id")
            case "POST", ["talks"]:
                return self._take(request, lambda job: {"id": job.id, "status": "created"}, "user_data")
            case "GET", ["v1", "video_status.get"]:
                return self._heygen_state(request.query["video_id"], "video_id")
            case "GET", ["v3", "videos", job_id]:
                return self._heygen_state(job_id, "id")
            case "GET", ["talks", job_id]:
                return self._talk_state(job_id)
            case "GET", ["v1", "video.list"]:
                found = [{"video_id": job.id, "video_title": job.reference} for job in self._listed()]
                return said({"code": 100, "data": {"videos": found, "token": None}})
            case "GET", ["v3", "videos"]:
                return said({"data": [{"id": job.id, "title": job.reference} for job in self._listed()]})
            case "GET", ["talks"]:
                return said({"talks": [{"id": job.id, "user_data": job.reference} for job in self._listed()]})
        return said({"message": "Not Found"}, 404)

    def _upload(self, request: Received, answer: dict[str, Any]) -> Reply:
        self.uploads.append(request)
        return said(answer, 201)

    def _take(self, request: Received, answer: Any, reference: str) -> Reply:
        body = request.json
        with self._lock:
            fate = self.fates.pop(0) if self.fates else Fate.GOOD
            job = Job(
                f"v{next(self._numbers)}", body[reference], _what(body), fate, body.get("webhook", ""), self._looks
            )
            if fate not in NOT_TAKEN:
                self.jobs[job.id] = job
                self._taken.notify_all()
                open_now = sum(1 for one in self.jobs.values() if not one.fetched and one.fate not in LOST)
                self.most_open = max(self.most_open, open_now)
        match fate:
            case Fate.LATER:
                return said({"message": "slow down"}, 429, retry_after="0")
            case Fate.LATER_BARE:
                return said({"message": "slow down"}, 429)
            case Fate.FAILS | Fate.TAKEN_FAILS:
                return said({"message": "oops"}, 500)
            case Fate.PAGE:
                return page()
            case Fate.HANGS_UP | Fate.TAKEN_HANGS_UP:
                return Reply(200, {"content-type": "application/json"}, b"{", announced=100)
        if self.calls_before_answer:
            job.looks = 0
            self._call(job, "", SECRET)
        return said(answer(job), 201)

    def _listed(self) -> list[Job]:
        return [job for job in self.jobs.values() if job.fate is not Fate.DROPPED and not self._is_forgotten(job)]

    def _is_forgotten(self, job: Job) -> bool:
        return job.fate is Fate.FORGOTTEN and job.looks <= 0

    def _phase(self, job_id: str) -> tuple[str, Job | None]:
        job = self.jobs.get(job_id)
        if job is None or job.fate is Fate.DROPPED or self._is_forgotten(job):
            return "unknown", None
        if job.looks > 0 or job.fate is Fate.STUCK:
            job.looks -= 1
            return "working", job
        if job.fate is Fate.REFUSED:
            return "failed", job
        if not job.fetches:
            self._callers.extend(self._calls(job))
        return "done", job

    def _calls(self, job: Job) -> list[threading.Thread]:
        threads = []
        for _ in range(self.calls if job.webhook or self.endpoint else 0):
            threads.append(threading.Thread(target=self._call, args=(job, "", SECRET), daemon=True))
            threads[-1].start()
        return threads

    def _heygen_state(self, job_id: str, name: str) -> Reply:
        phase, job = self._phase(job_id)
        if job is None:
            return said({"code": 404, "data": None, "message": "video not found"}, 404)
        document: dict[str, Any] = {
            name: job.id,
            "status": {"working": "processing", "done": "completed"}.get(phase, phase),
        }
        if phase == "done":
            document |= {"video_url": f"{self.url}/files/{job.id}.mp4", "duration": 2.0}
        if phase == "failed":
            document |= {"error": {"message": "no face"}, "failure_message": "no face"}
        return said({"code": 100, "data": document})

    def _talk_state(self, job_id: str) -> Reply:
        phase, job = self._phase(job_id)
        if job is None:
            return said({"kind": "NotFoundError", "description": "not found"}, 404)
        document: dict[str, Any] = {"id": job.id, "status": {"working": "started", "failed": "error"}.get(phase, phase)}
        if phase == "done":
            document["result_url"] = f"{self.url}/files/{job.id}.mp4?signature=x"
        if phase == "failed":
            document["error"] = {"description": "no face"}
        return said(document)

    def _file(self, request: Received) -> Reply:  # noqa: PLR0911 a table of fates
        job = self.jobs[request.path.removeprefix("/files/").removesuffix(".mp4")]
        job.fetches += 1
        first = job.fetches == 1
        assert KEY not in str(request.headers)
        video = {"content-type": "video/mp4", "etag": f'"{job.id}"', "accept-ranges": "bytes"}
        match job.fate:
            case Fate.GONE_AT_FIRST if first:
                return page(404)
            case Fate.PAGE_AT_FIRST if first:
                return Reply(200, video, page().body)
            case Fate.INWARD_AT_FIRST if first:
                return redirect(METADATA, 302)
            case Fate.BROKEN:
                return Reply(200, video, self.clip[: len(self.clip) // 2])
            case Fate.CUT_AT_FIRST if first:
                return Reply(200, video, self.clip[: len(self.clip) // 2], announced=len(self.clip))
        job.fetched = True
        start = request.headers.get("range", "").removeprefix("bytes=").removesuffix("-")
        if start:
            rest = f"bytes {start}-{len(self.clip) - 1}/{len(self.clip)}"
            return Reply(206, {**video, "content-range": rest}, self.clip[int(start) :])
        return Reply(200, video, self.clip)

    def _call(self, job: Job, event: str, secret: str) -> None:
        good = job.fate not in LOST and job.fate is not Fate.REFUSED
        if job.webhook:
            url, headers = job.webhook, {}
            body = json.dumps({"id": job.id, "user_data": job.reference, "status": "done", "result_url": METADATA})
        elif self.endpoint:
            url = self.endpoint
            event = event or ("avatar_video.success" if good else "avatar_video.fail")
            data = {"video_id": job.id, "callback_id": job.reference, "url": METADATA}
            body = json.dumps({"event_type": event, "event_data": data})
            headers = {"signature": hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()}
        else:
            return
        self.answers[httpx.post(url, content=body, headers=headers, timeout=10).status_code] += 1


def _what(body: dict[str, Any]) -> str:
    """What was ordered, wherever the vendor's body says it."""
    if "video_inputs" in body:
        voice = body["video_inputs"][0]["voice"]
        return str(voice.get("input_text") or voice["audio_asset_id"])
    script = body.get("script")
    if isinstance(script, dict):
        return str(script.get("input") or script["audio_url"])
    return str(script or body["audio_asset_id"])
