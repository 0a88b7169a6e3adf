"""Cells become rows: defaults filled in, variables replaced, every value read; all that is wrong is told at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from lipwright.contracts.batch import BatchRow, Column, RowProblem
from lipwright.contracts.portrait import SubtitleKind
from lipwright.errors import InputError, UsageError, did_you_mean
from lipwright.pipeline.batch.names import safe_name
from lipwright.pipeline.batch.table import RawRow, Table
from lipwright.pipeline.batch.template import fill
from lipwright.speech.script import read_script

SLOWEST, FASTEST = 0.5, 2.0
LARGEST_SEED = 2**32 - 1
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_OPTION = re.compile(r"^--")


@dataclass(frozen=True)
class Readers:
    """How values of some columns are written. Each reads what a user wrote, or raises InputError."""

    size: Callable[[str], tuple[int, int]]
    fps: Callable[[str], Fraction]
    background: Callable[[str], str]
    """A path among its keywords is from the present folder."""
    subtitles: Callable[[list[str]], frozenset[SubtitleKind]]


@dataclass(frozen=True, slots=True)
class ReadRows:
    """The rows of a table that make sense, and what is wrong with the others."""

    rows: tuple[BatchRow, ...]
    problems: tuple[RowProblem, ...]
    notes: tuple[str, ...]


def read_rows(table: Table, defaults: BatchRow, readers: Readers, folder: Path) -> ReadRows:
    """Read every row. A column that nobody uses is told only where its name is nearly one that means something.

    Args:
        defaults: what counts where a cell is empty or its column is missing; its line, name and text do not matter.
        folder: where relative paths in the table begin.
    """
    rows: list[BatchRow] = []
    problems = list(table.problems)
    used: set[str] = set()
    for raw in table.rows:
        told: list[str] = []
        row, variables = _read(raw, defaults, readers, folder, told)
        used |= variables
        problems += [RowProblem(raw.line, raw.cells.get(Column.NAME, ""), message) for message in told]
        if not told:
            rows.append(row)
    unused = set(table.columns) - used - set(Column)
    hints = ((column, did_you_mean(column, set(Column) - set(table.columns))) for column in sorted(unused))
    notes = tuple(f"the column `{column}` is used by no text.{hint}" for column, hint in hints if hint)
    return ReadRows(tuple(rows), tuple(problems), notes)


def _read(
    raw: RawRow, defaults: BatchRow, readers: Readers, folder: Path, told: list[str]
) -> tuple[BatchRow, frozenset[str]]:
    """A row and the variables that its text uses; what is wrong is added to `told`."""
    cells = raw.cells
    changed: dict[str, Any] = {"line": raw.line}
    variables: frozenset[str] = frozenset()

    def take(field: str, read: Callable[[], object]) -> None:
        try:
            changed[field] = read()
        except InputError as exc:
            told.append(_OPTION.sub("", str(exc)))

    take("name", lambda: safe_name(cells.get(Column.NAME, "")))
    try:
        filled = fill(cells.get(Column.TEXT, ""), cells)
        variables = filled.used
        changed |= {"text": _spoken(filled.text), "kept": filled.kept}
    except InputError as exc:
        told.append(str(exc))
    both = bool(cells.get(Column.FACE)) and bool(cells.get(Column.AVATAR))
    if both:
        told.append("it has a face and an avatar. Leave one of them empty.")
    for column, read in _reading(cells, readers, folder).items():
        if cells.get(column):
            take(column.value, read)
    if cells.get(Column.FACE):
        changed["avatar"] = None
    elif cells.get(Column.AVATAR):
        changed["face"] = None
    if not both and not told:
        row = replace(defaults, **changed)
        if row.face is None and row.avatar is None:
            told.append("it has no face. Fill in the column `face` or `avatar`, or name one for all: --face, --avatar.")
        return row, variables
    return defaults, variables


def _reading(cells: Mapping[str, str], readers: Readers, folder: Path) -> dict[Column, Callable[[], object]]:
    def background() -> str:
        given = cells[Column.BACKGROUND]
        beside = folder / given
        return readers.background(str(beside) if beside.is_file() else given)

    return {
        Column.LANGUAGE: lambda: read_language(cells[Column.LANGUAGE]),
        Column.VOICE: lambda: cells[Column.VOICE],
        Column.TTS: lambda: cells[Column.TTS],
        Column.FACE: lambda: folder / cells[Column.FACE],
        Column.AVATAR: lambda: cells[Column.AVATAR],
        Column.BACKGROUND: background,
        Column.SIZE: lambda: readers.size(cells[Column.SIZE]),
        Column.FPS: lambda: readers.fps(cells[Column.FPS]),
        Column.SPEED: lambda: _speed(cells[Column.SPEED]),
        Column.SUBTITLES: lambda: readers.subtitles([cells[Column.SUBTITLES].replace(" ", ",").replace(",,", ",")]),
        Column.SEED: lambda: _seed(cells[Column.SEED]),
        Column.PURPOSE: lambda: cells[Column.PURPOSE],
    }


def _spoken(text: str) -> str:
    """Raises: UsageError: there is nothing to say, or a pause makes no sense."""
    if not text.strip():
        raise UsageError("the text is empty. Give some words.")
    read_script(text)
    return text


def read_language(given: str) -> str:
    """A BCP 47 tag. Raises: UsageError: it is none."""
    tag = given.replace("_", "-")
    if not _TAG.fullmatch(tag):
        raise UsageError(f"language `{given}`: not a language. Use a BCP 47 tag such as `en` or `pt-BR`.")
    return tag


def _speed(given: str) -> float:
    try:
        speed = float(given.replace(",", "."))
    except ValueError:
        speed = 0.0
    if not SLOWEST <= speed <= FASTEST:
        raise UsageError(f"speed `{given}`: out of range. Use a speed from {SLOWEST:g} to {FASTEST:g}.")
    return speed


def _seed(given: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", given) or int(given) > LARGEST_SEED:
        raise UsageError(f"seed `{given}`: not a whole number from 0 to {LARGEST_SEED}.")
    return int(given)
