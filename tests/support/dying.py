"""`lipwright dub` in processes that get a signal at a named point of their work.

A fault point is the name of a stage, as the work tells its progress, and how often the work looks in there before it
is hit: 0 is the beginning of the stage. All runs are forks of one process, which has loaded everything once.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

SECONDS_AT_MOST = 300
RUNNER = "from support.dying import run_all; run_all()"


@dataclass(frozen=True)
class Point:
    """Where a run gets a signal; nowhere when there is no stage."""

    stage: str = ""
    looks: int = 0
    signal: str = "SIGKILL"


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    exit_code: int
    """Minus the number of the signal that killed it."""
    looks: dict[str, int]
    """How often it looked in at each stage that it reached."""
    late_s: float
    """Between the signal and the end; 0 when it got none."""
    error: str
    beside: list[str]
    """Names in the folder behind it."""
    document: Any
    """The project's `project.json` behind it; None without one."""


def run_dubs(folder: Path, arguments: Sequence[str], points: Sequence[Point], project: str) -> list[Ended]:
    """Run the same dub once for each point, one after the other.

    Args:
        project: the folder of the dub.
    """
    task = {"arguments": list(arguments), "points": [asdict(point) for point in points], "project": project}
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(task),
        capture_output=True,
        check=False,
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "LIPWRIGHT_CACHE_DIR": str(folder / "cache"),
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        },
        text=True,
        timeout=SECONDS_AT_MOST,
    )
    assert done.returncode == 0, done.stderr
    return [Ended(**one) for one in json.loads(done.stdout)]


def run_all() -> None:
    """Read what to run from stdin, and tell how it ended on stdout."""
    task = json.load(sys.stdin)
    _load()
    ended = []
    for number, point in enumerate(task["points"]):
        log = Path(f".run{number}.log")
        sys.stdout.flush()
        child = os.fork()
        if not child:
            os._exit(_run(task["arguments"], Point(**point), log))
        _, status = os.waitpid(child, 0)
        end_s = time.monotonic()
        log.touch()
        told = [json.loads(line) for line in log.read_text().splitlines()]
        log.unlink()
        hit_s = [one["hit"] for one in told if "hit" in one]
        document = Path(task["project"]) / "project.json"
        ended.append(
            {
                "exit_code": os.waitstatus_to_exitcode(status),
                "looks": {one["stage"]: one["looks"] for one in told if "stage" in one},
                "late_s": end_s - hit_s[0] if hit_s else 0.0,
                "error": "".join(one["error"] for one in told if "error" in one),
                "beside": sorted(path.name for path in Path().iterdir()),
                "document": json.loads(document.read_text()) if document.exists() else None,
            }
        )
    json.dump(ended, sys.stdout)


def _load() -> None:
    """Import what a dub imports, and start no thread."""
    for name in (
        "lipwright.cli.dub",
        "lipwright.cli.progress",
        "lipwright.pipeline.dub",
        "lipwright.pipeline.dubbing",
        "support.dubbed",
    ):
        import_module(name)


def _run(arguments: Sequence[str], point: Point, log: Path) -> int:
    import io
    from contextlib import redirect_stderr, redirect_stdout
    from unittest import mock

    from lipwright.cli import main
    from lipwright.cli.interrupts import Interrupts
    from lipwright.cli.progress import CommandProgress
    from support.dubbed import counting_engines

    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    now, looks = "", 0

    def tell(what: dict[str, object]) -> None:
        os.write(file, f"{json.dumps(what)}\n".encode())

    def look() -> None:
        nonlocal looks
        if (now, looks) == (point.stage, point.looks):
            tell({"hit": time.monotonic()})
            os.kill(os.getpid(), signal.Signals[point.signal])
        looks += 1
        tell({"stage": now, "looks": looks})

    class Watched(CommandProgress):
        def stage(self, name: str, total: int | None) -> None:
            nonlocal now, looks
            super().stage(name, total)
            now, looks = name, 0
            look()

        def advance(self, n: int = 1) -> None:
            super().advance(n)
            look()

        def check_cancelled(self) -> None:
            look()
            super().check_cancelled()

    interrupts, error = Interrupts(), io.StringIO()
    interrupts.install()
    with (
        redirect_stdout(io.StringIO()),
        redirect_stderr(error),
        mock.patch("lipwright.cli.progress.CommandProgress", Watched),
        counting_engines(),
    ):
        code = main.run(arguments, interrupts)
    tell({"error": error.getvalue()})
    return code
