"""A kind of job whose stages leave something behind in their process, and say what they found there."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lipwright.contracts.job import SpeakSpec
from lipwright.contracts.route import Route, StagePlan, StageWork
from lipwright.contracts.strict import Strict
from lipwright.errors import FaceNotFound, MediaUnreadable

_hoard: list[bytearray] = []
SLEEPS = "import time; time.sleep(60)"


@dataclass(frozen=True)
class Leaving(Route):
    """Does what its text says, one word."""

    kind: str = "speak"

    def stages(self, spec: Strict) -> tuple[StagePlan, ...]:
        return (StagePlan("one", "cpu"),)

    def assets(self, spec: Strict) -> frozenset[str]:
        return frozenset()

    def run(self, work: StageWork) -> Mapping[str, Path]:
        found = {
            "pid": os.getpid(),
            "folder": str(Path.cwd()),
            "environment": os.environ.get("LEFT_BEHIND", ""),
            "handler": signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL,
            "umask": os.umask(0o022),
            "temporary": tempfile.mkdtemp(),
        }
        os.umask(int(found["umask"]))
        assert isinstance(work.spec, SpeakSpec)
        left = getattr(self, f"_{work.spec.text}")(work)
        made = work.folder / "made"
        made.write_text(json.dumps(found | {"left": left}))
        return {"made": made}

    def outputs(self, made: Mapping[str, str]) -> Mapping[str, str]:
        return dict(made)

    def _nothing(self, _: StageWork) -> None:
        pass

    def _folder(self, _: StageWork) -> None:
        os.chdir("/")

    def _environment(self, _: StageWork) -> None:
        os.environ["LEFT_BEHIND"] = "something"

    def _handler(self, _: StageWork) -> None:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)

    def _umask(self, _: StageWork) -> None:
        os.umask(0o077)

    def _ended_child(self, _: StageWork) -> None:
        subprocess.Popen([sys.executable, "-S", "-c", ""])
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)

    def _child(self, _: StageWork) -> int:
        return subprocess.Popen([sys.executable, "-c", SLEEPS]).pid

    def _orphan(self, _: StageWork) -> int:
        """A child of a child that has ended."""
        script = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', '{SLEEPS}'], stdout=2).pid)"
        return int(subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.PIPE).stdout)

    def _thread(self, _: StageWork) -> None:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()

    def _memory(self, _: StageWork) -> None:
        _hoard.append(bytearray(b"\1") * (300 * 2**20))

    def _failure(self, _: StageWork) -> None:
        raise FaceNotFound("no face found")

    def _reading(self, work: StageWork) -> None:
        """Read a file when its storage is away, which is back at once."""
        (path,) = work.assets.values()
        away = path.parent.rename(path.parent.with_name("away"))
        try:
            path.read_bytes()
        finally:
            away.rename(path.parent)

    def _misreading(self, work: StageWork) -> None:
        """Find a file damaged whose storage is gone by now."""
        (path,) = work.assets.values()
        path.unlink()
        raise MediaUnreadable("a file ends in the middle")

    def _mistake(self, work: StageWork) -> None:
        (work.folder / "none").read_bytes()

    def _crash(self, _: StageWork) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _long(self, work: StageWork) -> None:
        """As work does that looks whether it is wanted when it is too late."""
        time.sleep(0.3)
