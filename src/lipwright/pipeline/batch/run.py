"""Makes what a batch lacks, in several processes. One row that fails stops no other."""

import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from typing import Protocol

from lipwright.contracts.batch import BatchReport, RowJob, RowResult, RowState
from lipwright.errors import DiskFull, LipwrightError, OutputError, RowsFailed
from lipwright.media.claim import claimed
from lipwright.media.output import check_writable
from lipwright.pipeline.batch.ledger import Ledger
from lipwright.pipeline.batch.make import Workshop
from lipwright.pipeline.batch.process import Advanced, RowProcess, crash_of, result_of
from lipwright.pipeline.batch.summary import SUMMARY, write_summary

LOOKS_EVERY_S = 0.1
TRIES = 2
"""A row whose process dies is tried so often."""
MOST_NAMED = 10


class Watcher(Protocol):
    """Whoever asked for the batch. Called from the thread that runs it."""

    def began(self, job: RowJob) -> None:
        """A row begins."""

    def advanced(self, job: RowJob, stage: str, share: float | None) -> None:
        """A row goes on."""

    def ended(self, result: RowResult) -> None:
        """A row is made, was made before, failed, or was left."""

    def check_cancelled(self) -> None:
        """Raises: Cancelled: the batch is to stop; what is finished stays."""


def run_batch(
    jobs: Sequence[RowJob],
    shop: Workshop,
    folder: Path,
    *,
    processes: int,
    watcher: Watcher,
    notes: Sequence[str] = (),
) -> BatchReport:
    """Make the rows that are not made yet, and write the summary.

    Args:
        jobs: with keys; their names are different.
        folder: of the videos; it exists.
        processes: how many rows are made at once.
    Returns: what came of every row; `failure_of` says whether that is an error.
    Raises: Cancelled, OutputError: with the summary written, where it can be.
    """
    check_writable(folder / SUMMARY)
    ledger = Ledger(folder)
    ledger.open()
    with claimed(folder / SUMMARY):
        begun_s = time.monotonic()
        results: dict[str, RowResult] = {}

        def end(result: RowResult) -> None:
            results[result.name] = result
            watcher.ended(result)

        def report() -> BatchReport:
            rows = (results.get(job.row.name) or result_of(job, RowState.STOPPED) for job in jobs)
            gone = ledger.gone(job.row.name for job in jobs)
            return BatchReport(tuple(rows), time.monotonic() - begun_s, tuple(notes), gone)

        todo: list[RowJob] = []
        for job in jobs:
            kept = _kept(ledger, job)
            if kept is None:
                todo.append(job)
            else:
                end(kept)
        try:
            for result in _Pool(shop, processes, watcher).results(todo):
                end(result)
        except BaseException:
            _write_what_can_be(folder, report())
            raise
        done = report()
        write_summary(folder, done)
        return done


def failure_of(report: BatchReport, folder: Path) -> LipwrightError | None:
    """The error that a report amounts to; None where every row is made."""
    failed = report.of(RowState.FAILED)
    faults = [row.fault for row in failed if row.fault is not None]
    made = len(report.rows) - len(failed) - len(report.of(RowState.STOPPED))
    full = next((fault for fault in faults if fault.code == DiskFull.code), None)
    if full is not None:
        left = f"{made} of {len(report.rows)} rows are made, and stay; the same command goes on with the rest."
        return DiskFull(f"{full.message} {left}")
    if not faults:
        return None
    told = [f"  line {row.line} ({row.name}): {row.fault.message}" for row in failed[:MOST_NAMED] if row.fault]
    more = [f"  and {len(failed) - MOST_NAMED} more"] if len(failed) > MOST_NAMED else []
    cause = LipwrightError(faults[0].message)
    cause.retryable = any(fault.retryable for fault in faults)
    cause.http_status, cause.exit_code = faults[0].http_status, faults[0].exit_code
    lines = "\n".join([*told, *more])
    return RowsFailed(
        f"{len(failed)} of {len(report.rows)} rows failed; the others are made.\n{lines}\n"
        f"`{folder / SUMMARY}` holds all. Correct them, and run the same command again: it makes only these.",
        cause,
    )


def _kept(ledger: Ledger, job: RowJob) -> RowResult | None:
    record = ledger.made(job.row.name, job.key)
    if record is None:
        return None
    return RowResult(
        name=job.row.name,
        line=job.row.line,
        state=RowState.KEPT,
        output=job.output,
        key=job.key,
        language=job.language,
        voice=job.voice,
        duration_s=record.duration_s,
        notes=record.notes,
    )


def _write_what_can_be(folder: Path, report: BatchReport) -> None:
    """The summary of a run that ends early; what ended it is worth more than why this cannot be written."""
    try:
        write_summary(folder, report)
    except OutputError:
        return


class _Pool:
    """Processes that take rows from one queue."""

    def __init__(self, shop: Workshop, processes: int, watcher: Watcher) -> None:
        self._shop, self._most, self._watcher = shop, processes, watcher
        self._queue: deque[RowJob] = deque()
        self._crashes: Counter[str] = Counter()
        self._processes: list[RowProcess] = []
        self._full = False

    def results(self, jobs: Sequence[RowJob]) -> Iterable[RowResult]:
        """Make rows, and give what came of each as soon as it is known."""
        self._queue.extend(jobs)
        patient = False
        try:
            while self._hand_out():
                self._watcher.check_cancelled()
                wait([thing for one in self._processes for thing in one.waited_for], LOOKS_EVERY_S)
                for process in list(self._processes):
                    yield from self._heard(process)
            patient = True
        except LipwrightError:
            patient = True  # a second signal raises out of the wait below, and then nothing is waited for
            raise
        finally:
            self._close(patient=patient)

    def _hand_out(self) -> bool:
        """Give rows to processes that have none. Returns: whether any row is being made."""
        idle = [process for process in self._processes if process.job is None]
        while self._queue and not self._full:
            if not idle and len(self._processes) < self._most:
                idle.append(RowProcess(self._shop))
                self._processes.append(idle[-1])
            if not idle:
                break
            job = self._queue.popleft()
            idle.pop().give(job)
            self._watcher.began(job)
        return any(process.job is not None for process in self._processes)

    def _heard(self, process: RowProcess) -> Iterable[RowResult]:
        ended = process.ended
        while (said := process.hear()) is not None:
            if isinstance(said, Advanced):
                if process.job is not None:
                    self._watcher.advanced(process.job, said.stage, said.share)
                continue
            process.job = None
            self._full |= said.fault is not None and said.fault.code == DiskFull.code
            yield said
        if ended is None:
            return
        self._processes.remove(process)
        process.close()
        if process.job is not None:
            name = process.job.row.name
            self._crashes[name] += 1
            if self._crashes[name] < TRIES:
                self._queue.appendleft(process.job)
            else:
                yield result_of(process.job, RowState.FAILED, crash_of(ended))

    def _close(self, *, patient: bool) -> None:
        for process in self._processes:
            process.ask_to_stop()
        try:
            while self._processes:
                self._processes[-1].close(patient=patient)
                self._processes.pop()
        finally:
            for process in self._processes:
                process.close(patient=False)
