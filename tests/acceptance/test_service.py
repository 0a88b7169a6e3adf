"""The job service as its users have it: real processes, a real database, callbacks that really come."""

import json
import os
import signal
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import pytest
from standardwebhooks import Webhook

from support.dubbed import RATE_HZ, chatter, chords, write_talk
from support.served import Caller, Receiver, Served, receiving, until
from support.talking import close_up

pytestmark = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="Linux tells which processes there are")
LONG = "My mum may pay for it. " * 6


@dataclass(frozen=True)
class World:
    """A service with a caller, something to work on, and what takes its callbacks."""

    served: Served
    caller: Caller
    token: str
    secret: str
    receiver: Receiver


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("service").resolve()
    write_talk(folder / "talk.mp4", [close_up()], (chatter() + chords(8.0))[: 2 * RATE_HZ], 2.0)
    cv2.imwrite(str(folder / "photo.png"), close_up()[..., ::-1])
    served = Served(folder)
    served.start()
    try:
        scopes = [part for one in ("admin", "jobs:write") for part in ("--scope", one)]
        made = served.run("token", "create", "--workspace", "acme", *scopes, "--json")
        assert made.returncode == 0, made.stderr
        token = json.loads(made.stdout)["token"]
        with Caller(served.url, token) as caller, receiving() as receiver:
            yield World(served, caller, token, caller.post("/v1/secrets/default/rotate")["value"], receiver)
    finally:
        served.stop()


def test_the_first_start_says_where_it_listens_and_what_to_do_next(world: World) -> None:
    assert world.served.printed[0].startswith(f"Lipwright serves jobs at {world.served.url} ")
    until(lambda: len(world.served.printed) > 1)
    assert "lipwright token create --workspace acme" in world.served.printed[1]
    assert "Traceback" not in world.served.log()


def test_a_dub_waits_for_a_person_takes_the_edit_and_speaks_a_line_again(world: World) -> None:
    caller, served = world.caller, world.served
    spec = {"kind": "dub", "video": "talk.mp4", "target": "pt-BR", "preset": "fast", "subtitles": ["srt"]}
    request = {
        "spec": spec,
        "approvals": ["translate"],
        "callback": {"url": world.receiver.url},
        "labels": {"ad": "17"},
    }
    (served.folder / "job.json").write_text(json.dumps(request))
    submitted = served.run("jobs", "submit", "job.json", "--key", "ad-17", "--json", token=world.token)
    assert submitted.returncode == 0, submitted.stderr
    job = json.loads(submitted.stdout)["id"]

    watched = served.run("jobs", "watch", job, token=world.token)
    assert watched.returncode == 0, watched.stderr
    assert "job.waiting  translate" in watched.stdout
    assert f"lipwright jobs approve {job}" in watched.stdout

    made = served.run("jobs", "fetch", job, "--stage", "translate", "--name", "translation.srt", token=world.token)
    assert made.returncode == 0, made.stderr
    lines = (served.folder / "translation.srt").read_text().split("\n")
    (served.folder / "mine.srt").write_text("\n".join([*lines[:2], "Boa noite.", *lines[3:]]))
    approved = served.run("jobs", "approve", job, "--edit", "translation.srt=mine.srt", token=world.token)
    assert approved.returncode == 0, approved.stderr

    done = caller.wait_for(job, "completed", "failed")
    assert done["state"] == "completed", done
    assert {"video.mp4", "video.pt-BR.srt", "report.html", "report.json"} <= set(done["outputs"])
    assert "Boa noite." in caller.text(done["outputs"]["video.pt-BR.srt"])

    again = served.run("jobs", "retry", job, "--line", "1", token=world.token)
    assert again.returncode == 0, again.stderr
    redone = caller.wait_for(job, "completed", "failed")
    report = json.loads(caller.text(redone["outputs"]["report.json"]))
    assert [line["take"] for line in report["lines"]] == [1]
    assert [line["text"] for line in report["lines"]] == ["Boa noite."]
    takes = caller.http.get(f"/v1/assets/{_outputs(redone, 'speak')['takes.zip']}").content
    assert zipfile.ZipFile(BytesIO(takes)).namelist() == ["001.flac"]

    until(lambda: sum(event["type"] == "job.completed" for event in world.receiver.of(job)) == 2)
    told = world.receiver.of(job)
    assert [event["sequence"] for event in told] == list(range(1, len(told) + 1)), "in order, each once"
    assert {event["labels"]["ad"] for event in told} == {"17"}
    for headers, body in world.receiver.received:
        Webhook(world.secret).verify(body, headers)


def test_a_job_is_cancelled_while_it_works(world: World) -> None:
    caller = world.caller
    face = caller.upload(world.served.folder / "photo.png")
    job = caller.post("/v1/jobs", {"spec": {"kind": "speak", "face": face, "text": LONG * 8}})["id"]
    caller.wait_for_stage(job, "render")

    done = world.served.run("jobs", "cancel", job, token=world.token)

    assert done.returncode == 0, done.stderr
    assert caller.job(job)["state"] == "cancelled"
    until(lambda: not list((world.served.folder / "data" / "scratch").glob("*/*")))
    assert caller.events(job)[-1]["type"] == "job.cancelled"


def test_a_message_of_a_failed_job_tells_no_path(world: World) -> None:
    caller = world.caller
    face = caller.upload(world.served.folder / "talk.mp4")
    job = caller.post("/v1/jobs", {"spec": {"kind": "sync", "video": face, "text": "Mama.", "voice": "nobody"}})["id"]

    done = caller.wait_for(job, "completed", "failed")

    assert done["state"] == "failed"
    assert done["error"]["code"] == "voice_unknown"
    assert str(world.served.folder) not in json.dumps(done)


def test_a_job_survives_its_worker_and_its_server(world: World) -> None:
    caller, served = world.caller, world.served
    face = caller.upload(served.folder / "photo.png")
    request = {"spec": {"kind": "speak", "face": face, "text": LONG}, "callback": {"url": world.receiver.url}}
    job = caller.post("/v1/jobs", request)["id"]
    caller.wait_for_stage(job, "render")

    served.kill()
    served.start()
    with Caller(served.url, world.token) as caller:
        done = caller.wait_for(job, "completed", "failed")
        types = [event["type"] for event in caller.events(job)]

    assert done["state"] == "completed", done
    assert [stage["attempt"] for stage in done["stages"]] == [1, 1, 2]
    assert types.count("job.completed") == 1
    until(lambda: "job.completed" in [event["type"] for event in world.receiver.of(job)])
    sequences = [event["sequence"] for event in world.receiver.of(job)]
    assert sorted(set(sequences)) == list(range(1, len(types) + 1)), "none is lost"


def test_a_dead_worker_is_replaced_and_a_stop_leaves_nothing_running(world: World) -> None:
    served, data = world.served, world.served.folder / "data"
    begun, ended = (served.log().count(f"a worker {what}") for what in ("begins", "has ended"))

    for process in served.workers():
        os.kill(process, signal.SIGKILL)
    until(lambda: served.log().count("a worker begins") == begun + 1)

    assert served.stop() == 0
    assert served.processes() == []
    assert served.log().count("a worker has ended") == ended + 1
    assert {path.name for path in data.iterdir()} >= {"lipwright.db", "assets", "signing.key"}
    assert (data / "signing.key").stat().st_mode & 0o777 == 0o600


def _outputs(job: dict[str, Any], stage: str) -> dict[str, str]:
    return dict(next(one["outputs"] for one in job["stages"] if one["name"] == stage))
