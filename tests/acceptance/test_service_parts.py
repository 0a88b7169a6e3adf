"""A long video in the job service: its windows are drawn in parts, by the workers that there are."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lipwright.media.probe import probe
from support.dubbed import chatter, write_talk
from support.served import Caller, Served
from support.talking import close_up

pytestmark = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="Linux tells which processes there are")
SECONDS = 64.0
"""Six windows: two parts."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    service = Served(tmp_path.resolve())
    service.start()
    yield service
    service.stop()


def test_a_long_video_is_dubbed_in_parts(served: Served) -> None:
    write_talk(served.folder / "talk.mp4", [close_up()[::4, ::4]], np.tile(chatter(), 8), SECONDS)
    scopes = ["jobs:read", "jobs:write", "assets:read", "assets:write"]
    asked = [part for one in scopes for part in ("--scope", one)]
    made = served.run("token", "create", "--workspace", "acme", *asked, "--json")
    with Caller(served.url, json.loads(made.stdout)["token"]) as caller:
        video = caller.upload(served.folder / "talk.mp4")
        spec = {"kind": "dub", "video": video, "target": "pt-BR", "preset": "fast", "lip_sync": False, "label": True}

        done = caller.wait_for(caller.post("/v1/jobs", {"spec": spec})["id"], "completed", "failed")

        assert done["state"] == "completed", done
        (served.folder / "dub.mp4").write_bytes(caller.http.get(f"/v1/assets/{done['outputs']['video.mp4']}").content)
    assert probe(served.folder / "dub.mp4").duration_s == pytest.approx(SECONDS, abs=0.2)
    assert served.log().count("animate/windows-1-3") > 0
    assert served.log().count("animate/windows-4-6") > 0
