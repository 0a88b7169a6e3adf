"""`lipwright sync` as a user runs it, and what must not change meanwhile."""

import contextlib
import hashlib
import io
import os
import subprocess
from pathlib import Path
from unittest import mock

from lipwright.cli import main
from lipwright.cli.interrupts import Interrupts
from support.program import Program

QUICK = ("--preset", "fast", "--json")


def digest(path: Path) -> str:
    """Of everything in a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sync(lipwright: Program, *arguments: str, cache: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Make `out.mp4`, with finished windows in `cache`, or in a folder of that name beside it."""
    environment = {"LIPWRIGHT_CACHE_DIR": str(cache or lipwright.folder / "cache")}
    return lipwright("sync", *arguments, "-o", "out.mp4", *QUICK, environment=environment)


def sync_here(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The same in this process, which has loaded everything already; the current folder must be `folder`."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.dict(os.environ, {"LIPWRIGHT_CACHE_DIR": str(folder / "cache")}),
    ):
        code = main.run(["sync", *arguments, "-o", "out.mp4", *QUICK], Interrupts())
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def left_in(folder: Path) -> list[str]:
    """Names of what a run left beside its output that is no finished file."""
    return [path.name for path in folder.iterdir() if path.suffix in {".part", ".lock"} or path.name.startswith(".")]
