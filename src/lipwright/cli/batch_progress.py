"""Progress of a batch: a live table on a terminal, a line for each finished row elsewhere, nothing when quiet."""

import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lipwright.cli.interrupts import Interrupts
from lipwright.contracts.batch import RowJob, RowResult, RowState

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Table

LAST_SHOWN = 8
"""Finished rows that the live table still shows."""
FAILED_SHOWN = 5
"""Failed rows that it shows as long as it stands."""
BAR_WIDTH = 30
STYLES = {
    RowState.RUNNING: "cyan",
    RowState.MADE: "green",
    RowState.KEPT: "dim",
    RowState.FAILED: "bold red",
    RowState.STOPPED: "yellow",
}


class BatchProgress:
    """A `pipeline.batch.run.Watcher` that hears the user's signals and knows how far the batch is."""

    def __init__(self, interrupts: Interrupts, jobs: Sequence[RowJob]) -> None:
        self._interrupts = interrupts
        self._begun_s = time.monotonic()
        self._weights = {job.row.name: len(job.row.text) for job in jobs}
        self._kept_weight = 0
        self.total = len(jobs)
        self.running: dict[str, tuple[str, float | None]] = {}
        """Stage and share of each row that is being made."""
        self.last: deque[RowResult] = deque(maxlen=LAST_SHOWN)
        self.failed: list[RowResult] = []
        self.done: dict[str, RowResult] = {}

    @property
    def made(self) -> int:
        """Rows whose video is there."""
        return sum(row.state in {RowState.MADE, RowState.KEPT} for row in self.done.values())

    def began(self, job: RowJob) -> None:
        self.running[job.row.name] = ("begin", None)

    def advanced(self, job: RowJob, stage: str, share: float | None) -> None:
        self.running[job.row.name] = (stage, share)

    def ended(self, result: RowResult) -> None:
        self.running.pop(result.name, None)
        self.done[result.name] = result
        if result.state is RowState.KEPT:
            self._kept_weight += self._weights[result.name]
            return
        (self.failed if result.state is RowState.FAILED else self.last).append(result)

    def check_cancelled(self) -> None:
        self._interrupts.check()

    def elapsed_s(self) -> float:
        """Since the first row could begin."""
        return time.monotonic() - self._begun_s

    def left_s(self) -> float | None:
        """How long the rest takes, if it goes on as it went; None before anything was made."""
        whole = sum(self._weights.values()) - self._kept_weight
        ended = sum(self._weights[name] for name in list(self.done)) - self._kept_weight
        begun = sum(
            self._weights[name] * share
            for name, (stage, share) in list(self.running.items())
            if share and stage == "render"
        )
        return self.elapsed_s() * (whole - ended - begun) / (ended + begun) if ended + begun else None


class _Lines(BatchProgress):
    """A line for each row that ends."""

    def ended(self, result: RowResult) -> None:
        super().ended(result)
        if result.state is not RowState.KEPT:
            said = f"[{len(self.done)}/{self.total}] {result.state.value} {result.name}{_outcome(result)}"
            print(said, file=sys.stderr, flush=True)  # noqa: T201 stderr is where progress goes


class _Display:
    """What the live table shows now; drawn anew at each refresh."""

    def __init__(self, progress: BatchProgress) -> None:
        self._progress = progress

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        yield self._rows()
        yield self._whole()

    def _rows(self) -> "Table":
        from rich.table import Table

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("row", "state", "progress", ""):
            table.add_column(column, no_wrap=True, overflow="ellipsis")
        progress = self._progress
        for row in (*progress.failed[-FAILED_SHOWN:], *list(progress.last)):
            _add(table, row.name, row.state, "", _outcome(row).strip(" :"))
        for name, (stage, share) in list(progress.running.items()):
            done = "" if share is None else f"{100 * share:3.0f} %"
            _add(table, name, RowState.RUNNING, _bar(share), f"{stage} {done}")
        return table

    def _whole(self) -> "Table":
        from rich.table import Table

        progress = self._progress
        line = Table.grid(padding=(0, 2))
        failed = f", {len(progress.failed)} failed" if progress.failed else ""
        left = progress.left_s()
        told = f"{_clock(left)} left" if left is not None else ""
        line.add_row(
            f"{len(progress.done)}/{progress.total} rows{failed}",
            _bar(len(progress.done) / max(progress.total, 1)),
            _clock(progress.elapsed_s()),
            told,
        )
        return line


@contextmanager
def watched(interrupts: Interrupts, jobs: Sequence[RowJob], *, quiet: bool) -> Iterator[BatchProgress]:
    """Progress on stderr while the block works. Signals are deferred inside, to finish or leave each row whole."""
    with interrupts.deferred():
        if quiet:
            yield BatchProgress(interrupts, jobs)
            return
        if not sys.stderr.isatty():
            yield _Lines(interrupts, jobs)
            return
        from rich.console import Console
        from rich.live import Live

        progress = BatchProgress(interrupts, jobs)
        with Live(_Display(progress), console=Console(stderr=True, highlight=False), refresh_per_second=5):
            yield progress


def _add(table: "Table", name: str, state: RowState, bar: str, outcome: str) -> None:
    from rich.text import Text

    table.add_row(Text(name), Text(state.value, style=STYLES[state]), Text(bar), Text(outcome))


def _outcome(result: RowResult) -> str:
    if result.fault is not None:
        return f": {result.fault.message.splitlines()[0]}"
    if result.duration_s is None or result.seconds is None:
        return ""
    return f": {result.duration_s:.1f} s of video in {result.seconds:.1f} s"


def _bar(share: float | None) -> str:
    filled = round(BAR_WIDTH * (share or 0.0))
    return "━" * filled + "╌" * (BAR_WIDTH - filled)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
