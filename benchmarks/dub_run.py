"""The program, run while its time, its memory and what it adds to its cache are watched."""

import json
import resource
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.program import run_program

LOOKS_PER_S = 20


@dataclass(frozen=True)
class Run:
    """One execution of `lipwright`."""

    printed: dict[str, Any]
    """The JSON document that it printed."""
    seconds: float
    """From its start to its end."""
    core_seconds: float
    """Of all cores together."""
    peak_mb: float
    """Resident memory of it and all programs that it started, together."""
    made: Counter[str]
    """Results that it added to its cache, by stage."""


def watched(*arguments: str, cache: Path) -> Run:
    """Run `lipwright ARGUMENTS --json --quiet`."""
    before, used = _results(cache), _core_seconds()
    begun = time.perf_counter()
    with TreeMemory() as memory:
        printed = run_program(*arguments, "--json", "--quiet", cache=cache)
    seconds = time.perf_counter() - begun
    after = _results(cache)
    made = Counter(stage for place, stage in after.items() if place not in before)
    return Run(printed, seconds, _core_seconds() - used, memory.peak_mb, made)


def _results(cache: Path) -> dict[str, str]:
    """The stage of every finished result of a cache, by the result's name."""
    found = {}
    for manifest in (cache / "stages" / "results").glob("*/*/manifest.json"):
        key = json.loads(json.loads(manifest.read_text(encoding="ascii"))["key"])
        found[manifest.parent.name] = str(key["stage"])
    return found


def _core_seconds() -> float:
    """Of all programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class TreeMemory:
    """Looks at what the programs below this one take, while a block runs. Linux only."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(1 / LOOKS_PER_S):
            self.look()

    def look(self) -> None:
        """Take the memory of this moment."""
        self.peak_mb = max(self.peak_mb, sum(map(_resident_mb, _below(Path("/proc/self")))))


def _below(process: Path) -> list[Path]:
    """The programs that a program started, and those that they started."""
    children: list[Path] = []
    try:
        for task in (process / "task").iterdir():
            numbers = (task / "children").read_text().split()
            children += [Path("/proc") / number for number in numbers]
    except OSError:
        return children
    return [one for child in children for one in (child, *_below(child))]


def _resident_mb(process: Path) -> float:
    try:
        pages = int((process / "statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * resource.getpagesize() / 1e6
