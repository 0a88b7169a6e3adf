"""A kind of job whose stages do what its text says: sleep, fail, hold the interpreter lock, die. They tell a log of it.

The text is JSON: a list of stages, each `{"name": ..., "queue": "cpu", "does": [["sleep", 0.5], ["fail", "late"]]}`.
One with `parts`, what each part does by its name, divides itself, and does what it `does` when they are done.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipwright.contracts.job import SpeakSpec
from lipwright.contracts.route import Divided, Route, StagePlan, StageWork
from lipwright.contracts.strict import Strict
from lipwright.errors import FaceNotFound, ProviderTimeout


@dataclass(frozen=True)
class Acting(Route):
    """Does what it is told."""

    log: Path
    kind: str = "speak"

    def stages(self, spec: Strict) -> tuple[StagePlan, ...]:
        return tuple(StagePlan(one["name"], one.get("queue", "cpu"), True) for one in _script(spec))

    def assets(self, spec: Strict) -> frozenset[str]:
        assert isinstance(spec, SpeakSpec)
        return frozenset({spec.face})

    def run(self, work: StageWork) -> Mapping[str, Path] | Divided:
        script = next(one for one in _script(work.spec) if one["name"] == work.stage)
        parts = script.get("parts")
        if parts is not None and work.parts is None and (work.part is None or ["divide_again", ""] in parts[work.part]):
            self._tell(work, "divide")
            return Divided(tuple(parts))
        self._tell(work, "begin")
        for act, value in script["does"] if work.part is None else parts[work.part]:
            getattr(self, f"_{act}")(work, value)
        made = work.folder / "made"
        content = {
            "stage": work.stage,
            "job": work.job,
            "take": work.take,
            "from": _texts(work.earlier),
            "line": work.line,
        }
        content |= {"part": work.part, "lines": {str(line): take for line, take in work.lines.items()}}
        if work.parts is not None:
            of_parts = {
                part: {name: path.read_text() for name, path in its.items()} for part, its in work.parts.items()
            }
            content |= {"parts": of_parts}
        made.write_text(json.dumps(content))
        self._tell(work, "end")
        return {"part.json" if work.part else f"{work.stage}.json": made}

    def outputs(self, made: Mapping[str, str]) -> Mapping[str, str]:
        return dict(made)

    def _tell(self, work: StageWork, what: str) -> None:
        line = {"what": what, "job": work.job, "stage": work.stage, "attempt": work.attempt, "pid": os.getpid()}
        line |= {"time_s": time.time(), "part": work.part}
        file = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(file, f"{json.dumps(line)}\n".encode())
        os.close(file)

    def _sleep(self, work: StageWork, seconds: float) -> None:
        """Sleep in a hundred parts, as work does that tells of its progress and looks whether it is wanted."""
        work.progress.stage(work.stage, 100)
        for _ in range(100):
            time.sleep(seconds / 100)
            work.progress.advance()
            work.progress.check_cancelled()

    def _deaf(self, work: StageWork, seconds: float) -> None:
        """Sleep without ever looking, with a child that sleeps too."""
        with subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({seconds})"]) as child:
            self._tell(work, f"child {child.pid}")
            time.sleep(seconds)

    def _hold_lock(self, work: StageWork, size: int) -> None:
        """Hold the interpreter lock: one long multiplication."""
        (7**size) * (7**size)

    def _wait_for(self, work: StageWork, path: str) -> None:
        while not Path(path).exists():
            time.sleep(0.01)
            work.progress.check_cancelled()

    def _fail(self, work: StageWork, how: str) -> None:
        if how == "for_good":
            raise FaceNotFound(f"`{next(iter(work.assets.values()))}`: no face found in {work.folder}/picture.")
        if how == "late":
            raise ProviderTimeout("the server is late")
        if how == "late_once" and work.attempt == 1:
            raise ProviderTimeout("the server is late")
        if how == "bug":
            raise ValueError("".join(["s3", "cr", "3t"]))  # not as it stands in the source, which a trace shows

    def _fail_until(self, work: StageWork, path: str) -> None:
        if not Path(path).exists():
            raise FaceNotFound("no face found")

    def _die(self, work: StageWork, most: int) -> None:
        """Die as the system kills what takes too much memory, in the first attempts."""
        if work.attempt <= most:
            os.kill(os.getpid(), signal.SIGKILL)

    def _escape(self, work: StageWork, _: Any) -> None:
        """Publish a file of somebody else: one beside the log, which nobody misses."""
        elsewhere = self.log.with_name("elsewhere")
        (work.folder / "made").symlink_to(elsewhere)


def _texts(files: Mapping[str, Path]) -> dict[str, str]:
    return {name: path.read_text() for name, path in sorted(files.items())}


def _script(spec: Strict) -> list[dict[str, Any]]:
    assert isinstance(spec, SpeakSpec)
    script: list[dict[str, Any]] = json.loads(spec.text or "[]")
    return script
