import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from lipwright.contracts.dub import DubRequest, DubStage, Subtitles, TargetLine
from lipwright.contracts.project import SpeakerVoice, StateName
from lipwright.errors import (
    Cancelled,
    MediaNotFound,
    OutputNotWritable,
    PathEscapes,
    ProjectInvalid,
    RateLimited,
    SpeakingFailed,
    SubtitlesInvalid,
    UsageError,
)
from lipwright.pipeline.project.folder import is_project, open_project, recall, redo
from lipwright.pipeline.project.project import Project
from support.dubbing import DURATION_S, LINES, Translator, report, request, sounds, spoken

HOLD = """
import sys
from pathlib import Path
from lipwright.pipeline.project.folder import open_project
from lipwright.contracts.dub import DubStage
from support.dubbing import request

with open_project(request(Path(sys.argv[1]))) as project:
    project.begin(DubStage.SPEAK)
    print("working", flush=True)
    sys.stdin.read()
"""
VOICES = (SpeakerVoice(1, "af_heart", "kokoro", "similar"), SpeakerVoice(2, "am_adam", "kokoro", "similar"))


def work(asked: DubRequest, translator: Translator, lines=LINES) -> tuple[tuple[TargetLine, ...], Project]:
    """A whole run, as the route does it."""
    with open_project(asked, "1") as project:
        project.begin(DubStage.TRANSCRIBE)
        kept = project.transcript(lines, DURATION_S)
        project.begin(DubStage.TRANSLATE)
        targets = project.translation(kept, translator, DURATION_S, "shouting")
        project.begin(DubStage.SPEAK)
        project.voices(VOICES)
        for target in targets:
            project.keep_sound(target.number, np.full(4800, 0.25, np.float32), 48_000)
        asked.output.write_bytes(b"the dub")
        project.done(report(asked, [spoken(one, take=project.take(one.number)) for one in targets]), sounds())
        return targets, project


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "seen.json"
    }


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / "talk" / name).read_text()
    assert old in text
    (folder / "talk" / name).write_text(text.replace(old, new))


def test_a_new_folder_gets_everything_that_a_person_edits(tmp_path: Path) -> None:
    translator = Translator()
    work(request(tmp_path), translator)
    folder = tmp_path / "talk"
    assert (folder / "transcript.srt").read_text() == (
        "1\n00:00:01,000 --> 00:00:03,000\n[1] Good evening.\n\n"
        "2\n00:00:04,000 --> 00:00:06,500\n[1] This is the first thing.\n\n"
        "3\n00:00:08,000 --> 00:00:09,250\n[2] And the second.\n\n"
        "4\n00:00:10,000 --> 00:00:12,000\n[2] Goodbye.\n"
    )
    assert "[2] GOODBYE." in (folder / "translation.srt").read_text()
    assert (folder / "voices.csv").read_text().splitlines()[1] == "1,af_heart,kokoro,similar"
    assert translator.asked == [1, 2, 3, 4]
    with av.open(folder / "takes" / "004.flac") as sound:
        samples = np.concatenate([frame.to_ndarray() for frame in sound.decode(audio=0)], axis=1)
    assert samples.shape == (1, 4800)
    assert samples.min() == samples.max() == 8192
    assert not list(folder.rglob("*.part"))


def test_a_second_run_asks_for_nothing_and_changes_no_byte(tmp_path: Path) -> None:
    work(request(tmp_path), Translator())
    before = contents(tmp_path / "talk")
    translator = Translator()
    _, project = work(request(tmp_path), translator)
    assert translator.asked == []
    assert project.notes == []
    assert contents(tmp_path / "talk") == before


def test_nothing_changed_is_seen_without_reading_the_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = request(tmp_path)
    targets, _ = work(asked, Translator())
    monkeypatch.setattr("lipwright.pipeline.project.seen.file_digest", lambda path: pytest.fail(f"{path} was read"))
    with open_project(asked, "1") as project:
        found = project.unchanged()
    assert found == replace(report(asked, [spoken(one) for one in targets]), unchanged=True)


@pytest.mark.parametrize("what", ["manner", "output", "option", "edit", "redo", "glossary"])
def test_whatever_changes_is_seen(tmp_path: Path, what: str) -> None:
    glossary = tmp_path / "terms.csv"
    glossary.write_text("a,b\n")
    asked = replace(request(tmp_path), glossary=glossary)
    work(asked, Translator())
    match what:
        case "output":
            asked.output.unlink()
        case "edit":
            edit(tmp_path, "translation.srt", "GOODBYE", "ADEUS")
        case "redo":
            redo(asked.project, 2)
        case "glossary":
            glossary.write_text("a,c\n")
        case "option":
            asked = replace(asked, keep_original=True)
    with open_project(asked, "2" if what == "manner" else "1") as project:
        assert project.unchanged() is None


def test_an_edited_translation_stays_and_only_new_sources_are_translated(tmp_path: Path) -> None:
    work(request(tmp_path), Translator())
    edit(tmp_path, "translation.srt", "GOODBYE.", "Adeus.")
    edit(tmp_path, "transcript.srt", "This is the first thing.", "This is the only thing.")
    translator = Translator()
    targets, project = work(request(tmp_path), translator)
    assert translator.asked == [2]
    assert [one.text for one in targets] == ["GOOD EVENING.", "THIS IS THE ONLY THING.", "AND THE SECOND.", "Adeus."]
    assert project.notes == [
        "transcript.srt, as a person left it: line 2 edited",
        "translation.srt, as a person left it: line 4 edited",
    ]


def test_a_translation_that_a_person_wrote_is_spoken_even_when_its_source_changes(tmp_path: Path) -> None:
    work(request(tmp_path), Translator())
    edit(tmp_path, "translation.srt", "GOODBYE.", "Adeus.")
    edit(tmp_path, "transcript.srt", "Goodbye.", "Goodbye to you.")
    translator = Translator()
    targets, _ = work(request(tmp_path), translator)
    assert translator.asked == []
    assert targets[3].text == "Adeus."
    assert targets[3].source == "Goodbye to you."
    assert "source changed" in targets[3].notes[0]


def test_a_speaker_is_moved_by_the_number_in_brackets(tmp_path: Path) -> None:
    work(request(tmp_path), Translator())
    edit(tmp_path, "transcript.srt", "[2] Goodbye.", "[1] Goodbye.")
    translator = Translator()
    targets, _ = work(request(tmp_path), translator)
    assert [one.speaker for one in targets] == [1, 1, 2, 1]
    assert "[1] GOODBYE." in (tmp_path / "talk" / "translation.srt").read_text()
    assert translator.asked == []


def test_a_deleted_translation_is_silent_and_keeps_its_number(tmp_path: Path) -> None:
    work(request(tmp_path), Translator())
    edit(tmp_path, "translation.srt", "2\n00:00:04,000 --> 00:00:06,500\n[1] THIS IS THE FIRST THING.\n\n", "")
    left = (tmp_path / "talk" / "translation.srt").read_bytes()
    for _ in range(2):
        targets, project = work(request(tmp_path), Translator())
        assert [(one.number, bool(one.text)) for one in targets] == [(1, True), (2, False), (3, True), (4, True)]
        assert project.notes == ["translation.srt, as a person left it: 1 left silent"]
        assert (tmp_path / "talk" / "translation.srt").read_bytes() == left


def test_lines_may_be_joined_and_added(tmp_path: Path) -> None:
    work(request(tmp_path), Translator())
    redo(tmp_path / "talk", 4, 3)
    edit(
        tmp_path,
        "translation.srt",
        "09,250\n[2] AND THE SECOND.\n\n4\n00:00:10,000 --> 00:00:12,000\n[2] GOODBYE.\n",
        "12,000\n[2] E o segundo,\nadeus.\n\n00:00:20,000 --> 00:00:21,000\nMais uma.\n",
    )
    targets, project = work(request(tmp_path), Translator())
    assert [(one.number, one.text, one.source) for one in targets[2:]] == [
        (3, "E o segundo, adeus.", "And the second. Goodbye."),
        (4, "Mais uma.", ""),
    ]
    assert targets[3].speaker == 2
    assert project.take(3) == 3
    assert any("line 3 joined from several; line 4 added" in note for note in project.notes)
    assert "E o segundo,\nadeus." in (tmp_path / "talk" / "translation.srt").read_text()


def test_a_line_that_was_deleted_from_the_transcript_is_not_heard_again(tmp_path: Path) -> None:
    work(request(tmp_path), Translator())
    edit(tmp_path, "transcript.srt", "1\n00:00:01,000 --> 00:00:03,000\n[1] Good evening.\n\n", "")
    for _ in range(2):
        targets, project = work(request(tmp_path), Translator())
        assert [one.text for one in targets] == ["THIS IS THE FIRST THING.", "AND THE SECOND.", "GOODBYE."]
        assert project.notes == ["transcript.srt, as a person left it: 1 left silent"]
    assert not (tmp_path / "talk" / "takes" / "005.flac").exists()


def test_files_of_windows_editors_are_read(tmp_path: Path) -> None:
    work(request(tmp_path), Translator())
    path = tmp_path / "talk" / "translation.srt"
    text = path.read_text().replace("GOODBYE.", "Até já.")
    path.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    left = path.read_bytes()
    targets, project = work(request(tmp_path), Translator())
    assert [one.text for one in targets] == ["GOOD EVENING.", "THIS IS THE FIRST THING.", "AND THE SECOND.", "Até já."]
    assert path.read_bytes() == left
    assert project.notes == ["translation.srt, as a person left it: line 4 edited"]


@pytest.mark.parametrize("times", ["00:00:04,000 --> 00:00:03,000", "00:02:04,000 --> 00:02:06,000"])
def test_bad_times_are_told_with_their_line_and_nothing_is_lost(tmp_path: Path, times: str) -> None:
    work(request(tmp_path), Translator())
    edit(tmp_path, "transcript.srt", "00:00:04,000 --> 00:00:06,500", times)
    left = contents(tmp_path / "talk")["transcript.srt"]
    with pytest.raises(SubtitlesInvalid, match="line 6"):
        work(request(tmp_path), Translator())
    assert contents(tmp_path / "talk")["transcript.srt"] == left
    with open_project(request(tmp_path)) as project:
        assert project.found.name is StateName.FAILED
        assert (project.found.stage, project.found.code) == (DubStage.TRANSCRIBE, "subtitles_invalid")


def test_a_file_that_is_saved_while_lines_are_translated_is_read_again(tmp_path: Path) -> None:
    work(request(tmp_path), Translator())
    edit(tmp_path, "transcript.srt", "Good evening.", "Good morning.")

    class Slow(Translator):
        def __call__(self, lines):
            if not self.asked:
                edit(tmp_path, "translation.srt", "GOODBYE.", "Adeus.")
            return super().__call__(lines)

    targets, _ = work(request(tmp_path), Slow())
    assert [one.text for one in targets][::3] == ["GOOD MORNING.", "Adeus."]
    assert "Adeus." in (tmp_path / "talk" / "translation.srt").read_text()


def test_another_manner_translates_again_what_no_person_wrote(tmp_path: Path) -> None:
    asked = request(tmp_path)
    work(asked, Translator())
    edit(tmp_path, "translation.srt", "GOODBYE.", "Adeus.")
    with open_project(asked) as project:
        targets = project.translation(LINES, Translator("!"), DURATION_S, "louder")
    assert [one.text for one in targets] == [
        "!GOOD EVENING.",
        "!THIS IS THE FIRST THING.",
        "!AND THE SECOND.",
        "Adeus.",
    ]


def test_a_persons_voice_stays(tmp_path: Path) -> None:
    work(request(tmp_path), Translator())
    edit(tmp_path, "voices.csv", "2,am_adam,kokoro,similar", "2,bm_george,,similar")
    work(request(tmp_path), Translator())
    assert (tmp_path / "talk" / "voices.csv").read_text().splitlines()[2] == "2,bm_george,kokoro,edited"


def test_the_folder_remembers_what_was_asked(tmp_path: Path) -> None:
    asked = replace(
        request(tmp_path), subtitles=frozenset({Subtitles.SRT, Subtitles.BURN}), stop_after=DubStage.TRANSLATE, seed=3
    )
    with open_project(asked) as project:
        project.wait_after(DubStage.TRANSLATE)
    assert is_project(asked.project)
    assert recall(asked.project) == replace(asked, stop_after=None)
    assert '"video": "../talk.mp4"' in (asked.project / "project.json").read_text()
    assert str(tmp_path) not in (asked.project / "project.json").read_text()


def test_failures_are_noted_and_a_cancelled_run_is_none(tmp_path: Path) -> None:
    asked = request(tmp_path)

    def end(stage: DubStage, exc: Exception) -> None:
        with open_project(asked) as project:
            project.begin(stage)
            raise exc

    with pytest.raises(SpeakingFailed):
        end(DubStage.SPEAK, SpeakingFailed("line 7: too many requests", RateLimited("later"), 7))
    with open_project(asked) as project:
        assert project.found.model_dump() == {
            "name": "failed", "stage": "speak", "code": "speaking_failed", "message": "line 7: too many requests",
            "part": 7, "retryable": True,
        }  # fmt: skip
    with pytest.raises(Cancelled):
        end(DubStage.ANIMATE, Cancelled("stopped"))
    with open_project(asked) as project:
        assert project.found.name is StateName.CANCELLED


def test_a_second_run_in_the_folder_is_refused_and_a_killed_one_is_told(tmp_path: Path) -> None:
    asked = request(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "working\n"
        with pytest.raises(OutputNotWritable, match="another run"), open_project(asked):
            pytest.fail("the block must not start")
        first.kill()
    (asked.project / ".transcript.srt.0123456789ab.part").touch()
    with open_project(asked) as project:
        project.begin(DubStage.SEPARATE)
        assert "killed" in project.notes[0]
    assert not list(asked.project.glob(".*.part"))


def test_folders_of_other_things_are_refused(tmp_path: Path) -> None:
    asked = request(tmp_path)
    with open_project(replace(asked, target="fr")) as project:
        project.begin(DubStage.SEPARATE)
    with open_project(asked) as project:  # nobody could edit anything there yet
        project.begin(DubStage.TRANSCRIBE)
        project.transcript(LINES, DURATION_S)
    with pytest.raises(ProjectInvalid, match="into pt-BR, not into es"), open_project(replace(asked, target="es")):
        pass
    other = tmp_path / "other.mp4"
    other.write_bytes(b"another")
    with pytest.raises(ProjectInvalid, match=r"another video, `talk\.mp4`"), open_project(replace(asked, video=other)):
        pass
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "taxes.ods").touch()
    with (
        pytest.raises(ProjectInvalid, match=r"other things, such as `taxes\.ods`"),
        open_project(replace(asked, project=tmp_path / "full")),
    ):
        pass
    with pytest.raises(ProjectInvalid, match="not the folder of a dub"):
        recall(tmp_path / "full")
    edit(tmp_path, "project.json", '"version": 1', '"version": 2')
    with pytest.raises(ProjectInvalid, match="a newer Lipwright wrote it"):
        recall(asked.project)


def test_a_moved_video_is_found_where_it_is_named(tmp_path: Path) -> None:
    asked = request(tmp_path)
    with open_project(asked) as project:
        project.begin(DubStage.SEPARATE)
    moved = asked.video.rename(tmp_path / "renamed.mp4")
    with pytest.raises(MediaNotFound, match="Name where it is"), open_project(asked):
        pass
    with open_project(replace(asked, video=moved)) as project:
        project.begin(DubStage.SEPARATE)
    assert recall(asked.project).video == moved


@pytest.mark.parametrize("name", ["takes", "transcript.srt", ".lipwright"])
def test_links_that_lead_out_of_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    asked = request(tmp_path)
    asked.project.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (asked.project / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PathEscapes, match="leads out"), open_project(asked):
        pass
    assert not list((tmp_path / "elsewhere").iterdir())


def test_takes_are_asked_for_by_number(tmp_path: Path) -> None:
    work(request(tmp_path), Translator())
    folder = tmp_path / "talk"
    assert [redo(folder, 2), redo(folder, 2), redo(folder, 3, 5)] == [1, 2, 5]
    with pytest.raises(UsageError, match="the lines 1 to 4"):
        redo(folder, 5)
    _, project = work(request(tmp_path), Translator())
    assert [project.take(number) for number in (1, 2, 3, 4)] == [0, 2, 5, 0]
    assert redo(folder, 3, 0) == 0
    assert '"line": 3' not in (folder / "project.json").read_text()
