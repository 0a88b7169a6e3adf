"""A table as people export it, CSV or JSON Lines, becomes rows of cells. Knows no column's meaning but its name."""

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lipwright.contracts.batch import REQUIRED, Column, RowProblem
from lipwright.errors import BatchInvalid, did_you_mean
from lipwright.media.text_encoding import NotText, decoded

LARGEST_BYTES = 100_000_000
MOST_ROWS = 100_000
_DELIMITERS = ",;\t|"
_HIGH = re.compile(rb"[\x80-\xff]+")
_LATIN = ("cp1252", "cp1250", "cp1254")
_ACCENTED_SHARE = 0.7
"""Of the runs of letters beyond ASCII: where so many are one letter long, they are accents."""
_ANNOUNCED = "sep="
"""What a table may begin with, to tell a spreadsheet its delimiter."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """Cells by the folded names of their columns, without the blanks around them."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """All rows that can be read, and what is wrong with the others."""

    columns: tuple[str, ...]
    """Folded names, in order."""
    rows: tuple[RawRow, ...]
    problems: tuple[RowProblem, ...]


def folded(name: str) -> str:
    """The name of a column, or of a variable, as it is compared: `First Name` is `first_name`."""
    return "_".join(name.replace("-", " ").replace("_", " ").casefold().split())


def read_table(data: bytes, name: str, language: str | None = None) -> Table:
    """Read a table: UTF-8, UTF-16 or an old encoding; any usual delimiter; or one JSON object a line.

    Args:
        name: what messages call it.
        language: BCP 47, in which it is probably written; helps to guess an old encoding.
    Raises: BatchInvalid: it is no table, or lacks a column that every table needs.
    """
    if len(data) > LARGEST_BYTES:
        raise BatchInvalid(f"`{name}`: {len(data)} bytes are too many. Cut it into tables of {LARGEST_BYTES} or fewer.")
    try:
        text = _text(data, language)
    except NotText as exc:
        raise BatchInvalid(f"`{name}`, line {exc.line}: {exc}. Save the table as CSV in UTF-8.") from exc
    if not text.strip():
        raise BatchInvalid(f"`{name}`: it is empty. Write a heading such as `name,text`, and a row for each video.")
    table = _json_lines(text) if text.lstrip().startswith("{") else _csv(text, name)
    missing = [column for column in REQUIRED if column not in table.columns]
    if missing:
        there = ", ".join(table.columns)
        hint = "".join(did_you_mean(column, set(table.columns) - set(Column)) for column in missing)
        raise BatchInvalid(
            f"`{name}`: no column {' and no column '.join(f'`{column}`' for column in missing)}.{hint} The first line"
            f" names the columns; there are: {there}."
        )
    if not table.rows and not table.problems:
        raise BatchInvalid(f"`{name}`: it has a heading and no rows. Write a row for each video.")
    if len(table.rows) > MOST_ROWS:
        raise BatchInvalid(f"`{name}`: {len(table.rows)} rows are too many. Cut it into tables of {MOST_ROWS}.")
    return table


def _text(data: bytes, language: str | None) -> str:
    """Letters of a table. Cells are short, and a few accents resemble letters of other scripts in their old encodings;
    but those come in runs, and accents stand alone.

    Raises: NotText.
    """
    text, codec = decoded(data, language)
    runs = _HIGH.findall(data)
    alone = sum(len(run) == 1 for run in runs)
    if language is None and not codec.startswith(("utf", *_LATIN)) and alone > _ACCENTED_SHARE * len(runs):
        text, _ = decoded(data, "en")
    return text


def _csv(text: str, name: str) -> Table:
    lines = text.splitlines(keepends=True)
    skipped = 0
    delimiter = None
    while skipped < len(lines) and not lines[skipped].strip():
        skipped += 1
    if lines[skipped].lower().startswith(_ANNOUNCED):
        delimiter = lines[skipped].strip()[len(_ANNOUNCED) :][:1] or None
        skipped += 1
    lines = lines[skipped:]
    reader = csv.reader(lines, delimiter=delimiter or _delimiter(lines), skipinitialspace=True, strict=True)
    columns: tuple[str, ...] = ()
    rows: list[RawRow] = []
    problems: list[RowProblem] = []
    begins = skipped + 1
    try:
        for record in reader:
            line, begins = begins, skipped + reader.line_num + 1
            cells = [cell.strip() for cell in record]
            if not any(cells):
                continue
            if not columns:
                columns = _heading(cells, line, name)
            elif (problem := _misfit(cells, columns, line)) is not None:
                problems.append(problem)
            else:
                rows.append(RawRow(line, dict(zip(columns, cells, strict=False))))
    except csv.Error as exc:
        cause = str(exc) if "end of data" not in str(exc) else "a quotation mark that begins in it never ends"
        problems.append(RowProblem(begins, "", f"{cause}. Write quotation marks inside a cell twice, and close all."))
    return Table(tuple(column for column in columns if column), tuple(rows), tuple(problems))


def _delimiter(lines: Sequence[str]) -> str:
    """The one by which the heading has most of the columns that are known, else most columns."""

    def worth(delimiter: str) -> tuple[int, int]:
        names = next(csv.reader(lines[:1], delimiter=delimiter, skipinitialspace=True), [])
        return sum(folded(name) in set(Column) for name in names), len(names)

    return max(_DELIMITERS, key=worth)


def _heading(cells: Sequence[str], line: int, name: str) -> tuple[str, ...]:
    columns = tuple(folded(cell) for cell in cells)
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise BatchInvalid(f"`{name}`, line {line}: the column `{twice[0]}` is there twice. Rename one of them.")
    return columns


def _misfit(cells: Sequence[str], columns: Sequence[str], line: int) -> RowProblem | None:
    known = cells[columns.index(Column.NAME)] if Column.NAME in columns[: len(cells)] else ""
    if len(cells) < len(columns) and any(columns[len(cells) :]):
        missing = ", ".join(f"`{column}`" for column in columns[len(cells) :])
        return RowProblem(line, known, f"{len(cells)} cells of {len(columns)}: {missing} missing. Leave cells empty.")
    if any(cells[len(columns) :]):
        message = f"{len(cells)} cells, and {len(columns)} columns. Put a cell that holds the delimiter in quotes."
        return RowProblem(line, known, message)
    unnamed = [cell for cell, column in zip(cells, columns, strict=False) if cell and not column]
    if unnamed:
        return RowProblem(line, known, f"`{unnamed[0]}` stands in a column without a name. Name it in the heading.")
    return None


def _json_lines(text: str) -> Table:
    columns: dict[str, None] = {}
    rows: list[RawRow] = []
    problems: list[RowProblem] = []
    for line, written in enumerate(text.split("\n"), 1):
        if not written.strip():
            continue
        try:
            value = json.loads(written)
        except (json.JSONDecodeError, RecursionError) as exc:
            problems.append(RowProblem(line, "", f"not JSON ({exc}). Write one object on each line."))
            continue
        if not isinstance(value, dict):
            problems.append(RowProblem(line, "", 'not a JSON object. Write {"name": "...", "text": "..."}.'))
            continue
        cells = {folded(column): _cell(cell) for column, cell in value.items()}
        columns.update(dict.fromkeys(cells))
        nested = [column for column, cell in cells.items() if cell is None]
        missing = [column.value for column in REQUIRED if column not in cells]
        known = cells.get(Column.NAME) or ""
        if nested:
            problems.append(RowProblem(line, known, f"`{nested[0]}` is no text, number or list of texts."))
        elif missing:
            problems.append(RowProblem(line, known, f"no `{'` and no `'.join(missing)}`."))
        else:
            rows.append(RawRow(line, {column: cell for column, cell in cells.items() if cell is not None}))
    return Table(
        (*columns, *(column.value for column in REQUIRED if column not in columns)), tuple(rows), tuple(problems)
    )


def _cell(value: object) -> str | None:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value).strip()
        case list() if all(isinstance(entry, str) for entry in value):
            return ",".join(value)
    return None
