"""Fakes of speak and dub for the simulation: stages that sleep, stumble, die and leave a child behind.

What a stage does follows from the job's seed; each thing that it makes is unlike every other.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lipwright.contracts.job import DubSpec, SpeakSpec
from lipwright.contracts.route import Divided, Route, StagePlan, StageWork
from lipwright.contracts.strict import Strict
from lipwright.errors import FaceNotFound, ProviderTimeout

PLANS = {
    "speak": (StagePlan("speak", "cpu", True), StagePlan("render", "gpu", True)),
    "dub": (
        StagePlan("separate", "cpu"),
        StagePlan("transcribe", "cpu", True),
        StagePlan("translate", "io", True),
        StagePlan("speak", "io", True),
        StagePlan("finish", "gpu"),
    ),
}
PARTS = {"speak": {"render": 5}, "dub": {"separate": 2, "speak": 4}}
"""Stages that are done in parts."""
FOLDER_VARIABLE = "LIPWRIGHT_HOUSE"
HOLD_MS = 2500
CHILD_SLEEPS_S = 60


@dataclass(frozen=True)
class Fake(Route):
    """A kind of job; it tells a log when a stage begins."""

    kind: str
    log: Path

    def stages(self, spec: Strict) -> tuple[StagePlan, ...]:
        return PLANS[self.kind]

    def assets(self, spec: Strict) -> frozenset[str]:
        assert isinstance(spec, SpeakSpec | DubSpec)
        return frozenset({spec.face if isinstance(spec, SpeakSpec) else spec.video})

    def run(self, work: StageWork) -> Mapping[str, Path] | Divided:
        assert isinstance(work.spec, SpeakSpec | DubSpec)
        count = PARTS[self.kind].get(work.stage, 0)
        if count and work.part is None and work.parts is None:
            return Divided(tuple(str(number) for number in range(count)))
        chance = random.Random(f"{work.spec.seed}:{work.stage}:{work.take}:{work.part}")  # noqa: S311
        self._tell(work, os.getpid())
        lot, sleep_s = chance.random(), chance.uniform(0.02, 0.5)
        child = subprocess.Popen(["/bin/sleep", str(CHILD_SLEEPS_S)]) if chance.random() < 0.15 else None
        if child:
            self._tell(work, child.pid)
        try:
            work.progress.stage(work.stage, 10)
            for _ in range(10):
                time.sleep(sleep_s / 10)
                work.progress.advance()
                work.progress.check_cancelled()
            if lot < 0.06 and work.attempt == 1:
                raise ProviderTimeout("the server is late")
            if lot < 0.1 and work.attempt == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            if lot > 0.98:
                raise FaceNotFound("`portrait.png`: no face found. Give another picture.")
        finally:
            if child:
                child.kill()
                child.wait()
        made = work.folder / "made"
        earlier = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in work.earlier.items()}
        content = {"job": work.job, "stage": work.stage, "one": uuid.uuid4().hex, "from": earlier}
        if work.parts is not None:
            content["parts"] = {part: json.loads(files["part.json"].read_text()) for part, files in work.parts.items()}
        made.write_text(json.dumps(content))
        return {"part.json" if work.part else f"{work.stage}.json": made}

    def outputs(self, made: Mapping[str, str]) -> Mapping[str, str]:
        return dict(made)

    def _tell(self, work: StageWork, pid: int) -> None:
        told = {"job": work.job, "stage": work.stage, "part": work.part, "attempt": work.attempt, "pid": pid}
        file = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(file, f"{json.dumps(told)}\n".encode())
        os.close(file)


def routes() -> dict[str, Route]:
    log = Path(os.environ[FOLDER_VARIABLE]) / "told.jsonl"
    return {kind: Fake(kind, log) for kind in PLANS}


def hurry() -> None:
    """Let a worker wait for a receiver in tenths of seconds, where it else waits for hours."""
    from lipwright.outbox import schedule
    from lipwright.store import deliveries

    schedule._FIRST_MS, schedule._LONGEST_MS = 100, 400  # type: ignore[misc]
    assert deliveries.take_due.__kwdefaults__ == {"hold_ms": 60_000}
    deliveries.take_due.__kwdefaults__["hold_ms"] = HOLD_MS
