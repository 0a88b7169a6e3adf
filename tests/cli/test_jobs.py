"""`lipwright jobs ...` against a service whose jobs nobody does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from lipwright.cli import main
from lipwright.cli.interrupts import Interrupts

DIGEST = "a" * 64
JOB: dict[str, Any] = {
    "id": "j1",
    "kind": "dub",
    "state": "waiting",
    "waits_for": "translate",
    "created_at": "2026-01-01T00:00:00Z",
    "error": None,
    "outputs": {},
    "stages": [
        {
            "name": "translate",
            "state": "waiting",
            "progress": 1.0,
            "attempt": 2,
            "outputs": {"translation.srt": DIGEST},
        },
        {"name": "speak", "state": "running", "progress": 0.25, "attempt": 1, "outputs": {}},
    ],
}
Answer = Callable[[httpx.Request], httpx.Response]


class Service:
    """Answers with what the test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.keys: list[str | None] = []
        self.losses: list[type[httpx.TransportError]] = []
        """What goes wrong with the next requests, behind which no answer comes."""
        self.answers: dict[tuple[str, str], list[httpx.Response]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        is_json = request.headers.get("content-type") == "application/json"
        self.asked.append((request.method, request.url.path, json.loads(request.content) if is_json else None))
        self.keys.append(request.headers.get("idempotency-key"))
        if self.losses:
            raise self.losses.pop(0)("lost", request=request)
        answers = self.answers[(request.method, request.url.path)]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def says(self, method: str, path: str, *documents: Any, status: int = 200) -> None:
        self.answers[(method, path)] = [httpx.Response(status, json=document) for document in documents]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    """Stands at the transport, where the network would be."""
    service, connect = Service(), httpx.Client

    def connected(**how: Any) -> httpx.Client:
        return connect(transport=httpx.MockTransport(service), **how)

    monkeypatch.setattr(httpx, "Client", connected)
    monkeypatch.setattr("lipwright.cli.client.RETRIED_AFTER_S", 0)
    monkeypatch.setenv("LIPWRIGHT_TOKEN", "lw_0")
    return service


def jobs(*arguments: str) -> int:
    return main.run(["jobs", *arguments], Interrupts())


def stream(*events: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, text="".join(f"id: {one['sequence']}\ndata: {json.dumps(one)}\n\n" for one in events))


def event(sequence: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"sequence": sequence, "type": kind, "time": "now", "stage": None, "progress": None, "error": None, **more}


def test_files_of_a_job_are_uploaded_where_it_names_paths(service: Service, tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"a video")
    spec = {"kind": "dub", "video": "talk.mp4", "glossary": "b" * 64, "target": "pt"}
    (tmp_path / "job.json").write_text(json.dumps({"spec": spec}))
    service.says("POST", "/v1/assets", {"digest": DIGEST})
    service.says("POST", "/v1/jobs", JOB)

    assert jobs("submit", str(tmp_path / "job.json"), "--key", "k") == 0

    assert service.asked[-1][2] == {"spec": {**spec, "video": DIGEST}}
    assert len(service.asked) == 2


def test_files_that_a_script_names_and_poses_of_an_avatar_are_uploaded(service: Service, tmp_path: Path) -> None:
    for name in ("sea.jpg", "me.png"):
        (tmp_path / name).write_bytes(b"a picture")
    spec = {
        "kind": "video",
        "files": {"sea.jpg": "sea.jpg", "kept": "b" * 64},
        "poses": {"left": "me.png"},
        "photo": None,
    }
    (tmp_path / "job.json").write_text(json.dumps({"spec": spec}))
    service.says("POST", "/v1/assets", {"digest": DIGEST})
    service.says("POST", "/v1/jobs", JOB)

    assert jobs("submit", str(tmp_path / "job.json")) == 0

    named = {"files": {"sea.jpg": DIGEST, "kept": "b" * 64}, "poses": {"left": DIGEST}}
    assert service.asked[-1][2] == {"spec": {**spec, **named}}


@pytest.mark.parametrize(
    ("path", "arguments"),
    [("retry", ["retry", "j1"]), ("approve", ["approve", "j1", "--stage", "translate"]), ("cancel", ["cancel", "j1"])],
)
def test_what_is_asked_of_a_job_is_sent_again_under_the_same_key_when_its_answer_is_lost(
    service: Service, path: str, arguments: list[str]
) -> None:
    service.says("POST", f"/v1/jobs/j1/{path}", JOB)
    service.losses = [httpx.ReadError, httpx.RemoteProtocolError]

    assert jobs(*arguments) == 0
    assert jobs(*arguments) == 0

    first, again, answered, another = service.keys
    assert first is not None
    assert first == again == answered != another


@pytest.mark.parametrize(("loss", "sent"), [(httpx.ConnectError, 1), (httpx.ReadTimeout, 4)])
def test_a_service_that_never_answers_is_not_asked_for_ever(
    service: Service, capsys: pytest.CaptureFixture[str], loss: type[httpx.TransportError], sent: int
) -> None:
    service.losses = [loss] * 10

    assert jobs("retry", "j1") == 3

    assert len(service.keys) == sent
    assert "does not answer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "told"), [("{", "this is no JSON"), ("[]", "a JSON object"), (None, "cannot be read")]
)
def test_a_file_that_is_no_job_is_refused(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "job.json").write_text(content)

    assert jobs("submit", str(tmp_path / "job.json")) == 2
    assert told in capsys.readouterr().err


def test_a_job_is_shown_with_its_stages_and_what_to_do(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    service.says("GET", "/v1/jobs/j1", JOB)

    assert jobs("show", "j1") == 0

    assert capsys.readouterr().out.splitlines() == [
        "j1  dub     waiting for translate  2026-01-01T00:00:00Z",
        "  translate    waiting, attempt 2: translation.srt",
        "  speak        running 25%",
        "  it waits for your word on `translate`: lipwright jobs fetch j1 --stage translate, then lipwright jobs"
        " approve j1",
    ]


def test_watching_goes_on_where_the_stream_broke_off_and_ends_with_the_job(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.says("GET", "/v1/jobs/j1", {**JOB, "state": "failed", "waits_for": None})
    failure = {"code": "face_not_found", "message": "no face"}
    service.answers[("GET", "/v1/jobs/j1/events")] = [
        stream(event(1, "job.accepted")),
        stream(event(2, "job.progress", stage="speak", progress=0.5), event(3, "job.failed", error=failure)),
        httpx.Response(204),
    ]

    assert jobs("watch", "j1") == 1

    assert capsys.readouterr().out.splitlines() == [
        "now  job.accepted",
        "now  job.progress  speak  50%",
        "now  job.failed  face_not_found: no face",
    ]


def test_watching_ends_where_the_job_waits_now_and_not_where_it_waited_before(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.says("GET", "/v1/jobs/j1", JOB)
    service.answers[("GET", "/v1/jobs/j1/events")] = [
        stream(event(1, "job.waiting"), event(2, "job.failed"), event(3, "job.waiting"), event(4, "job.accepted")),
        httpx.Response(200, json={"items": [{}]}),
        httpx.Response(200, json={"items": []}),
    ]

    assert jobs("watch", "j1") == 0

    told = capsys.readouterr().out.splitlines()
    assert told[:-1] == ["now  job.waiting", "now  job.failed", "now  job.waiting"]
    assert "lipwright jobs approve j1" in told[-1]


def test_approval_uploads_the_edits_and_names_what_the_job_waits_for(service: Service, tmp_path: Path) -> None:
    (tmp_path / "mine.srt").write_text("1\n")
    service.says("GET", "/v1/jobs/j1", JOB)
    service.says("POST", "/v1/assets", {"digest": DIGEST})
    service.says("POST", "/v1/jobs/j1/approve", JOB)

    assert jobs("approve", "j1", "--edit", f"translation.srt={tmp_path / 'mine.srt'}") == 0
    assert service.asked[-1][2] == {"stage": "translate", "approved": True, "edits": {"translation.srt": DIGEST}}

    assert jobs("approve", "j1", "--stage", "speak", "--refuse") == 0
    assert service.asked[-1][2] == {"stage": "speak", "approved": False, "edits": {}}


def test_a_job_that_waits_for_nobody_is_not_approved(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    service.says("GET", "/v1/jobs/j1", {**JOB, "waits_for": None})

    assert jobs("approve", "j1") == 2
    assert "waits for nobody" in capsys.readouterr().err


def test_an_edit_without_a_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert jobs("approve", "j1", "--edit", "translation.srt") == 2
    assert "NAME=FILE" in capsys.readouterr().err


def test_a_line_is_spoken_again_and_a_scene_is_drawn_again(service: Service) -> None:
    service.says("GET", "/v1/jobs/j1", JOB)
    service.says("POST", "/v1/jobs/j1/retry", JOB)

    assert jobs("retry", "j1", "--line", "7") == 0
    assert service.asked[-1][2] == {"stage": "speak", "only": False, "line": 7}

    service.says("GET", "/v1/jobs/j1", {**JOB, "kind": "video"})
    assert jobs("retry", "j1", "--line", "2") == 0
    assert service.asked[-1][2] == {"stage": "scenes", "only": False, "line": 2}

    assert jobs("retry", "j1") == 0
    assert service.asked[-1][2] == {"stage": None, "only": False, "line": None}


def test_files_are_fetched_whole(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service.says("GET", "/v1/jobs/j1", JOB)
    service.answers[("GET", f"/v1/assets/{DIGEST}")] = [httpx.Response(200, content=b"1\n")]

    assert jobs("fetch", "j1", "--stage", "translate", "-o", str(tmp_path / "new")) == 0

    assert (tmp_path / "new" / "translation.srt").read_bytes() == b"1\n"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["translation.srt"]
    assert capsys.readouterr().out.strip() == str(tmp_path / "new" / "translation.srt")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "has no result yet"),
        (("--stage", "translat"), "Did you mean `translate`?"),
        (("--stage", "translate", "--name", "translation.str"), "Did you mean `translation.srt`?"),
    ],
)
def test_what_is_not_there_is_not_fetched(
    service: Service, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    service.says("GET", "/v1/jobs/j1", JOB)

    assert jobs("fetch", "j1", *arguments) == 2
    assert told in capsys.readouterr().err


def test_errors_of_the_service_are_errors_of_the_command(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    problem = {"code": "job_not_found", "detail": "j1: no such job."}
    service.says("GET", "/v1/jobs/j1", problem, status=404)

    assert jobs("show", "j1", "--json") == 2

    assert json.loads(capsys.readouterr().out)["error"]["code"] == "job_not_found"


def test_wrong_fields_are_named(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "job.json").write_text("{}")
    problem = {
        "code": "request_invalid",
        "detail": "It breaks its contract.",
        "errors": [{"pointer": "/body/spec", "detail": "Field required"}],
    }
    service.says("POST", "/v1/jobs", problem, status=422)

    assert jobs("submit", str(tmp_path / "job.json")) == 2
    assert "/body/spec: Field required" in capsys.readouterr().err


def test_too_many_requests_may_be_tried_again(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    service.says("GET", "/v1/jobs", {"code": "too_many_requests", "detail": "Later."}, status=429)

    assert jobs("list", "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["retryable"] is True


def test_a_server_that_is_something_else_is_told(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    service.answers[("GET", "/v1/jobs")] = [httpx.Response(502, text="<html>")]

    assert jobs("list") == 2
    assert "LIPWRIGHT_URL" in capsys.readouterr().err


def test_a_service_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIPWRIGHT_TOKEN", "lw_0")
    monkeypatch.setenv("LIPWRIGHT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    assert jobs("list") == 3
    assert "lipwright serve" in capsys.readouterr().err


def test_without_a_token_it_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LIPWRIGHT_TOKEN", raising=False)

    assert jobs("list") == 2
    assert "lipwright token create" in capsys.readouterr().err
