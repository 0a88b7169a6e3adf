"""What goes wrong with `lipwright dub` is told in a sentence that says what to do, and harms no file."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from lipwright.wiring import capabilities
from support.clips import plain
from support.dubbed import FAKES, SECONDS, Dubbing, chatter, chords, write_talk
from support.syncing import digest, left_in

QUICK = (*FAKES, "--no-lip-sync", "--quiet")
USUAL = ("talk.mp4", "--to", "pt-BR", "-o", "out.mp4", *QUICK)
GO_ON = ("--project", "out.dub", "--quiet")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with videos, and the dub of one of them."""
    folder = tmp_path_factory.mktemp("finished")
    write_talk(folder / "talk.mp4", [plain(90)], chatter() + chords(SECONDS))
    write_talk(folder / "mute.mp4", [plain(90)], None, 1)
    write_talk(folder / "silent.mp4", [plain(90)], np.zeros(48_000, np.float32), 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Dubbing(folder).document(*USUAL)
    return folder


@pytest.fixture
def dubbing(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dubbing:
    """The current folder is a copy of it."""
    folder = shutil.copytree(finished, tmp_path / "work")
    monkeypatch.chdir(folder)
    return Dubbing(folder)


def refused(dubbing: Dubbing, *arguments: str, exit_code: int = 2) -> tuple[str, str]:
    """Gives code and message of the error."""
    before = {path: digest(path) for path in dubbing.folder.glob("*.mp4")}
    done = dubbing(*arguments, "--json")
    assert done.returncode == exit_code, done.stdout + done.stderr
    error = json.loads(done.stdout)["error"]
    assert done.stderr == f"error: {error['message']}\n"
    assert {path: digest(path) for path in dubbing.folder.glob("*.mp4")} == before
    assert left_in(dubbing.folder) == []
    return error["code"], error["message"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("mute.mp4", "--to", "pt-BR"), "speech_not_heard", "Use a video in which somebody speaks"),
        (("silent.mp4", "--to", "pt-BR"), "speech_not_heard", "Use a video in which somebody speaks"),
        (("talk.mp4", "--to", "ja"), "language_unknown", "It speaks en-US, en-GB, es, fr, it, pt-BR"),
        (("talk.mp4", "--to", "es", "--translate", "bergamot"), "language_unknown", "It translates en to pt-BR"),
        (("talk.mp4", "--to", "en-GB"), "language_same", "Name another language with --to"),
        (("talk.mp4", "--to", "en-GB", "--from", "en-US"), "language_same", "it speaks en already"),
        (("talk.mp4", "--to", "pt-BR", "--from", "pt"), "language_same", "tell with --from what is spoken"),
        (("talk.mp4", "--to", "pt-BR", "--from", "xx"), "language_unknown", "Use a BCP 47 tag"),
        (("talk.mp4", "--to", "pt-BR", "--voice", "nobody"), "voice_unknown", "lipwright voices"),
        (("talk.mp4", "--to", "pt-BR", "--glossary", "terms.csv"), "glossary_invalid", "`terms.csv`, line 2"),
        (("talk.mp4", "--to", "pt-BR", "--glossary", "none.csv"), "glossary_invalid", "`none.csv`"),
        (("talk.mp4", "--to", "pt-BR", "--subtitles", "srt,vvt"), "usage_invalid", "Did you mean `vtt`?"),
        (("talk.mp4", "--to", "pt-BR", "--audio-track", "2"), "usage_invalid", "`talk.mp4`"),
        (("talk.mp4", "--to", "pt-BR", "-o", "talk.mp4"), "usage_invalid", "that is the video, which stays as it is"),
        (("talk.mp4",), "usage_invalid", "--to is missing"),
        (("none.mp4", "--to", "pt-BR"), "media_not_found", "`none.mp4`: there is no such file"),
        (("terms.csv", "--to", "pt-BR"), "media_unreadable", "`terms.csv`"),
        ((), "usage_invalid", "there is nothing to dub"),
        (("--project", "."), "project_invalid", "Begin one"),
        (("talk.mp4", "--to", "pt-BR", "--project", "."), "project_invalid", "holds other things"),
    ],
)
def test_what_cannot_be_dubbed_is_told(dubbing: Dubbing, arguments: tuple[str, ...], code: str, says: str) -> None:
    Path("terms.csv").write_text('evening,noite\n"never closed\n', "utf-8")
    found, message = refused(dubbing, *QUICK, *arguments)
    assert (found, says in message) == (code, True), (found, message)


def test_words_that_are_recognised_where_nobody_speaks_are_no_words(dubbing: Dubbing) -> None:
    with mock.patch.dict(capabilities.EMBEDDED_SEPARATE, {"fake": "support.dubbed:Hush"}):
        code, message = refused(dubbing, "talk.mp4", "--to", "pt-BR", "-o", "music.mp4", "--seed", "2", *QUICK)
    assert code == "speech_not_heard"
    assert "no words are recognised in it" in message
    assert not Path("music.dub/transcript.srt").exists()


def test_a_dub_of_another_video_or_language_is_not_mixed_into_a_project(dubbing: Dubbing) -> None:
    shutil.copy("silent.mp4", "other.mp4")
    before = {path: digest(path) for path in Path("out.dub").rglob("*") if path.is_file()}
    for arguments in (
        ("other.mp4", "--to", "pt-BR", "-o", "x.mp4", "--project", "out.dub"),
        ("talk.mp4", "--to", "es", "-o", "x.mp4", "--project", "out.dub"),
    ):
        code, message = refused(dubbing, *arguments, *QUICK)
        assert (code, "Name another folder" in message) == ("project_invalid", True)
    assert {path: digest(path) for path in Path("out.dub").rglob("*") if path.is_file()} == before


def test_a_language_that_is_told_is_checked_before_the_long_work(dubbing: Dubbing) -> None:
    dubbing.asked()
    for arguments in (("--to", "pt-BR", "--from", "pt"), ("--to", "es", "--from", "en", "--translate", "bergamot")):
        refused(dubbing, "talk.mp4", "-o", "early.mp4", *QUICK, *arguments)
    asked = dubbing.asked()
    assert (asked.heard, asked.made) == (0, {})


def test_a_slip_in_the_first_command_binds_no_folder(dubbing: Dubbing) -> None:
    for slip in (("silent.mp4", "--to", "pt-BR"), ("talk.mp4", "--to", "en"), ("talk.mp4", "--to", "ja")):
        refused(dubbing, *slip, "-o", "new.mp4", "--project", "new", *QUICK)

    made = dubbing.document("talk.mp4", "--to", "pt-BR", "-o", "new.mp4", "--project", "new", *QUICK)

    assert made["output"] == "new.mp4"


def _times(old: str, new: str) -> Callable[[str], bytes]:
    return lambda text: text.replace(old, new).encode("utf-8")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_times("00:00:03,000 -->", "00:00:01,000 -->"), "line 6: subtitle 2 (00:00:01,000 to"),
        (_times("00:00:03,000 -->", "00:00:09,000 -->"), "Write the start first"),
        (_times("00:00:03,000 -->", "xx:00:03,000 -->"), "line 5: number 2 has no times"),
        (_times("00:00:06,050 --> 00:00:07,500", "00:01:06,050 --> 00:01:07,500"), "the video ends at 00:00:08,000"),
        (lambda _: bytes(range(256)) * 4, "this is not text"),
        (lambda _: b"", "Write at least one subtitle"),
    ],
    ids=["overlap", "backwards", "no time", "behind the end", "no text", "empty"],
)
def test_a_slip_in_an_edited_file_is_named_and_nothing_of_it_is_lost(
    dubbing: Dubbing, change: Callable[[str], bytes], says: str
) -> None:
    path = Path("out.dub/translation.srt")
    good = path.read_text("utf-8")
    edited = change(good)
    path.write_bytes(edited)
    dubbing.asked()

    _, message = refused(dubbing, *GO_ON)

    assert message.startswith("`out.dub/translation.srt`")
    assert says in message
    assert path.read_bytes() == edited
    state = json.loads(Path("out.dub/project.json").read_text())["state"]
    assert (state["name"], state["stage"], state["message"]) == ("failed", "translate", message)
    asked = dubbing.asked()
    assert (asked.heard, asked.translated, asked.spoken) == (0, [], [])
    path.write_text(good, "utf-8")
    assert dubbing.document(*GO_ON)["output"] == "out.mp4"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_an_edited_file_is_read_however_it_is_stored(dubbing: Dubbing, encoding: str) -> None:
    path = Path("out.dub/translation.srt")
    edited = path.read_text("utf-8").replace("the first thing", "ação até amanhã").replace("\n", "\r\n")
    path.write_bytes(edited.encode(encoding))

    made = dubbing.document(*GO_ON)

    assert [line["text"] for line in made["lines"]][1] == "pt: This is ação até amanhã."
    assert any("is not UTF-8" in note for note in made["notes"]) == (encoding != "utf-8-sig")


def test_lines_that_no_voice_can_say_in_time_stop_the_work_until_they_are_allowed(dubbing: Dubbing) -> None:
    path = Path("out.dub/translation.srt")
    path.write_text(path.read_text("utf-8").replace("second", "second and all of the others " * 4), "utf-8")

    code, message = refused(dubbing, *GO_ON)

    assert code == "lines_do_not_fit"
    assert "line 3" in message
    assert "Shorten them in translation.srt, or use --allow" in message
    made = dubbing.document(*GO_ON, "--allow")
    assert [line["fit"] for line in made["lines"]][2] == "failed"


def test_full_disk_of_the_project_is_told_and_leaves_nothing(dubbing: Dubbing, small_disk: Path) -> None:
    shutil.copytree("out.dub", small_disk / "out.dub")
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free))
    project = str(small_disk / "out.dub")

    done = dubbing(*USUAL, "--project", project, "--voice", "tone_pt-br", "--json")

    assert done.returncode == 4, done.stdout + done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "disk_full"
    assert [path for path in (small_disk / "out.dub").rglob("*") if path.suffix in {".part", ".lock"}] == []
    filler.unlink()
    made = dubbing.document(*USUAL, "--project", project, "--voice", "tone_pt-br")
    assert made["output"] == "out.mp4"


def test_full_disk_of_the_output_is_told_and_leaves_nothing(dubbing: Dubbing, small_disk: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (6, 224, 224, 3), np.uint8)
    write_talk(dubbing.folder / "noise.mp4", [*noise], chatter())
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - 1_200_000))
    arguments = ("noise.mp4", "--to", "pt-BR", "-o", str(small_disk / "x.mp4"), "--project", "x", *QUICK)

    code, _ = refused(dubbing, *arguments, exit_code=4)

    assert code == "disk_full"
    assert [path.name for path in small_disk.iterdir()] == ["filler"]
    state = json.loads(Path("x/project.json").read_text())["state"]
    assert (state["name"], state["stage"], state["code"]) == ("failed", "finish", "disk_full")
    filler.unlink()
    assert dubbing.document(*arguments)["output"] == str(small_disk / "x.mp4")


@pytest.mark.parametrize(
    ("option", "place"),
    [("-o", "nowhere/x.mp4"), ("-o", "/proc/x.mp4"), ("--project", "/proc/x")],
    ids=["folder missing", "output not writable", "project not writable"],
)
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="Linux's /proc stands for a folder where nobody may write")
def test_places_that_cannot_be_written_are_named(dubbing: Dubbing, option: str, place: str) -> None:
    code, message = refused(dubbing, *USUAL, option, place, exit_code=4)
    assert code == "output_not_writable"
    assert f"`{place}`" in message
