"""Run the scenarios and print what came out.

    python -m benchmarks.run               all of them
    python -m benchmarks.run help picture  those whose names hold one of these words

Prints machine and commit; then per scenario and figure: warm-up, repeats, median, 95th percentile and the promise;
then peak memory, and what `lipwright check` says of the last video.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.material import Material
from benchmarks.scenario import Scenario, load_scenarios

MEMORY_GROWTH_AT_MOST = 0.10
SHOWN = (
    ("gap_correlation", "lips as drawn"),
    ("closed_mean", "closed mean"),
    ("closed_largest", "closed worst"),
    ("bilabials_closed", "p b m closed"),
    ("vowels_open", "vowels open"),
    ("face_share", "frames with a face"),
    ("sharpness_face", "sharpness face"),
    ("sharpness_mouth", "mouth"),
    ("outside_largest", "beside the person"),
    ("av_offset", "A/V offset"),
    ("av_end", "A/V end"),
    ("loudness", "loudness"),
)
"""Figures of `lipwright check` that are printed beside the speed."""


@dataclass(frozen=True)
class Run:
    """One execution."""

    seconds: float
    core_seconds: float
    """Of all cores together."""
    peak_memory_mb: float
    printed: dict[str, Any]
    """The JSON document that the program printed; empty if it prints none."""

    def samples(self, figure: str) -> list[float]:
        """The values of one figure."""
        if figure == "real_time_factor":
            return [self.seconds / float(self.printed["duration_s"])]
        if figure in ("seconds", "peak_memory_mb"):
            return [float(getattr(self, figure))]
        return [float(value) for value in self.printed["samples"][figure]]


def main(wanted: list[str]) -> None:
    """Run the scenarios whose names hold one of the wanted words, or all."""
    _say(describe_machine() + "\n")
    _say(f"{'scenario':<20}{'figure':<18}{'warm-up':>8}{'repeats':>8}{'median':>9}{'p95':>9}{'promise':>9}")
    memory: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as folder:
        material = Material(Path(folder))
        for scenario in load_scenarios():
            if not wanted or any(word in scenario.name for word in wanted):
                missing = material.missing(scenario.arguments)
                if missing is not None:
                    _say(f"{scenario.name:<20}left out: {missing}")
                    continue
                memory[scenario.name] = _run_scenario(scenario, material, memory)


def _run_scenario(scenario: Scenario, material: Material, memory: dict[str, float]) -> float:
    """Run one scenario and print it. Returns: its peak memory in MB."""
    arguments = [material.filled(argument) for argument in scenario.arguments]
    command = [sys.executable, "-m", scenario.module, *arguments]
    runs = [_run(command) for _ in range(scenario.warm_up + scenario.repeats)][scenario.warm_up :]
    for figure, promise in scenario.promises.items():
        values = [value for run in runs for value in run.samples(figure)]
        median, p95 = statistics.median(values), float(np.percentile(values, 95))
        kept = "" if median <= promise else "  MISSED"
        _say(
            f"{scenario.name:<20}{figure:<18}{scenario.warm_up:>8}{len(values):>8}"
            f"{median:>9.3g}{p95:>9.3g}{promise:>9g}{kept}"
        )
    peak = max(run.peak_memory_mb for run in runs)
    core_seconds = statistics.median(run.core_seconds for run in runs)
    details = [scenario.about, f"peak memory {peak:.0f} MB", f"{core_seconds:.1f} s of cores"]
    if "duration_s" in runs[-1].printed:
        details[-1] += f" for {runs[-1].printed['duration_s']:.1f} s of video"
    if scenario.memory_like in memory:
        growth = peak / memory[scenario.memory_like] - 1
        details.append(f"{100 * growth:+.0f} % against {scenario.memory_like}")
        if abs(growth) > MEMORY_GROWTH_AT_MOST:
            details[-1] += " MISSED"
    last = runs[-1].printed
    details += [f"{name} {value}" for name, value in last.get("notes", {}).items()]
    _say(f"{scenario.name if not scenario.promises else '':<20}{'; '.join(details)}")
    if scenario.photo is not None:
        _say(f"{'':<20}{_quality(Path(last['output']), Path(material.filled(scenario.photo)))}")
    return peak


def _run(command: list[str]) -> Run:
    """Run a command once; memory is that of its largest process."""
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stdin=subprocess.DEVNULL, cwd=Path(__file__).parents[1])
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command[1:])} exited with {process.returncode}")
        output.seek(0)
        printed = output.read()
    core_seconds = usage.ru_utime + usage.ru_stime
    return Run(seconds, core_seconds, usage.ru_maxrss / 1024, json.loads(printed) if printed.startswith(b"{") else {})


def _quality(video: Path, photo: Path) -> str:
    """What the program itself measures on a finished video, in one line."""
    command = [sys.executable, "-m", "lipwright.cli.main", "check", str(video), "--photo", str(photo), "--json", "-"]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    document = json.loads(done.stdout)
    if "metrics" not in document:
        return f"not measured: {document}"
    metrics = {metric["key"]: metric for metric in document["metrics"]}
    parts = []
    for key, name in SHOWN:
        metric = metrics[key]
        value = "-" if metric["value"] is None else f"{metric['value']:.3g}"
        parts.append(f"{name} {value}{_mark(metric)}")
    shown = {key for key, _ in SHOWN}
    parts += [
        f"{key} {metric['value']:.3g}{_mark(metric)}"
        for key, metric in metrics.items()
        if key not in shown and _mark(metric)
    ]
    return f"check: {document['verdict']}: {', '.join(parts)}"


def _mark(metric: dict[str, Any]) -> str:
    """`!` behind a figure that fails, `?` behind one that warns."""
    return {"fail": "!", "warn": "?"}.get(metric["verdict"], "")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 a report


if __name__ == "__main__":
    main(sys.argv[1:])
