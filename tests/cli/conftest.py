"""The real program, run as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

RunCli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def lipwright(tmp_path: Path) -> RunCli:
    """`lipwright("doctor", "--json")` runs the program with piped output in an empty folder."""

    def run(*arguments: str, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "lipwright.cli.main", *arguments],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=120,
        )

    return run
