"""`lipwright storyboard`: a contact sheet, a table, and a document; nothing is written over."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lipwright.cli.interrupts import Interrupts
from lipwright.cli.main import run
from lipwright.contracts.story import Story
from support.program import Program
from support.talking import close_up

SCRIPT = "# Launch\n\n## Hello\n\nHi. [b-roll: chart.png] This is new.\n\n## Bye [close]\n\nSee you — über morgen!\n"


def test_script_becomes_a_picture_a_table_and_a_document(lipwright: Program, tmp_path: Path) -> None:
    (tmp_path / "launch.md").write_text(SCRIPT, encoding="utf-8")
    done = lipwright("storyboard", "launch.md", "--json", "board.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].split() == ["scene", "begins", "seconds", "words", "title", "seen"]
    assert "Hello" in done.stdout
    assert "chart.png" in done.stdout
    with Image.open(tmp_path / "launch.storyboard.png") as sheet:
        assert sheet.width > 500
    story = Story.model_validate(json.loads((tmp_path / "board.json").read_text(encoding="utf-8")))
    assert story.timed == "estimated"
    assert [scene.framing for scene in story.scenes] == ["medium", "close"]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_other_encodings_are_read(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "old.md").write_bytes(SCRIPT.encode(encoding))
    assert run(["storyboard", "old.md", "--json", "board.json"], Interrupts()) == 0
    assert "über" in (tmp_path / "board.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bad.md",), "`bad.md`, line 3: `[framing: clsoe]`: no such choice. Did you mean `close`?"),
        (("missing.md",), "`missing.md`: cannot be read"),
        (("sound.md",), "`sound.md`, line "),
        (("shown.md", "-o", "shown.png"), "that is what the video is made from"),
        (("shown.md", "-o", "sheet.jpg"), "only .png pictures"),
        (("shown.md", "--json", "shown.md"), "only .json files"),
        (("shown.md", "-o", "away/sheet.png"), "there is no folder"),
        (("shown.md", "--engine", "rule"), "Did you mean `rules`"),
    ],
)
def test_mistake_is_one_line_and_leaves_no_file(
    arguments: tuple[str, ...], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.md").write_text("Hello.\n\n[framing: clsoe]\n", encoding="utf-8")
    (tmp_path / "shown.md").write_text("Hello. [b-roll: shown.png]\n", encoding="utf-8")
    (tmp_path / "shown.png").write_bytes(b"mine")
    (tmp_path / "sound.md").write_bytes(bytes(range(256)) * 9)
    assert run(["storyboard", *arguments], Interrupts()) in {2, 3, 4}
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert words in told
    assert len(told.splitlines()) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"bad.md", "shown.md", "shown.png", "sound.md"}
    assert (tmp_path / "shown.png").read_bytes() == b"mine"


def test_a_file_that_is_not_there_yet_is_told_and_hinders_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("launch.md").write_text(SCRIPT, encoding="utf-8")
    assert run(["storyboard", "launch.md"], Interrupts()) == 0
    assert "`chart.png`: not there yet" in capsys.readouterr().out


def test_the_person_is_drawn_into_the_scenes(tmp_path: Path) -> None:
    Path("launch.md").write_text("## One\n[background: #00ff00]\nHi.\n\n## Two\n[background: no.png]\nBye.\n", "utf-8")
    Image.fromarray(close_up()).save("face.png")
    assert run(["storyboard", "launch.md", "--face", "face.png", "--size", "1080x1080"], Interrupts()) == 0
    with Image.open(tmp_path / "launch.storyboard.png") as sheet:
        colours = np.asarray(sheet.convert("RGB")).reshape(-1, 3).astype(int)
    green = np.abs(colours - (0, 255, 0)).max(axis=1) < 8
    skin = (colours[:, 0] > 180) & (colours[:, 2] > 110) & (colours[:, 0] - colours[:, 2] > 30)
    assert green.sum() > 5_000
    assert skin.sum() > 2_000
