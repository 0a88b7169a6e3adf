"""`lipwright dub` is killed or stopped in every stage and run again: nothing is lost, and the result is the same."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from support.dubbed import QUICK, SECONDS, chatter, chords, write_talk
from support.dying import Ended, Point, run_dubs
from support.talking import close_up

ARGUMENTS = ("dub", "talk.mp4", "--to", "pt-BR", "-o", "out.mp4", "--subtitles", "embed,srt", *QUICK)
MADE = ("out.mp4", "out.lipwright.json", "out.pt-BR.srt", "out.en.srt")
WORKS = {"prepare", "listen", "separate", "recognise", "align", "diarise", "translate", "speak", "mix", "find faces",
         "animate", "join"}  # fmt: skip
"""Stages that there are at the least; whatever a run tells is tried."""
STOPPED = ("listen", "separate", "diarise", "translate", "speak", "mix", "animate", "join")
IN_TIME_S = 2.0
KILLED = "the run before this one was killed; what it had finished is kept"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `talk.mp4`."""
    folder = tmp_path_factory.mktemp("scene")
    write_talk(folder / "talk.mp4", [close_up()], chatter() + chords(SECONDS))
    return folder


@pytest.fixture(scope="module")
def unbroken(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, dict[str, str]]:
    """How a run ends that nobody disturbs, and the digests of what it makes."""
    folder = tmp_path_factory.mktemp("unbroken")
    shutil.copy(scene / "talk.mp4", folder)
    (ended,) = run_dubs(folder, ARGUMENTS, [Point()], "out.dub")
    assert ended.exit_code == 0, ended.error
    return ended, digests(folder)


def digests(folder: Path) -> dict[str, str]:
    """Of what is made, and of what a person may edit."""
    paths = [*(folder / name for name in MADE), *(folder / "out.dub").glob("*.srt"), folder / "out.dub/voices.csv"]
    paths += (folder / "out.dub/takes").iterdir()
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_work_killed_in_every_stage_goes_on_and_gives_the_same_bytes(
    scene: Path, unbroken: tuple[Ended, dict[str, str]], tmp_path: Path
) -> None:
    whole, expected = unbroken
    assert whole.looks.keys() >= WORKS
    shutil.copy(scene / "talk.mp4", tmp_path)
    points = [Point(stage, looks // 2) for stage, looks in whole.looks.items()]
    points.append(Point("join", whole.looks["join"] - 1))

    *killed, last = run_dubs(tmp_path, ARGUMENTS, [*points, Point()], "out.dub")

    assert [run.exit_code for run in killed] == [-9] * len(points)
    assert not any(set(MADE) & set(run.beside) for run in killed), "nothing has a final name before it is whole"
    begun = [run.document["state"] for run in killed if run.document]
    assert len(begun) >= len(points) - 2, "the project tells of all but the first moments"
    assert {state["name"] for state in begun} == {"running"}
    assert last.exit_code == 0, last.error
    assert last.document["state"]["name"] == "done"
    assert KILLED in (tmp_path / "out.dub/report.json").read_text()
    assert digests(tmp_path) == expected
    left = [
        path.name for path in tmp_path.rglob("*") if path.suffix in {".part", ".lock"} and "cache" not in path.parts
    ]
    assert left == []
    assert list((tmp_path / "cache/stages/making").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {*MADE, "talk.mp4", "cache", "out.dub"}, "no litter"


def test_work_that_is_stopped_ends_at_once_and_is_no_failure(
    scene: Path, unbroken: tuple[Ended, dict[str, str]], tmp_path: Path
) -> None:
    whole, expected = unbroken
    shutil.copy(scene / "talk.mp4", tmp_path)
    signals = np.resize(["SIGINT", "SIGTERM"], len(whole.looks)).tolist()
    points = [Point(stage, looks // 2, name) for (stage, looks), name in zip(whole.looks.items(), signals, strict=True)]

    *stopped, last = run_dubs(tmp_path, ARGUMENTS, [*points, Point()], "out.dub")

    assert [run.exit_code for run in stopped] == [{"SIGINT": 130, "SIGTERM": 143}[name] for name in signals]
    for run, point in zip(stopped, points, strict=True):
        assert run.late_s <= IN_TIME_S, point
        assert "stopped; no file was left behind" in run.error
        assert "Traceback" not in run.error
        assert run.document is None or run.document["state"]["name"] == "cancelled", point
    assert (last.exit_code, digests(tmp_path)) == (0, expected)
    assert KILLED not in (tmp_path / "out.dub/report.json").read_text()
