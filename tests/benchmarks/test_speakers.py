"""The measurement of speakers: names do not matter, and every wrong word counts."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEASURED = """
from benchmarks.speakers import diarisation_error
print(diarisation_error([1, 2, 3], ["a", "b", "a"], [7, 3, 7]))
print(diarisation_error([1.0, 3.0], ["a", "b"], [1, 1]))
print(round(diarisation_error([1.0, 3.0, 1.0], ["a", "a", "b"], [1, 2, 3]), 6))
"""


def test_merged_and_split_people_are_errors() -> None:
    ran = subprocess.run([sys.executable, "-c", MEASURED], cwd=ROOT, capture_output=True, check=True, text=True)
    assert ran.stdout.split() == ["0.0", "0.25", "0.2"]
