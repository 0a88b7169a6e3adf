"""The real program in a process of its own, as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

Speak: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]
"""`speak("photo.png", "--text", "Mama.")`, see tests/acceptance/conftest.py."""

SECONDS_AT_MOST = 300


def command_line(*arguments: str) -> list[str]:
    """What a shell would start for `lipwright ARGUMENTS`."""
    return [sys.executable, "-m", "lipwright.cli.main", *arguments]


class Program:
    """`program("doctor", "--json")` runs the program in `folder`, without a terminal, and waits for its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command_line(*arguments),
            capture_output=True,
            check=False,
            cwd=self.folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=SECONDS_AT_MOST,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start it and do not wait; the caller ends it."""
        return subprocess.Popen(
            command_line(*arguments),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
