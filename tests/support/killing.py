"""Real processes are killed at random moments, which one seed decides, and run again until they finish."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS_AT_MOST = 300


@dataclass(frozen=True)
class Killed:
    """What happened to a command that was killed and run again."""

    kills: int
    """How many runs were killed before their end."""
    output: str
    """What the last run printed."""


def run_until_finished(
    command: Sequence[str],
    *,
    seed: int,
    kills: int,
    longest_s: float,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Killed:
    """Start a command again and again, kill -9 it and its children, and let it finish in the end.

    Args:
        kills: how many runs are given less time than they may want.
        longest_s: such a run is killed after a random time below this; about what an unbroken run takes.
    Returns: only after a run that ended by itself with exit status 0.
    """
    moments = random.Random(seed)  # noqa: S311, no secret
    killed = 0
    for _ in range(kills):
        finished = _run(command, moments.uniform(0, longest_s), folder, environment)
        if finished is not None:
            return Killed(killed, finished)
        killed += 1
    finished = _run(command, SECONDS_AT_MOST, folder, environment)
    assert finished is not None, f"not finished after {SECONDS_AT_MOST} s: {command}"
    return Killed(killed, finished)


def seconds_of(command: Sequence[str], folder: Path | None = None) -> float:
    """How long an unbroken run takes."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=SECONDS_AT_MOST)
    return time.perf_counter() - begun


def _run(
    command: Sequence[str], limit_s: float, folder: Path | None, environment: Mapping[str, str] | None
) -> str | None:
    """Give what a command printed, or None if it was killed because its time was up."""
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
    assert process.returncode == 0, f"exit status {process.returncode}: {output}"
    return output
