"""The scenarios, without running them: a typo must not wait for somebody to measure."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

LOAD = """
from pathlib import Path
from tempfile import TemporaryDirectory
from benchmarks.material import Material
from benchmarks.scenario import load_scenarios

scenarios = load_scenarios()
names = [scenario.name for scenario in scenarios]
assert len(set(names)) == len(names), names
with TemporaryDirectory() as folder:
    material = Material(Path(folder))
    for scenario in scenarios:
        assert scenario.repeats >= 1
        assert scenario.memory_like in (None, *names)
        material.missing(scenario.arguments)
        for argument in (*scenario.arguments, scenario.photo or ""):
            assert "{" not in material.filled(argument), argument
"""


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False, text=True)


def test_every_scenario_can_be_filled() -> None:
    done = run("-c", LOAD)
    assert done.returncode == 0, done.stderr


def test_runner_prints_the_machine_first() -> None:
    done = run("-m", "benchmarks.run", "no such scenario")
    assert done.returncode == 0, done.stderr
    machine, versions, *_, header = done.stdout.splitlines()
    assert machine.startswith("machine: ")
    assert "commit" in versions
    assert header.split()[:2] == ["scenario", "figure"]
