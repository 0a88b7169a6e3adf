"""Progress is shown on a terminal, and nowhere else."""

import os
import pty
import subprocess
import sys

import pytest

from lipwright.cli.interrupts import Interrupts
from lipwright.cli.progress import watched

WORK = """
from lipwright.cli.interrupts import Interrupts
from lipwright.cli.progress import watched
with watched(Interrupts(), quiet={quiet}) as progress:
    progress.stage("speak", 2)
    progress.advance()
    progress.advance()
    progress.stage("render", 100)
    for _ in range(100):
        progress.advance()
    progress.stage("finish", None)
print("done")
"""


def on_a_terminal(script: str) -> str:
    """What a person sees of a Python script."""
    near, far = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=far, stdout=far, stderr=far, env=environment
    ) as process:
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
    assert process.returncode == 0, seen.decode()
    return seen.decode()


def test_stages_with_rate_and_time_are_shown_on_a_terminal() -> None:
    seen = on_a_terminal(WORK.format(quiet=False))
    assert "speak" in seen
    assert "render" in seen
    assert "100/100" in seen
    assert "/s" in seen
    assert "left" in seen


def test_quiet_shows_nothing_on_a_terminal() -> None:
    assert on_a_terminal(WORK.format(quiet=True)).split() == ["done"]


def test_pipe_gets_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with watched(Interrupts(), quiet=False) as progress:
        progress.stage("render", 3)
        progress.advance(3)
        progress.check_cancelled()
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""
