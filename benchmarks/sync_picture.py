"""Lets a person in a video say two sentences, and measures the picture. Prints one JSON document.

python -m benchmarks.sync_picture --video talk.mp4

The figures are those of `lipwright check --against`: every one of them found again in the finished file.
"""

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.program import run_program

WORDS = (
    "My brother promised to bring five more paper maps before the weather became warm. "
    "Most people never look at a map now, but perhaps that is better."
)
SHOWN = {
    "gap_correlation": "lips as drawn",
    "gap_lag": "lag ms",
    "bilabials_closed": "p b m closed",
    "faces_found": "faces found",
    "outside_change": "change around the mask",
    "sharpness_mouth": "sharpness",
    "grain_mouth": "grain",
    "energy_lips": "energy lips",
    "energy_teeth": "teeth",
    "energy_skin": "skin",
    "flicker": "flicker",
    "vmaf_outside": "VMAF outside",
}


def main() -> None:
    """Make the video and check it."""
    options = argparse.ArgumentParser()
    options.add_argument("--video", type=Path, required=True)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="lipwright-bench-") as name:
        folder = Path(name)
        output = folder / "out.mp4"
        run_program(
            "sync", str(given.video), "--text", WORDS, "--tts", "hibari", "--length", "cut", "-o", str(output),
            "--json", "--quiet", cache=folder / "cache",
        )  # fmt: skip
        checked = run_program(
            "check", str(output), "--against", str(given.video), "--json", "-", cache=folder / "cache"
        )
    values = {metric["key"]: metric["value"] for metric in checked["metrics"]}
    samples = {
        "correlation_missing": [1 - values["gap_correlation"]],
        "closed_mean": [values["closed_mean"]],
        "closed_largest": [values["closed_largest"]],
    }
    notes = {title: round(values[key], 3) for key, title in SHOWN.items() if values.get(key) is not None}
    print(json.dumps({"samples": samples, "notes": notes}))  # noqa: T201 the result


if __name__ == "__main__":
    main()
