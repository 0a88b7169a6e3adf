"""`lipwright dub` as a user runs it: all its options, its stages one by one, and edits between them."""

import json
import resource
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.dub import DubStage
from lipwright.contracts.sidecar import Sidecar
from lipwright.errors import ProviderUnavailable
from lipwright.media.frames import read_frames
from lipwright.render.lipsync.fake import FakeLipSync
from lipwright.wiring import capabilities
from support.dubbed import QUICK, SECONDS, Dubbing, chatter, chords, write_talk
from support.program import Program
from support.syncing import digest, left_in

TEXTS = ["pt: Good evening to you.", "pt: This is the first thing.", "pt: And the second."]
FOLDER_FILES = {"project.json", "report.html", "report.json", "transcript.srt", "translation.srt", "voices.csv"}
GO_ON = ("--project", "out.dub", "--quiet")
AGAIN_AT_MOST_S = 3.0


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, faces: list[NDArray[np.uint8]]) -> Path:
    """A folder with `talk.mp4` and its dub."""
    folder = tmp_path_factory.mktemp("finished")
    write_talk(folder / "talk.mp4", faces, chatter() + chords(SECONDS))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        made = Dubbing(folder).document("talk.mp4", "--to", "pt-BR", "-o", "out.mp4", *QUICK)
    assert made["rendered_s"] > SECONDS / 2
    return folder


@pytest.fixture
def dubbing(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dubbing:
    """The current folder is a copy of it."""
    folder = shutil.copytree(finished, tmp_path / "work")
    monkeypatch.chdir(folder)
    return Dubbing(folder)


@pytest.fixture
def edit(dubbing: Dubbing) -> Callable[[str, str, str], None]:
    """Put something else into a file of the project."""

    def change(name: str, old: str, new: str) -> None:
        path = dubbing.folder / "out.dub" / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return change


def tracks(path: Path) -> list[tuple[str, str]]:
    """Kind and language of each."""
    with av.open(str(path)) as container:
        return [(stream.type, stream.language or "") for stream in container.streams]


def texts(document: dict[str, list[dict[str, str]]]) -> list[str]:
    return [line["text"] for line in document["lines"]]


def test_a_dub_with_every_option_is_made_and_told(dubbing: Dubbing) -> None:
    folder = dubbing.folder
    (folder / "terms.csv").write_text("evening,noite\n", "utf-8")
    (folder / "names.txt").write_text("noite = noyte\n", "utf-8")
    before = digest(folder / "talk.mp4")

    made = dubbing.document(
        "talk.mp4", "--to", "pt-BR", "-o", "all.mp4", "--project", "talk", "--from", "en", "--voice", "tone_pt-br",
        "--subtitles", "burn,embed,srt,vtt,ass", "--glossary", "terms.csv", "--keep-original", "--bed-gain", "-3",
        "--allow", "--audio-track", "1", "--label", "--seed", "7", "--speaker", "1", *QUICK,
    )  # fmt: skip

    assert (made["output"], made["project"], made["waits_after"], made["unchanged"]) == ("all.mp4", "talk", None, False)
    assert (made["source_language"], made["target"], made["duration_s"]) == ("en", "pt-BR", SECONDS)
    assert texts(made) == ["pt: Good noite to you.", *TEXTS[1:]]
    assert made["rendered_s"] + made["kept_s"] == pytest.approx(SECONDS)
    stages = [stage["name"] for stage in made["stages"]]
    assert len(stages) == len(set(stages)), "no time is counted twice"
    assert {"separate", "transcribe", "translate", "speak", "find faces", "animate", "finish"} <= set(stages)
    kinds = tracks(folder / "all.mp4")
    assert kinds == [("video", "und"), ("audio", "por"), ("audio", "eng"), ("subtitle", "por"), ("subtitle", "eng")]
    written = {path.name for path in folder.glob("all.*")}
    assert written >= {"all.mp4", "all.lipwright.json"} | {f"all.{tag}.{kind}" for tag in ("pt-BR", "en")
                                                           for kind in ("srt", "vtt", "ass")}  # fmt: skip
    assert {path.name for path in (folder / "talk").iterdir()} >= FOLDER_FILES | {"takes"}
    report = (folder / "talk/report.html").read_text("utf-8")
    for number in (1, 2, 3):
        assert f"takes/{number:03}.flac" in report
        assert (folder / f"talk/takes/{number:03}.flac").stat().st_size > 1000
    sidecar = Sidecar.from_json((folder / "all.lipwright.json").read_text("utf-8"), "all.lipwright.json")
    assert sidecar.language == "pt-BR"
    assert digest(folder / "talk.mp4") == before
    assert left_in(folder) == []


def test_a_run_with_nothing_changed_makes_nothing_and_is_quick(dubbing: Dubbing) -> None:
    folder = dubbing.folder
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    before_s = _seconds_of_children()

    done = Program(folder)("dub", *GO_ON, "--json", environment={"LIPWRIGHT_CACHE_DIR": str(folder / "cache")})

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["unchanged"]
    assert _seconds_of_children() - before_s <= AGAIN_AT_MOST_S
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == before


def test_a_dub_waits_behind_each_stage_and_goes_on_with_the_rest_alone(dubbing: Dubbing) -> None:
    shutil.rmtree("cache")
    Path("two").mkdir()
    output = Path("two/out.mp4")
    seen: dict[str, int] = {}
    dubbing.asked()
    for stage in DubStage:
        if stage is DubStage.FINISH:
            break
        told = dubbing.document("talk.mp4", "--to", "pt-BR", "-o", "two/out.mp4", "--stop-after", stage, *QUICK)
        assert (told["output"], told["waits_after"]) == (None, stage)
        state = json.loads(Path("two/out.dub/project.json").read_text())["state"]
        assert state == {"name": "editing", "stage": stage}
        assert not output.exists()
        made = dubbing.asked().made
        assert not made.keys() & seen.keys(), f"made again: {made}"
        seen |= made
    assert seen.keys() >= {"separate", "recognise", "diarise", "translate", "speak-line", "scan", "animate"}

    told = dubbing.document("--project", "two/out.dub", "--quiet")

    assert (told["output"], told["unchanged"]) == (str(output), False)
    assert dubbing.asked().made == {}
    assert digest(output) == digest(Path("out.mp4")), "waiting changes nothing"


def test_an_edited_translation_is_spoken_and_nothing_else_is_made(
    dubbing: Dubbing, edit: Callable[[str, str, str], None]
) -> None:
    edit("translation.srt", "first thing", "next thing")

    made = dubbing.document(*GO_ON)

    assert texts(made) == [TEXTS[0], "pt: This is the next thing.", TEXTS[2]]
    asked = dubbing.asked()
    assert (asked.heard, asked.translated) == (0, [])
    assert set(asked.spoken) == {"pt: This is the next thing."}
    assert asked.made.keys() == {"speak-line", "render-line", "animate"}
    assert dubbing.document(*GO_ON)["unchanged"]


def test_an_edited_transcript_is_translated_where_it_was_edited(
    dubbing: Dubbing, edit: Callable[[str, str, str], None]
) -> None:
    edit("transcript.srt", "Good evening to you.", "Good morning to us.")

    made = dubbing.document(*GO_ON)

    assert texts(made) == ["pt: Good morning to us.", *TEXTS[1:]]
    asked = dubbing.asked()
    assert (asked.heard, asked.translated) == (0, ["Good morning to us."])
    assert set(asked.spoken) == {"pt: Good morning to us."}


def test_another_voice_speaks_all_lines_of_its_speaker(dubbing: Dubbing, edit: Callable[[str, str, str], None]) -> None:
    edit("voices.csv", "tone_pt-br,fake", "heart,hibari")
    done = dubbing(*GO_ON)
    assert done.returncode == 2
    assert "voices.csv" in done.stderr
    assert "pt-BR: the engine hibari does not speak it" in done.stderr
    edit("voices.csv", "heart,hibari", "tone_pt-br,nobody")
    done = dubbing(*GO_ON)
    assert done.returncode == 3
    assert "no such speech engine" in done.stderr
    edit("voices.csv", "tone_pt-br,nobody", "pf_dora,kokoro")

    made = dubbing.document(*GO_ON, "--no-lip-sync", "--allow")

    assert {line["voice"] for line in made["lines"]} == {"pf_dora"}
    asked = dubbing.asked()
    assert (asked.heard, asked.translated, asked.spoken) == (0, [], [])


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ((1, 3), [TEXTS[0], "", TEXTS[2]]),
        ((3, 1, 2), TEXTS),
        ((1, 2), [*TEXTS[:2], ""]),
    ],
    ids=["deleted", "in another order", "the last one deleted"],
)
def test_lines_that_a_person_deletes_or_moves_are_taken_as_meant(
    dubbing: Dubbing, blocks: tuple[int, ...], expected: list[str]
) -> None:
    path = Path("out.dub/translation.srt")
    parts = path.read_text("utf-8").strip().split("\n\n")
    path.write_text("\n\n".join(parts[number - 1] for number in blocks) + "\n", "utf-8")

    made = dubbing.document(*GO_ON, "--no-lip-sync")

    assert texts(made) == expected
    assert {line["fit"] for line in made["lines"] if not line["text"]} <= {"silent"}
    asked = dubbing.asked()
    assert (asked.translated, asked.spoken) == ([], [])
    kept = {f"{number:03}.flac" for number, text in enumerate(expected, 1) if text}
    assert {path.name for path in Path("out.dub/takes").iterdir()} == kept


def test_lines_that_a_person_joins_are_spoken_as_one(dubbing: Dubbing) -> None:
    path = Path("out.dub/translation.srt")
    first, second, third = path.read_text("utf-8").strip().split("\n\n")
    number, times, text = first.split("\n")
    joined = f"{number}\n{times[:12]} --> {second[-100:].split(' --> ')[1][:12]}\n{text}\n{second.split(chr(10))[2]}"
    path.write_text(f"{joined}\n\n{third}\n", "utf-8")

    made = dubbing.document(*GO_ON, "--no-lip-sync")

    assert texts(made) == [f"{TEXTS[0]} {TEXTS[1]}", TEXTS[2]]
    assert set(dubbing.asked().spoken) == {f"{TEXTS[0]} {TEXTS[1]}"}


def test_another_take_of_one_line_is_made_and_the_first_one_comes_back(dubbing: Dubbing) -> None:
    first = digest(dubbing.folder / "out.mp4")

    made = dubbing.document("out.dub", "--line", "2", "--take", "2", "--quiet", command=("dub", "redo"))

    assert [line["take"] for line in made["lines"]] == [1, 2, 1]
    asked = dubbing.asked()
    assert asked.spoken == [TEXTS[1]]
    assert asked.made == {"speak-line": 1, "render-line": 1, "animate": 1}
    assert digest(dubbing.folder / "out.mp4") != first
    back = dubbing.document("out.dub", "--line", "2", "--take", "1", "--quiet", command=("dub", "redo"))
    assert [line["take"] for line in back["lines"]] == [1, 1, 1]
    assert dubbing.asked().made == {}
    assert digest(dubbing.folder / "out.mp4") == first


def test_a_video_of_nobody_keeps_its_picture(dubbing: Dubbing, room: Path) -> None:
    pictures = [frame.image for frame in read_frames(room)]
    write_talk(dubbing.folder / "room.mp4", pictures, chatter() + chords(SECONDS))

    made = dubbing.document("room.mp4", "--to", "pt-BR", *QUICK)

    assert made["output"] == "room.pt-BR.mp4"
    assert (made["rendered_s"], made["kept_s"]) == (0.0, SECONDS)
    assert "no face is seen in the video: its picture stays as it is" in made["notes"]
    assert tracks(dubbing.folder / "room.pt-BR.mp4") == [("video", "und"), ("audio", "por")]
    assert dubbing.document("--project", "room.pt-BR.dub", "--quiet")["unchanged"]


def _seconds_of_children() -> float:
    """Of processors, which other work on the machine does not change."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Broken(FakeLipSync):
    """A lip-sync engine whose model is gone."""

    def __init__(self) -> None:
        super().__init__(fails_on=range(10_000), failure=ProviderUnavailable("its model is gone"))


def test_a_lip_sync_engine_that_cannot_work_is_told_with_its_window(
    dubbing: Dubbing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(capabilities.EMBEDDED_LIPSYNC, "broken", f"{__name__}:Broken")  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, __name__, sys.modules[Broken.__module__])

    done = dubbing("--project", "out.dub", "--engine", "broken", "--json")

    assert done.returncode == ProviderUnavailable.exit_code
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "lipsync_failed"
    assert "window 1, 0.0 to" in error["message"]
    assert "its model is gone" in error["message"]
    state = json.loads(Path("out.dub/project.json").read_text())["state"]
    assert (state["name"], state["stage"], state["part"]) == ("failed", "animate", 1)
