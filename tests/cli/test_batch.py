"""`lipwright batch` as a user runs it: small real videos, refusals before anything runs, a table on a terminal."""

import csv
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from lipwright.media.probe import probe
from support.program import Program, command_line

WISHES = ("--tts", "fake", "--size", "128x128", "--fps", "10")
TABLE = "name;text;first_name;subtitles\nada;Hello {first_name}.;Ada;srt\nJosé;Good morning.;;\n"


@pytest.fixture
def folder(tmp_path: Path, drawn_portrait: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A portrait of nobody and a table, where the program runs."""
    (tmp_path / "face.png").write_bytes(drawn_portrait.read_bytes())
    (tmp_path / "s.csv").write_bytes(TABLE.encode("cp1252"))
    monkeypatch.setenv("LIPWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def test_rows_become_videos_and_the_same_command_makes_nothing_twice(folder: Path, lipwright: Program) -> None:
    command = ("batch", "s.csv", "--face", "face.png", "-o", "out", *WISHES)
    first = lipwright(*command)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("out: 2 made, in ")
    assert sorted(line.split()[2].rstrip(":") for line in first.stderr.splitlines()) == ["José", "ada"]
    assert probe(folder / "out" / "José.mp4").video is not None
    assert "Hello Ada." in (folder / "out" / "ada.srt").read_text()
    again = lipwright(*command, "--json")
    document = json.loads(again.stdout)
    assert document["counts"] == {"kept": 2}
    assert {row["voice"] for row in document["rows"]} == {"tone_en-us"}
    assert again.stderr == ""


def test_rows_that_cannot_be_made_are_refused_before_anything_is(folder: Path, lipwright: Program) -> None:
    (folder / "bad.csv").write_text("name,text,face,voice\na,Hi,,tone_xx\nb,Hi,wall.png,\nc,Hi,,\n")
    Image.new("RGB", (256, 256), "white").save(folder / "wall.png")
    done = lipwright("batch", "bad.csv", "--face", "face.png", "-o", "out", *WISHES, "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "batch_invalid"
    assert "line 2 (a): tone_xx" in done.stderr
    assert "line 3 (b): wall.png: no face found" in done.stderr
    assert not (folder / "out").exists()


def test_a_row_that_fails_is_told_and_the_others_are_made(folder: Path, lipwright: Program) -> None:
    (folder / "s.jsonl").write_text('{"name": "a", "text": "..."}\n{"name": "b", "text": "Hi."}\n')
    done = lipwright("batch", "s.jsonl", "--face", "face.png", "-o", "out", *WISHES, "--jobs", "1")
    assert done.returncode == 2, done.stderr
    assert "1 of 2 rows failed" in done.stderr
    with (folder / "out" / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert (rows["a"]["state"], rows["a"]["error_code"], rows["b"]["state"]) == ("failed", "text_empty", "made")


def test_rows_are_made_in_other_languages_too(folder: Path, lipwright: Program) -> None:
    environment = {"LIPWRIGHT_TRANSLATE": "fake"}
    command = ("batch", "s.csv", "--face", "face.png", "-o", "out", *WISHES, "--translate-to", "es,en-GB")
    done = lipwright(*command, "--json", environment=environment)
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: (row["language"], row["voice"]) for row in json.loads(done.stdout)["rows"]}
    assert rows["ada-es"] == ("es", "tone_es")
    assert set(rows) == {"ada", "ada-es", "José", "José-es"}
    said = json.loads((folder / "out" / "ada-es.lipwright.json").read_text())["text"]
    assert said == "es: Hello Ada."


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_finished_rows_and_leaves_no_half_one(folder: Path, number: signal.Signals, code: int) -> None:
    (folder / "s.csv").write_text("name,text\na,Hi.\n" + f"b,{'This takes long. ' * 200}\n")
    command = command_line("batch", "s.csv", "--face", "face.png", "-o", "out", *WISHES, "--jobs", "1")
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "made a" in process.stderr.readline()
        process.send_signal(number)
        err = process.stderr.read()
        assert process.wait(60) == code
    assert "1 of 2 rows are made, and stay" in err
    left = sorted(path.name for path in (folder / "out").iterdir())
    assert left == [".lipwright-batch", "a.lipwright.json", "a.mp4", "summary.csv", "summary.json"]


def test_a_terminal_shows_a_table(folder: Path) -> None:
    near, far = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    command = command_line("batch", "s.csv", "--face", "face.png", "-o", "out", *WISHES)
    with subprocess.Popen(command, cwd=folder, stdin=far, stdout=far, stderr=far, env=environment) as process:
        os.close(far)
        seen = b""
        while True:
            try:
                part = os.read(near, 65536)
            except OSError:  # the last writer has gone
                break
            if not part:
                break
            seen += part
    os.close(near)
    assert process.returncode == 0
    shown = seen.decode()
    for words in ("row", "state", "running", "render", "made", "2/2 rows", "out: 2 made"):
        assert words in shown


def test_help_imports_nothing_heavy() -> None:
    script = "import sys; import lipwright.cli.app; print({'numpy', 'rich', 'av', 'cv2'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout == "set()\n"
    )
