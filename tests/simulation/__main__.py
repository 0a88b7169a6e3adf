"""Random schedules of what befalls a job service, and what must hold behind them. See `schedule` and `checks`.

python -m tests.simulation --schedules 500
python -m tests.simulation --database postgres --seed 17
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]  # as pytest has it
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])

from simulation.schedule import schedule_of  # noqa: E402
from simulation.world import databases, simulated  # noqa: E402


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--database", choices=("sqlite", "postgres"), nargs="+", default=["sqlite", "postgres"])
    options.add_argument("--schedules", type=int, default=500)
    options.add_argument("--first", type=int, default=0, help="seed of the first one")
    options.add_argument("--seed", type=int, nargs="+", help="only these")
    options.add_argument("--seconds", type=float, default=float("inf"), help="begin none after so long")
    options.add_argument("--keep", type=Path, help="where logs of those that fail are kept")
    given = options.parse_args()
    seeds = given.seed or range(given.first, given.first + given.schedules)
    begin_s = time.monotonic()
    failed, done = [], 0
    for number, kind in enumerate(given.database):
        with databases(kind) as new:
            # Several databases share the schedules.
            for seed in seeds if given.seed else list(seeds)[number :: len(given.database)]:
                if time.monotonic() - begin_s > given.seconds * (number + 1) / len(given.database):
                    break
                done += 1
                if not _holds(kind, seed, new, given.keep):
                    failed.append((kind, seed))
    _say(f"{done} schedules in {time.monotonic() - begin_s:.0f} s, {len(failed)} with violations")
    if failed or not done:
        raise SystemExit(1)


def _holds(kind: str, seed: int, new, keep: Path | None) -> bool:  # type: ignore[no-untyped-def]
    schedule = schedule_of(seed)
    begin_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lipwright-simulation-") as name:
        folder = Path(name).resolve()
        try:
            world = simulated(schedule, new, folder)
            wrong = world.wrong
        except Exception as error:
            world, wrong = None, [f"the simulation itself failed: {error!r}"]
        states = [caller.view.get("state", "?") for caller in world.callers] if world else []
        _say(
            f"{kind} {seed}: {time.monotonic() - begin_s:.1f} s, {len(schedule.blows)} blows, "
            f"{world.died if world else 0} workers gave way, jobs {' '.join(states)}: {'WRONG' if wrong else 'holds'}",
        )
        if wrong:
            for line in wrong:
                _say(f"  {line}")
            for line in world.story if world else []:
                _say(f"    {line}")
            for caller in world.callers if world else []:
                _say(f"    {caller.id} {caller.plan} {caller.did}")
            _say(f"  again: python -m tests.simulation --database {kind} --seed {seed}")
            if keep:
                shutil.copytree(folder, keep / f"{kind}-{seed}", dirs_exist_ok=True)
    return not wrong


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 the result


if __name__ == "__main__":
    main()
