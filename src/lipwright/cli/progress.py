"""Progress on a terminal: one line a stage with its rate and the time left. Nothing at all when nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lipwright.cli.interrupts import Interrupts

if TYPE_CHECKING:
    from rich.progress import Progress, Task, TaskID
    from rich.text import Text

SLOW_PER_S = 10
"""Slower rates are shown with a digit behind the point."""


class CommandProgress:
    """A `contracts.progress.Progress` that hears the user's signals, and shows its stages if it has a display."""

    def __init__(self, interrupts: Interrupts, display: "Progress | None") -> None:
        self._interrupts = interrupts
        self._display = display
        self._task: TaskID | None = None

    def stage(self, name: str, total: int | None) -> None:
        self._finish_stage()
        if self._display is not None:
            self._task = self._display.add_task(name, total=total)

    def advance(self, n: int = 1) -> None:
        if self._display is not None and self._task is not None:
            self._display.advance(self._task, n)

    def check_cancelled(self) -> None:
        self._interrupts.check()

    def end(self) -> None:
        """The work is done."""
        self._finish_stage()

    def _finish_stage(self) -> None:
        if self._display is not None and self._task is not None:
            done = next(task.completed for task in self._display.tasks if task.id == self._task)
            self._display.update(self._task, total=done or 1, completed=done or 1)
            self._display.stop_task(self._task)


@contextmanager
def watched(interrupts: Interrupts, *, quiet: bool) -> Iterator[CommandProgress]:
    """Progress on stderr while the block works; silent when `quiet`, or when stderr is no terminal.

    Signals are deferred inside: work learns of them through `check_cancelled`, and removes what is unfinished.
    """
    with interrupts.deferred():
        if quiet or not sys.stderr.isatty():
            yield CommandProgress(interrupts, None)
            return
        with _display() as display:
            progress = CommandProgress(interrupts, display)
            yield progress
            progress.end()


def _display() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.text import Text

    class RateColumn(ProgressColumn):
        def render(self, task: "Task") -> "Text":
            rate = task.finished_speed or task.speed
            if not rate or task.total is None:
                return Text("")
            digits = 0 if rate >= SLOW_PER_S else 1
            return Text(f"{task.completed:,.0f}/{task.total:,.0f}, {rate:,.{digits}f}/s", style="progress.data.speed")

    return Progress(
        TextColumn("{task.description:<12}"),
        BarColumn(bar_width=30),
        RateColumn(),
        TimeElapsedColumn(),
        TextColumn("[progress.remaining]left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
