"""Rows that do what their text says, in real processes of a batch: nothing of a video is made."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from lipwright.contracts.batch import BatchRow, RowJob, RowResult, RowState
from lipwright.contracts.progress import Progress
from lipwright.errors import Cancelled, DiskFull, FaceLost
from lipwright.pipeline.batch.ledger import Ledger

PAUSE_S = 0.01


def job_of(folder: Path, name: str, text: str, line: int = 2, key: str = "") -> RowJob:
    """A row whose key is its text, unless another is given."""
    row = BatchRow(line, name, text)
    return RowJob(row, Path("face.png"), False, "tone", "fake", "en", folder / f"{name}.mp4", key or text)


@dataclass(frozen=True)
class ActingShop:
    """A `Workshop` of actors."""

    def open(self) -> "ActingMaker":
        return ActingMaker()


class ActingMaker:
    """A `Maker`: notes beside the video which process made it, and how often."""

    def make(self, job: RowJob, progress: Progress) -> RowResult:
        tries = job.output.with_suffix(".tries")
        with tries.open("a") as file:
            file.write(f"{os.getpid()}\n")
        progress.stage("render", 4)
        match job.row.text:
            case "fail":
                raise FaceLost("no face in some frames.")
            case "break":
                raise ValueError("a programmer's mistake")
            case "full":
                raise DiskFull("`out`: the disk is full.")
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "die once" if len(tries.read_text().split()) == 1:
                os._exit(7)
            case "wait":
                wait(progress)
        progress.advance(4)
        job.output.write_text(job.row.text)
        record = Ledger(job.output.parent).add(job.row.name, job.key, [job.output], 1.0, 0.1, ())
        return RowResult(
            job.row.name, job.row.line, RowState.MADE, job.output, job.key, "en", "tone", 0.1, record.duration_s
        )


def wait(progress: Progress) -> None:
    """Work until nobody wants it."""
    while True:
        progress.check_cancelled()
        time.sleep(PAUSE_S)


class Notes:
    """A watcher that remembers, and cancels when a row of a name begins."""

    def __init__(self, cancel_at: str = "") -> None:
        self.ends: list[tuple[str, RowState]] = []
        self.stages: set[str] = set()
        self._cancel_at, self._cancelled = cancel_at, False

    def began(self, job: RowJob) -> None:
        self._cancelled |= job.row.name == self._cancel_at

    def advanced(self, job: RowJob, stage: str, share: float | None) -> None:
        self.stages.add(stage)

    def ended(self, result: RowResult) -> None:
        self.ends.append((result.name, result.state))

    def check_cancelled(self) -> None:
        if self._cancelled:
            raise Cancelled("stopped by a test")
