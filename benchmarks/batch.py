"""Clips of 14 s from a CSV: how long a batch takes, and how many clips a killed one makes twice.

    python -m benchmarks.batch                 50 rows, unbroken
    python -m benchmarks.batch --rows 4        fewer
    python -m benchmarks.batch --kill          killed in the middle, and run again

Measures every clip: its length, where its sound is against its picture, and whether its face is seen.
"""

import argparse
import csv
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import usable_cores
from benchmarks.material import Material
from benchmarks.program import run_program

TEXT = (
    "Good morning {first_name}, and thank you for coming. Before we begin, a few words about what you see. "
    "My mother bought a paper map, and my brother promised to bring {count} more before the weather became warm. "
    "Most people never look at a map now, {first_name}."
)
NAMES = ("Ada", "Grace", "Mary", "Barbara", "Frances", "Margaret", "Hedy", "Karen", "Radia", "Jean")
SHOWN = ("av_offset", "av_end", "av_length", "face_share", "loudness", "bilabials_closed")


def main() -> None:
    """Run it and print its figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50)
    parser.add_argument("--kill", action="store_true", help="kill it in the middle, and run it again")
    parser.add_argument("--seed", type=int, default=1, help="decides when it is killed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lipwright-batch-") as folder:
        document = measure(Path(folder), given.rows, random.Random(given.seed) if given.kill else None)  # noqa: S311
    print(json.dumps(document, indent=2))  # noqa: T201 a report


def measure(folder: Path, rows: int, moments: random.Random | None) -> dict[str, Any]:
    """Make the clips in a folder, and look at them."""
    with (folder / "scripts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "text", "first_name", "count"])
        writer.writerows([f"clip-{i:03}", TEXT, NAMES[i % len(NAMES)], 3 + i] for i in range(rows))
    photo = Material(folder).filled("{astronaut}")
    command = [sys.executable, "-m", "lipwright.cli.main", "batch", str(folder / "scripts.csv"), "--face", photo]
    command += ["-o", str(folder / "out"), "--tts", "hibari", "--size", "512x512", "--json", "--quiet"]
    twice = _killed_in_the_middle(command, folder, rows, moments) if moments is not None else None
    begun, used = time.perf_counter(), _core_seconds()
    done = _run(command, folder)
    seconds, core_seconds = time.perf_counter() - begun, _core_seconds() - used
    made = [row for row in done["rows"] if row["state"] == "made"]
    if twice is not None:
        twice = sum(row["name"] in twice for row in made)
    video_s = sum(row["duration_s"] for row in done["rows"])
    quality = [_quality(folder / "out" / f"{row['name']}.mp4", photo, folder) for row in done["rows"]]
    samples: dict[str, list[float]] = {"seconds": [seconds]}
    if twice is not None:
        samples = {"made_twice": [twice]}
    return {
        "samples": samples,
        "duration_s": video_s,
        "notes": {
            "cores": usable_cores(),
            "rows": len(done["rows"]),
            "made": len(made),
            "core seconds a clip": round(core_seconds / max(len(made), 1), 2),
            "seconds a clip": round(seconds / max(len(made), 1), 2),
            "clip lengths s": sorted({row["duration_s"] for row in done["rows"]}),
            "largest process MB": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
            **{key: [one[key] for one in quality] for key in SHOWN if quality and key in quality[0]},
        },
    }


def _killed_in_the_middle(command: list[str], folder: Path, rows: int, moments: random.Random) -> set[str]:
    """Kill the batch and its processes when about half of the rows are made.

    Returns: names of the videos that are there.
    """
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=_environment(folder), start_new_session=True)
    out = folder / "out"
    while process.poll() is None and len(list(out.glob("*.mp4"))) < max(rows // 2, 1):
        time.sleep(0.05)
    time.sleep(moments.uniform(0, 2))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return {path.stem for path in out.glob("*.mp4")}


def _run(command: list[str], folder: Path) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, check=False, text=True, env=_environment(folder))
    document: dict[str, Any] = json.loads(done.stdout)
    if done.returncode:
        raise SystemExit(f"the batch ended with {done.returncode}: {done.stderr}")
    return document


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "LIPWRIGHT_CACHE_DIR": str(folder / "cache")}


def _core_seconds() -> float:
    """Of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _quality(video: Path, photo: str, folder: Path) -> dict[str, float]:
    """What the program itself measures on a finished clip."""
    document = run_program("check", str(video), "--photo", photo, "--json", "-", cache=folder / "cache")
    return {metric["key"]: metric["value"] for metric in document["metrics"]}


if __name__ == "__main__":
    main()
