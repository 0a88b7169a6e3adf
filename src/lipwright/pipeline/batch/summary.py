"""What came of a batch, in two files beside the videos: for programs, and for a spreadsheet."""

import csv
import io
import json
from pathlib import Path

from lipwright.contracts.batch import BatchReport, RowResult, RowState
from lipwright.media.output import write_text

SUMMARY = "summary.json"
SHEET = "summary.csv"
_BYTE_ORDER_MARK = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is taken for a formula by spreadsheets."""


def write_summary(folder: Path, report: BatchReport) -> None:
    """Write both files, each whole or not at all. Raises: OutputNotWritable, DiskFull."""
    write_text(folder / SUMMARY, json.dumps(summary_of(report), ensure_ascii=False, indent=2) + "\n")
    sheet = io.StringIO()
    rows = [_cells(row) for row in report.rows]
    writer = csv.DictWriter(sheet, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _harmless(cell) for name, cell in row.items()} for row in rows)
    write_text(folder / SHEET, _BYTE_ORDER_MARK + sheet.getvalue())


def summary_of(report: BatchReport) -> dict[str, object]:
    """The report as a JSON document."""
    return {
        "version": 1,
        "seconds": round(report.seconds, 3),
        "counts": {state.value: len(report.of(state)) for state in RowState if report.of(state)},
        "notes": list(report.notes),
        "no_longer_in_the_table": list(report.gone),
        "rows": [{**_cells(row), "notes": list(row.notes), **_trace(row)} for row in report.rows],
    }


def _cells(row: RowResult) -> dict[str, object]:
    return {
        "name": row.name,
        "state": row.state.value,
        "output": str(row.output) if row.state in {RowState.MADE, RowState.KEPT} else None,
        "seconds": None if row.seconds is None else round(row.seconds, 3),
        "duration_s": row.duration_s,
        "error_code": row.fault.code if row.fault else None,
        "error_message": row.fault.message if row.fault else None,
        "language": row.language,
        "voice": row.voice,
        "line": row.line,
        "key": row.key,
    }


def _trace(row: RowResult) -> dict[str, object]:
    return {"trace": row.fault.trace} if row.fault is not None and row.fault.trace else {}


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
