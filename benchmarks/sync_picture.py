"""Lets people in videos say five sentences, and measures the picture: one line of a table for each video, on stderr.

python -m benchmarks.sync_picture --video talk.mp4 --video other.mp4

The figures are those of `lipwright check --against`: every one of them found again in the finished file. `!` follows a
figure beyond its limit, `?` one that is worth a look. Sharpness and energies (the change of lips, of what lies between
them and of skin from frame to frame) come with their standard errors. Speed is that of the whole program, its start
included. At the end, the worst of each figure is printed as a JSON document.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.dub_run import watched
from benchmarks.program import run_program

WORDS = (
    "My brother promised to bring five more paper maps before the weather became warm. "
    "Most people never look at a map now, but perhaps that is better. "
    "Please put the blue umbrella behind the door, because somebody may stumble over it. "
    "We moved to a bigger apartment above the bakery, and every morning the bread smells wonderful. "
    "Nobody remembers who built the bridge, but people have been walking over it for a hundred years."
)
"""Longer than the videos, which play back and forth under it: the more frames, the surer the figures."""


@dataclass(frozen=True)
class Column:
    """A figure of `lipwright check`, or of the run."""

    title: str
    key: str
    digits: int
    width: int = 7
    told: bool = False
    """With its standard error."""


COLUMNS = (
    Column("gap r", "gap_correlation", 3),
    Column("lag ms", "gap_lag", 1),
    Column("closed", "closed_mean", 4, 8),
    Column("worst", "closed_largest", 4, 8),
    Column("p b m", "bilabials_closed", 2),
    Column("faces", "face_share", 3),
    Column("around", "outside_change", 2),
    Column("sharp", "sharpness_mouth", 2, 11, told=True),
    Column("grain", "grain_mouth", 2),
    Column("lips", "energy_lips", 2, 11, told=True),
    Column("inside", "energy_interior", 2, 11, told=True),
    Column("skin", "energy_skin", 2, 11, told=True),
    Column("flicker", "flicker_mouth", 2, 8),
    Column("VMAF", "vmaf_outside", 1, 6),
)
MARKS = {"fail": "!", "warn": "?"}
MIDDLES = {"sharpness_mouth": 1.025, "energy_lips": 1.0, "energy_interior": 1.0, "energy_skin": 1.0}
LEAST, MOST = {"gap_correlation", "bilabials_closed", "face_share"}, {"closed_mean", "closed_largest"}


def main() -> None:
    """Make the videos and check them."""
    options = argparse.ArgumentParser()
    options.add_argument("--video", type=Path, action="append", required=True)
    options.add_argument("--keep", type=Path, help="a folder for the finished videos")
    given = options.parse_args()
    _say(f"{'clip':<26}{titles(COLUMNS)}{'frames/s':>9}{'core ms':>9}")
    found = []
    for video in given.video:
        with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
            found.append(_measured(video, given.keep or Path(name), Path(name) / "cache"))
    print(json.dumps({"samples": worst_of(found), "notes": {}}))  # noqa: T201 the result


def _measured(video: Path, folder: Path, cache: Path) -> dict[str, dict[str, Any]]:
    output = folder / f"{video.stem}.mp4"
    run = watched(
        "sync", str(video), "--text", WORDS, "--tts", "hibari", "--length", "bounce", "-o", str(output), cache=cache
    )
    checked = run_program("check", str(output), "--against", str(video), "--json", "-", cache=cache)
    metrics = {metric["key"]: metric for metric in checked["metrics"]}
    frames = run.printed["frames"]
    cells = "".join(cell(metrics[column.key], column) for column in COLUMNS)
    _say(f"{video.stem:<26}{cells}{frames / run.seconds:>9.1f}{1000 * run.core_seconds / frames:>9.1f}")
    return metrics


def titles(columns: Iterable[Column]) -> str:
    """Of the table."""
    return "".join(f"{column.title:>{column.width + 1}} " for column in columns)


def cell(metric: dict[str, Any], column: Column) -> str:
    """A figure, as wide as its title."""
    if metric["value"] is None:
        return f"{'-':>{column.width + 1}} "
    text = f"{metric['value']:.{column.digits}f}"
    error = re.search(r"\+- ([0-9.]+|inf)", metric["note"])
    if column.told and error:
        text += f" +-{error[1].removeprefix('0')}"
    return f"{text:>{column.width + 1}}{MARKS.get(metric['verdict'], ' ')}"


def worst_of(found: Sequence[dict[str, dict[str, Any]]]) -> dict[str, list[float]]:
    """Of each figure the value that is farthest from what it should be."""
    worst = {}
    for column in COLUMNS:
        measured = [one[column.key]["value"] for one in found if column.key in one]
        values = [value for value in measured if value is not None]
        if not values:
            continue
        if column.key in LEAST:
            worst[f"{column.key}_missing"] = [1 - min(values)]
        elif column.key in MOST:
            worst[column.key] = [max(values)]
        elif column.key in MIDDLES:
            worst[f"{column.key}_off"] = [max(abs(value - MIDDLES[column.key]) for value in values)]
    return worst


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 a report


if __name__ == "__main__":
    main()
