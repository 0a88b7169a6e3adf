"""Ctrl-C and SIGTERM at any moment of the work: no traceback, no partial file, the exit code that shells expect."""

import contextlib
import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.program import command_line

SECONDS_AT_MOST = 60
SECONDS_OF_WORK = 6.0
"""About as long as the commands below take; moments are drawn from it."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells which signals are handled")


def handles(process_id: int, number: signal.Signals) -> bool:
    """Whether a process has put its own handler in place."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
        caught = re.search(r"^SigCgt:\s*([0-9a-f]+)$", status, re.MULTILINE)
        return caught is not None and bool(int(caught[1], 16) >> (number - 1) & 1)
    return False


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_at_a_random_moment_leaves_nothing(
    tmp_path: Path, photo: Path, number: signal.Signals, exit_code: int, seed: int
) -> None:
    moment_s = random.Random(f"{number.name} {seed}").uniform(0, SECONDS_OF_WORK)  # noqa: S311 no secret
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    arguments = ("--face", photo.name, "--output", "talk.mp4", "--text", "My mum may pay for it. " * 8)
    wishes = ("--size", "512x512", "--subtitles", "burn,srt,embed", "--tts", "hibari")
    with subprocess.Popen(
        command_line("speak", *arguments, *wishes),
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(scratch), "CI": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        until = time.monotonic() + SECONDS_AT_MOST
        while not handles(process.pid, signal.SIGTERM) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment_s)
        process.send_signal(number)
        out, err = process.communicate(timeout=SECONDS_AT_MOST)
    made = sorted(path.name for path in tmp_path.iterdir() if path not in {photo, scratch})
    assert "Traceback" not in err
    assert sorted(scratch.iterdir()) == []
    if process.returncode == 0:  # it was done before the signal came
        assert made == ["talk.lipwright.json", "talk.mp4", "talk.srt"]
        return
    assert process.returncode == exit_code, err
    assert out == ""
    assert err.startswith("error: stopped")
    assert made == []
