"""Run the scenarios and print what came out.

    python -m benchmarks               all of them
    python -m benchmarks help kokoro   those whose names hold one of these words

Prints machine and commit, then per scenario: repeats, median and 95th percentile of its figure, its promise, peak
memory, and what `lipwright check` says of the last file.
"""

import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from skimage import data

FOLDER = Path(__file__).parent
SECONDS_PER_PARAGRAPH = 30
PARAGRAPH = """\
Good morning, and thank you for coming. Before we begin, a few words about what you see. \
This picture was a photograph, and it stayed one; only the mouth, the eyes and the head were moved, a little at a \
time, by the sounds of this sentence. \
My mother bought a paper map, and my brother promised to bring five more before the weather became warm. \
Most people never look at a map now. They simply ask, and a pleasant voice replies. Perhaps that is better. \
Perhaps we have lost something. What do you think?
"""


@dataclass(frozen=True)
class Run:
    """One execution."""

    seconds: float
    peak_memory_mb: float
    report: dict[str, Any]
    """The JSON document that the program printed; empty if it prints none."""

    @property
    def real_time_factor(self) -> float:
        return self.seconds / float(self.report["duration_s"])


def main(wanted: list[str]) -> None:
    """Run the scenarios whose names hold one of the wanted words, or all."""
    _say(f"machine: {_processor()}, {len(os.sched_getaffinity(0))} cores, {platform.system()} {platform.release()}")
    _say(f"python {platform.python_version()}, commit {_commit()}, load {os.getloadavg()[0]:.1f}\n")
    _say(f"{'scenario':<52}{'figure':<18}{'repeats':>8}{'median':>9}{'p95':>9}{'promise':>9}{'memory':>9}")
    scenarios = tomllib.loads((FOLDER / "scenarios.toml").read_text(encoding="utf-8"))["scenario"]
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as folder:
        for scenario in scenarios:
            if not wanted or any(word in scenario["name"] for word in wanted):
                _run_scenario(scenario, Path(folder))


def _run_scenario(scenario: dict[str, Any], folder: Path) -> None:
    arguments = [_filled(argument, folder) for argument in scenario["arguments"]]
    runs = [_run(arguments) for _ in range(scenario["warm_up"] + scenario["repeats"])][scenario["warm_up"] :]
    figures = [float(getattr(run, scenario["figure"])) for run in runs]
    median, p95 = statistics.median(figures), float(np.percentile(figures, 95))
    memory = max(run.peak_memory_mb for run in runs)
    _say(
        f"{scenario['name']:<52}{scenario['figure']:<18}{len(runs):>8}{median:>9.2f}{p95:>9.2f}"
        f"{scenario['promise']:>9}{memory:>6.0f} MB{'' if median <= scenario['promise'] else '  MISSED'}"
    )
    if runs[-1].report:
        _say(_indented(_lipwright(["check", runs[-1].report["output"]]).stdout))


def _run(arguments: list[str]) -> Run:
    """Run the program once; memory is that of its largest process."""
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        process = subprocess.Popen([*_program(), *arguments], stdout=output, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"lipwright {' '.join(arguments)} exited with {process.returncode}")
        output.seek(0)
        printed = output.read()
    return Run(seconds, usage.ru_maxrss / 1024, json.loads(printed) if "--json" in arguments else {})


def _filled(argument: str, folder: Path) -> str:
    words = re.fullmatch(r"\{words:(\d+)\}", argument)
    if words:
        path = folder / f"words-{words[1]}.txt"
        path.write_text(PARAGRAPH * (int(words[1]) // SECONDS_PER_PARAGRAPH), encoding="utf-8")
        return str(path)
    if argument == "{photo}":
        path = folder / "photo.png"
        Image.fromarray(data.astronaut()).save(path)
        return str(path)
    return str(folder / "out.mp4") if argument == "{out}" else argument


def _program() -> list[str]:
    return [sys.executable, "-m", "lipwright.cli.main"]


def _lipwright(arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*_program(), *arguments], capture_output=True, check=False, text=True)


def _processor() -> str:
    table = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.*)$", table.read_text(), re.MULTILINE) if table.exists() else None
    return found[1] if found else platform.processor()


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    done = subprocess.run(
        [git, "describe", "--always", "--dirty"], cwd=FOLDER, capture_output=True, check=False, text=True
    )
    return done.stdout.strip() or "unknown"


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 a report


if __name__ == "__main__":
    main(sys.argv[1:])
