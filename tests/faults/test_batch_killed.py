"""`lipwright batch` is killed at random moments and run again: what was finished is not made twice."""

import json
from pathlib import Path

import pytest

from support.killing import run_until_finished, seconds_of
from support.program import command_line

ROWS = 5
KILLS = 2


def test_a_killed_batch_goes_on_with_what_is_missing(
    tmp_path: Path, drawn_portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIPWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "s.csv").write_text("name,text\n" + "".join(f"n{i},Mama may bake a pie {i}.\n" for i in range(ROWS)))
    wishes = ("--tts", "fake", "--size", "128x128", "--fps", "10", "--json", "--quiet", "--jobs", "2")
    command = command_line("batch", "s.csv", "--face", str(drawn_portrait), *wishes, "-o")
    unbroken_s = seconds_of([*command, "whole"], tmp_path)

    done = run_until_finished([*command, "out"], seed=5, kills=KILLS, longest_s=unbroken_s, folder=tmp_path)

    assert done.kills
    rows = json.loads(done.output)["rows"]
    assert {row["state"] for row in rows} <= {"made", "kept"}
    out = tmp_path / "out"
    records = {path.stem: json.loads(path.read_text()) for path in (out / ".lipwright-batch").glob("*.json")}
    assert len(records) == ROWS
    for row in rows:
        assert (out / f"{row['name']}.mp4").read_bytes() == (tmp_path / "whole" / f"{row['name']}.mp4").read_bytes()
    expected = {f"n{i}{end}" for i in range(ROWS) for end in (".mp4", ".lipwright.json")}
    left = {path.name for path in out.iterdir()} - {"summary.json", "summary.csv", ".lipwright-batch"}
    assert left == expected, "no litter"
