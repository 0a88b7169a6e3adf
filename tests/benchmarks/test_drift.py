"""The measurement of drift: it finds none where there is none, and it finds one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BROKEN = """
from fractions import Fraction
from pathlib import Path
import numpy as np
from benchmarks.drift import Drawn, Found, compare

fps = Fraction(25)
times_s = [number / fps for number in range(25 * 3600)]
flashes = list(range(50, 25 * 3600 - 25, 175))
drawn = Drawn(Path("none"), times_s, flashes)
numbers = np.arange(len(times_s))

def samples(numbers, flash_frames, stretched=1.0):
    seen = [frame / fps for frame in flash_frames]
    heard = [float(times_s[frame]) * stretched for frame in flashes]
    return compare(drawn, Found(fps, np.array(numbers), seen, heard, 3600.0))["samples"]

assert samples(numbers, flashes)["drift_frames"] == [0]
assert samples(numbers, flashes)["wrong_frames"] == [0]
assert max(samples(numbers, flashes)["offset_ms"]) == 0

# 23.976 taken for 24, as the sound would run away.
assert samples(numbers, flashes, 1.001)["drift_frames"][0] > 80

# Of every thousand frames one is lost.
lost = [number for number in numbers if number % 1000 != 501]
place = {number: index for index, number in enumerate(lost)}
found = samples(lost, [place[frame] for frame in flashes])
assert found["drift_frames"][0] > 80, found
assert found["wrong_frames"][0] > 80_000, found
"""


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False, text=True)


@pytest.mark.parametrize("fps", ["24000/1001", "variable"])
def test_nothing_drifts_through_segments(fps: str) -> None:
    done = run("-m", "benchmarks.drift", "--fps", fps, "--minutes", "0.8")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["samples"]["drift_frames"] == [0]
    assert document["samples"]["wrong_frames"] == [0]
    assert max(document["samples"]["offset_ms"]) < 20


def test_drift_is_found() -> None:
    done = run("-c", BROKEN)
    assert done.returncode == 0, done.stderr


def test_plain_work_on_a_clip_is_timed(tmp_path: Path) -> None:
    make = (
        "from pathlib import Path; from support.clips import write_clip; import sys; write_clip(Path(sys.argv[1]), 30)"
    )
    path = tmp_path / "a.mp4"
    done = run("-c", f"import sys; sys.path.insert(0, 'tests'); {make}", str(path))
    assert done.returncode == 0, done.stderr
    done = run("-m", "benchmarks.plain", str(path))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["notes"]["frames"] == 30
    assert document["samples"]["core_ms_per_frame"][0] > 0
