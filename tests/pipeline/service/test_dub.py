"""Jobs of kind `dub`, stage by stage: files travel by name, and what people made of them counts."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lipwright.contracts.dub import Subtitles
from lipwright.contracts.job import DubSpec
from lipwright.contracts.sync import Preset
from lipwright.errors import SubtitlesInvalid, UsageError
from lipwright.settings import Settings
from lipwright.store.digest import file_digest
from lipwright.wiring.service import build_routes
from support.attempts import Attempts, Told
from support.dubbed import SECONDS, Ears, Scribe, Tones, chatter, chords, counting_engines, write_talk
from support.talking import close_up

VIDEO = "a" * 64
STAGES = ["separate", "transcribe", "translate", "speak", "faces", "animate", "finish"]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_talk(tmp_path_factory.mktemp("talk") / "talk.mp4", [close_up()], chatter() + chords(SECONDS))


def settings_for(cache: Path) -> Settings:
    return Settings(tts="fake", stt="fake", translate="fake", separate="fake", lipsync="fake", cache_dir=cache)


def attempts(cache: Path, folder: Path, talk: Path) -> Attempts:
    spec = DubSpec(video=VIDEO, target="pt-BR", preset=Preset.FAST, subtitles=frozenset({Subtitles.SRT}))
    return Attempts(build_routes(settings_for(cache))["dub"], spec, folder, {VIDEO: talk})


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def unbroken(cache: Path, tmp_path_factory: pytest.TempPathFactory, talk: Path) -> tuple[Attempts, int, list[str]]:
    """A finished job, how often it listened and what it translated."""
    whole = attempts(cache, tmp_path_factory.mktemp("unbroken"), talk)
    with counting_engines():
        whole.all()
    return whole, len(Ears.calls_of_all), list(Scribe.asked_of_all)


@pytest.fixture
def dub(unbroken: tuple[Attempts, int, list[str]], cache: Path, tmp_path: Path, talk: Path) -> Iterator[Attempts]:
    """A job that is done up to its end, of which stages may be done again."""
    done = attempts(cache, tmp_path, talk)
    done.published = {stage: dict(files) for stage, files in unbroken[0].published.items()}
    for calls in (Ears.calls_of_all, Scribe.asked_of_all, Tones.spoken_of_all):
        calls.clear()
    with counting_engines():
        yield done


def again(dub: Attempts, first: str, **how: Any) -> dict[str, Path]:
    """Do a stage and all that follow it again; the finished files."""
    dub(first, **how)
    for stage in STAGES[STAGES.index(first) + 1 :]:
        dub(stage)
    return dub.published["finish"]


def lines_in(finished: dict[str, Path]) -> list[dict[str, Any]]:
    return list(json.loads(finished["report.json"].read_text())["lines"])


def test_a_person_can_be_asked_about_words_voices_and_the_video(dub: Attempts) -> None:
    plans = dub.route.stages(dub.spec)

    assert [plan.name for plan in plans] == STAGES
    assert {plan.name for plan in plans if plan.approvable} == {"transcribe", "translate", "speak", "finish"}
    assert {plan.name for plan in plans if plan.queue == "gpu"} == {"animate", "finish"}


def test_each_stage_publishes_what_it_made_and_the_last_one_the_video(
    unbroken: tuple[Attempts, int, list[str]],
) -> None:
    dub, heard, translated = unbroken

    assert "transcript.srt" in dub.published["transcribe"]
    assert {"translation.srt", "project.lines.json"} <= set(dub.published["translate"])
    assert dub.route.lines("speak", lambda name: dub.published["translate"][name].read_bytes()) == {1, 2, 3}
    assert dub.route.lines("speak", lambda _: None) is None
    assert dub.route.lines("transcribe", lambda name: dub.published["translate"][name].read_bytes()) is None
    assert {"voices.csv", "takes.zip"} <= set(dub.published["speak"])
    with zipfile.ZipFile(dub.published["speak"]["takes.zip"]) as takes:
        assert takes.namelist() == ["001.flac", "002.flac", "003.flac"]
    assert set(dub.result()) == {
        "video.mp4", "video.lipwright.json", "video.pt-BR.srt", "video.en.srt", "report.html", "report.json",
    }  # fmt: skip
    assert heard == 1, "what one stage computed is found by the next"
    assert len(translated) == 3


def test_nothing_published_tells_where_the_machine_keeps_its_files(unbroken: tuple[Attempts, int, list[str]]) -> None:
    dub, *_ = unbroken
    machine = str(dub.folder.parent).encode()

    telling = [
        (stage, name)
        for stage, files in dub.published.items()
        for name, path in files.items()
        if machine in path.read_bytes()
    ]
    assert telling == []


def test_an_edited_translation_is_spoken_and_nothing_is_translated_again(dub: Attempts, tmp_path: Path) -> None:
    made = dub.published["translate"]["translation.srt"].read_text()
    (tmp_path / "edited.srt").write_text(made.replace(made.split("\n")[2], "Boa noite a todos."))
    dub.edits["translation.srt"] = tmp_path / "edited.srt"

    finished = again(dub, "speak")

    assert lines_in(finished)[0]["text"] == "Boa noite a todos."
    assert "Boa noite a todos." in finished["translation.srt"].read_text()
    assert Scribe.asked_of_all == []
    assert Ears.calls_of_all == []


def test_an_edited_transcript_is_translated(dub: Attempts, tmp_path: Path) -> None:
    made = dub.published["transcribe"]["transcript.srt"].read_text()
    (tmp_path / "edited.srt").write_text(made.replace("Good evening to you.", "Good morning to you."))
    dub.edits["transcript.srt"] = tmp_path / "edited.srt"

    dub("translate")

    assert Scribe.asked_of_all[0] == "Good morning to you."


def test_an_edited_file_that_is_no_subtitles_is_refused_by_its_name(dub: Attempts, tmp_path: Path) -> None:
    (tmp_path / "edited.srt").write_text("1\nnonsense --> 7\nWhat?\n")
    dub.edits["translation.srt"] = tmp_path / "edited.srt"

    with pytest.raises(SubtitlesInvalid) as told:
        dub("speak")

    assert str(told.value).startswith("`project/translation.srt`")
    assert str(tmp_path) not in str(told.value)


def test_a_line_is_spoken_again_and_other_takes_stay(dub: Attempts) -> None:
    dub("speak", line=2, lines={2: 1})
    finished = again(dub, "speak", line=3, lines={2: 1, 3: 2, 9: 1})

    assert [one["take"] for one in lines_in(finished)] == [0, 1, 2]
    assert len(set(Tones.spoken_of_all)) <= 2, "the first line is as it was"


def test_all_lines_are_spoken_again_but_for_takes_of_their_own(dub: Attempts) -> None:
    finished = again(dub, "speak", take=1, lines={2: 3})

    assert [one["take"] for one in lines_in(finished)] == [1, 3, 1]


def test_a_line_that_is_not_there_is_refused(dub: Attempts) -> None:
    with pytest.raises(UsageError, match="no line 9"):
        dub("speak", line=9, lines={9: 1})


def test_another_machine_finds_what_was_computed_and_published(
    dub: Attempts, tmp_path: Path, talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lipwright.pipeline.stages.animate._make", None)
    monkeypatch.setattr("lipwright.pipeline.stages.scan._Scanners.scan", None)
    elsewhere = attempts(tmp_path / "other", tmp_path, talk)
    elsewhere.published = {stage: dict(files) for stage, files in dub.published.items()}
    before = file_digest(dub.published["finish"]["video.mp4"])

    finished = elsewhere("finish")

    assert (Ears.calls_of_all, Scribe.asked_of_all, Tones.spoken_of_all) == ([], [], [])
    assert file_digest(finished["video.mp4"]) == before


def test_a_bundle_that_a_person_put_in_the_place_of_one_is_refused(dub: Attempts, tmp_path: Path) -> None:
    [name] = [name for name in dub.published["transcribe"] if name.startswith("bundle.")]
    (tmp_path / "edited.tar").write_bytes(dub.published["transcribe"][name].read_bytes() + b"more")
    dub.edits[name] = tmp_path / "edited.tar"

    with pytest.raises(UsageError, match="for the machine, and cannot be edited"):
        dub("translate")


def test_progress_tells_of_the_stage_only(dub: Attempts) -> None:
    told = Told()

    dub("transcribe", progress=told)

    assert {name for name, _ in told.parts} == {"recognise"}
