"""Staged work is killed at random moments; running it again continues where it was, with the same bytes in the end."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from support.killing import run_until_finished, seconds_of

WINDOWS = 12
STAGED_WORK = f"""
import hashlib, sys
from pathlib import Path
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise

folder, log = Path(sys.argv[1]), Path(sys.argv[2])

def note(text):
    with log.open("a") as file:
        file.write(text + "\\n")

with StageStore(folder) as store:
    before = b""
    for number in range({WINDOWS}):
        def make(place):
            note(f"begin {{number}}")
            state = before
            for part in range(4):
                with (place / f"part{{part}}").open("wb") as file:
                    for _ in range(40):
                        state = hashlib.sha512(state * 200).digest()
                        file.write(state * 100)
        inputs = {{"before": hashlib.sha256(before).hexdigest()}}
        place = memoise(store, StageKey("window", 1, parameters={{"number": number}}, inputs=inputs), make)
        before = b"".join((place / f"part{{part}}").read_bytes()[-64:] for part in range(4))
    print(hashlib.sha256(before).hexdigest())
"""


def command(folder: Path, log: Path) -> list[str]:
    return [sys.executable, "-c", STAGED_WORK, str(folder), str(log)]


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "results").rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("seed", range(3))
def test_killed_work_continues_and_ends_with_the_same_bytes(tmp_path: Path, seed: int) -> None:
    unbroken, broken, log = tmp_path / "unbroken", tmp_path / "broken", tmp_path / "log"
    longest_s = seconds_of(command(unbroken, tmp_path / "unbroken.log"))
    expected = subprocess.run(
        command(unbroken, tmp_path / "again.log"), capture_output=True, check=True, text=True
    ).stdout
    done = run_until_finished(command(broken, log), seed=seed, kills=6, longest_s=longest_s)
    assert done.output == expected
    assert contents(broken) == contents(unbroken)
    begun = log.read_text().splitlines()
    assert WINDOWS <= len(begun) <= WINDOWS + done.kills, "a kill costs no more than the window it hit"
    assert not (tmp_path / "again.log").exists(), "a second run computes nothing"
    assert list((broken / "making").iterdir()) == []
    assert list((broken / "owners").iterdir()) == []


def test_two_runs_at_once_agree(tmp_path: Path) -> None:
    runs = [
        subprocess.Popen(command(tmp_path / "stages", tmp_path / f"{run}.log"), stdout=subprocess.PIPE, text=True)
        for run in range(2)
    ]
    outputs = {run.communicate(timeout=60)[0] for run in runs}
    assert [run.returncode for run in runs] == [0, 0]
    assert len(outputs) == 1
    assert len(contents(tmp_path / "stages")) == WINDOWS * 5
    assert list((tmp_path / "stages" / "making").iterdir()) == []
