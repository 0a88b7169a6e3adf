"""Rows are made in several processes; what fails, dies or is stopped touches no other row."""

import csv
import json
import os
import shutil
from pathlib import Path

import pytest

from lipwright.contracts.batch import BatchReport, RowState
from lipwright.errors import Cancelled, DiskFull, OutputNotWritable, RowsFailed
from lipwright.media.claim import claimed
from lipwright.pipeline.batch.run import failure_of, run_batch
from lipwright.pipeline.batch.summary import SHEET, SUMMARY
from support.batching import ActingShop, Notes, job_of


def run(folder: Path, texts: dict[str, str], watcher: Notes | None = None, processes: int = 2) -> BatchReport:
    jobs = [job_of(folder, name, text, line) for line, (name, text) in enumerate(texts.items(), 2)]
    return run_batch(jobs, ActingShop(), folder, processes=processes, watcher=watcher or Notes())  # type: ignore[arg-type]


def states(report: BatchReport) -> dict[str, str]:
    return {row.name: row.state.value for row in report.rows}


def tries(folder: Path, name: str) -> int:
    return len((folder / f"{name}.tries").read_text().split())


def test_one_bad_row_stops_nothing_and_the_summary_says_which_and_why(tmp_path: Path) -> None:
    texts = {"a": "one", "b": "fail", "c": "die", "d": "die once", "e": "break", "f": "=1+1"}
    report = run(tmp_path, texts)
    assert states(report) == {"a": "made", "b": "failed", "c": "failed", "d": "made", "e": "failed", "f": "made"}
    assert (tries(tmp_path, "c"), tries(tmp_path, "d"), tries(tmp_path, "b")) == (2, 2, 1)
    document = json.loads((tmp_path / SUMMARY).read_text())
    by_name = {row["name"]: row for row in document["rows"]}
    assert document["counts"] == {"made": 3, "failed": 3}
    assert by_name["b"]["error_code"] == "face_lost"
    assert by_name["c"]["error_code"] == "row_crashed"
    assert "ended with signal 9" in by_name["c"]["error_message"]
    assert "a programmer's mistake" in by_name["e"]["trace"]
    with (tmp_path / SHEET).open(encoding="utf-8-sig", newline="") as file:
        assert [row["state"] for row in csv.DictReader(file)] == [row.state for row in report.rows]
    failure = failure_of(report, tmp_path)
    assert isinstance(failure, RowsFailed)
    assert failure.exit_code == 2, "of the first row that failed"
    assert "line 3 (b): no face in some frames." in str(failure)


def test_the_same_batch_again_makes_only_what_is_missing_or_changed(tmp_path: Path) -> None:
    texts = {name: name for name in "abcd"}
    assert set(states(run(tmp_path, texts)).values()) == {"made"}
    (tmp_path / "a.mp4").unlink()
    (tmp_path / "b.mp4").write_text("!")
    texts["c"] = "changed"
    assert states(run(tmp_path, texts)) == {"a": "made", "b": "made", "c": "made", "d": "kept"}
    assert (tmp_path / "b.mp4").read_text() == "b"
    assert failure_of(run(tmp_path, texts), tmp_path) is None


def test_a_copied_folder_is_known_again_although_all_times_are_new(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    run(tmp_path / "one", {"a": "text"})
    shutil.copytree(tmp_path / "one", tmp_path / "two", copy_function=shutil.copyfile)
    os.utime(tmp_path / "two" / "a.mp4", (1, 1))
    assert states(run(tmp_path / "two", {"a": "text"})) == {"a": "kept"}


def test_a_record_that_is_damaged_costs_its_own_row_alone(tmp_path: Path) -> None:
    run(tmp_path, {"a": "one", "b": "two"})
    (tmp_path / ".lipwright-batch" / "a.json").write_text('{"version": 1, "name"')
    assert states(run(tmp_path, {"a": "one", "b": "two"})) == {"a": "made", "b": "kept"}


def test_rows_that_are_gone_from_the_table_are_left_alone_but_told(tmp_path: Path) -> None:
    run(tmp_path, {"a": "one", "b": "two"})
    assert run(tmp_path, {"a": "one"}).gone == ("b",)
    assert (tmp_path / "b.mp4").exists()


def test_processes_stay_for_many_rows(tmp_path: Path) -> None:
    run(tmp_path, {f"n{i}": "text" for i in range(12)})
    assert len({path.read_text() for path in tmp_path.glob("*.tries")}) <= 2


def test_a_stopped_batch_keeps_what_is_finished_and_goes_on_later(tmp_path: Path) -> None:
    texts = {"a": "one", "b": "wait", "c": "two"}
    watcher = Notes(cancel_at="b")
    with pytest.raises(Cancelled):
        run(tmp_path, texts, watcher, processes=1)
    assert watcher.ends == [("a", RowState.MADE)]
    rows = {row["name"]: row["state"] for row in json.loads((tmp_path / SUMMARY).read_text())["rows"]}
    assert rows == {"a": "made", "b": "stopped", "c": "stopped"}
    assert states(run(tmp_path, {**texts, "b": "done"})) == {"a": "kept", "b": "made", "c": "made"}


def test_a_full_disk_ends_the_batch_and_is_told(tmp_path: Path) -> None:
    report = run(tmp_path, {"a": "one", "b": "full", "c": "two", "d": "three"}, processes=1)
    assert states(report) == {"a": "made", "b": "failed", "c": "stopped", "d": "stopped"}
    failure = failure_of(report, tmp_path)
    assert isinstance(failure, DiskFull)
    assert "1 of 4 rows are made" in str(failure)


def test_two_batches_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with claimed(tmp_path / SUMMARY), pytest.raises(OutputNotWritable, match="another run is writing it"):
        run(tmp_path, {"a": "one"})


def test_progress_of_rows_reaches_the_watcher(tmp_path: Path) -> None:
    watcher = Notes()
    run(tmp_path, {"a": "one"}, watcher)
    assert watcher.stages == {"render"}
    assert watcher.ends == [("a", RowState.MADE)]
