"""The client of the how-to, word for word, against the service and its outbox."""

import hashlib
import importlib.util
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from lipwright.outbox.deliver import Outbox
from lipwright.remote.addresses import Guard
from lipwright.store.batch_making import fill_batches
from support.serving import Api, store, work_through

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "backend" / "clips.py"


@pytest.fixture(scope="module")
def example() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("clips_example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["clips_example"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["clips_example"]


class Backend:
    """Somebody's backend, with its receiver, and the service that works for it."""

    def __init__(self, example: ModuleType, api: Api, folder: Path) -> None:
        with api.client("admin") as admin:
            self.secret = admin.post("/v1/secrets/default/rotate").json()["value"]
        self.api, self.folder, self.example = api, folder, example
        self.inbox = example.Inbox(folder / "inbox.db")
        self.server = example.receiver(self.inbox, self.secret, 0)
        self.hook = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        self.service = example.Lipwright(api.url, api.tokens["acme"], wait_s=0)
        lines = "\n".join(f'clip-{n},"Hello {{guest}}, this is {n}.",Ana' for n in range(10))
        (folder / "clips.csv").write_text(f"name,text,guest\n{lines}\n")
        (folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
        self.outbox = Outbox(api.service.database, Guard(allow_private=True))

    def order(self) -> Any:
        """Ten clips in two languages, ordered."""
        batch = self.service.order(self.folder / "clips.csv", self.folder / "photo.png", self.hook, ["pt-BR"])
        service = self.api.service
        while fill_batches(
            service.database,
            lambda spec: service.routes[spec.kind].stages(spec),
            service.dispatcher.enqueue,
            lambda text, wording: f"{text} ({wording.target})",
        ):
            pass
        return batch, self.example.Clips(self.service, self.inbox, self.folder / "clips", batch)

    def make(self, batch: str, failing: str = "") -> None:
        """What workers do: each clip another file."""
        for row in self.service.rows(batch):
            if row["state"] == "queued":
                video = store(self.api, "video.mp4", f"the video of {row['name']}".encode())
                failed = "render" if row["name"] == failing else None
                work_through(self.api, row["job"], fail_at=failed, outputs={"video.mp4": video})

    def deliver(self) -> None:
        """All events; one whose answer was late on a busy machine comes again seconds later, as it should."""
        while self.outbox.run_once():
            pass

    def made(self) -> dict[str, bytes]:
        return {path.stem: path.read_bytes() for path in (self.folder / "clips").iterdir()}


@pytest.fixture
def backend(example: ModuleType, api: Api, tmp_path: Path) -> Iterator[Backend]:
    backend = Backend(example, api, tmp_path)
    thread = threading.Thread(target=backend.server.serve_forever)
    thread.start()
    yield backend
    backend.server.shutdown()
    backend.server.server_close()
    thread.join()
    backend.service.close()
    backend.outbox.stop()


def test_clips_come_by_their_callbacks_and_what_failed_is_made_by_the_same_order(backend: Backend) -> None:
    batch, clips = backend.order()
    backend.make(batch, failing="clip-7-pt-BR")
    backend.deliver()
    clips.work()
    made = backend.made()
    assert len(made) == 19
    assert made["clip-3"] == b"the video of clip-3"
    assert made["clip-3-pt-BR"] == b"the video of clip-3-pt-BR"
    assert clips.reconcile() == {"clip-7-pt-BR": "No face."}
    jobs = {row["name"]: row["job"] for row in backend.service.rows(batch)}
    again, clips = backend.order()
    assert again == batch
    changed = {row["name"] for row in backend.service.rows(batch) if row["job"] != jobs[row["name"]]}
    assert changed == {"clip-7-pt-BR"}
    backend.make(batch)
    assert clips.ended()
    assert clips.reconcile() == {}
    assert len(backend.made()) == 20


def test_events_that_came_twice_or_were_forged_or_are_old_do_nothing(backend: Backend) -> None:
    batch, clips = backend.order()
    body = f'{{"type": "job.completed", "labels": {{"batch": "{batch}", "row": "x"}}, "outputs": {{"video.mp4": "0"}}}}'
    now = datetime.now(UTC)

    def send(secret: str, event_id: str, at: datetime, text: str) -> int:
        signed = Webhook(secret).sign(event_id, at, text)
        headers = {"webhook-id": event_id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signed}
        return httpx.post(backend.hook, content=text, headers=headers).status_code

    assert send("whsec_" + "A" * 32, "evt_1", now, body) == 401
    assert send(backend.secret, "evt_1", datetime(2020, 1, 1, tzinfo=UTC), body) == 401
    assert httpx.post(backend.hook, content=body).status_code == 401
    clips.work()
    assert backend.made() == {}
    harmless = '{"type": "job.started", "labels": {}}'
    assert [send(backend.secret, "evt_2", now, harmless) for _ in range(3)] == [204, 204, 204]
    assert [event_id for event_id, _ in backend.inbox.undone()] == ["evt_2"]


def test_a_service_that_is_busy_is_asked_again_and_a_damaged_clip_is_not_kept(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [httpx.Response(503), httpx.Response(429, headers={"Retry-After": "0"}), httpx.Response(200, text="torn")]

    def request(*_: object, **__: object) -> httpx.Response:
        answer = answers.pop(0)
        answer.request = httpx.Request("GET", "http://127.0.0.1/")
        return answer

    monkeypatch.setattr(httpx.Client, "request", request)
    with pytest.raises(OSError, match="damaged"):
        backend.service.download(hashlib.sha256(b"whole").hexdigest(), backend.folder / "clip.mp4")
    assert not (backend.folder / "clip.mp4").exists()
    assert answers == []
