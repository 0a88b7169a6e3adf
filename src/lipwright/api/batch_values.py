"""What cells of a batch say, where files are assets and nothing of the service's own disk is looked at."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from lipwright.contracts.batch import Column, RowProblem
from lipwright.contracts.story import Background
from lipwright.contracts.wishes import parse_fps, parse_size, parse_subtitles
from lipwright.errors import UsageError, did_you_mean
from lipwright.pipeline.batch.rows import Readers
from lipwright.pipeline.batch.table import RawRow, Table

KEYWORDS: Final = ("keep", "blur")
LONGEST_NAME, LONGEST_TEXT = 255, 100_000
read_size, read_fps = partial(parse_size, called="size"), partial(parse_fps, called="fps")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAMES = (Column.FACE, Column.AVATAR, Column.BACKGROUND, Column.VOICE, Column.PURPOSE, Column.LANGUAGE)


@dataclass(frozen=True)
class Files:
    """Assets by the names that a table has for them; a digest is a name of its own."""

    given: Mapping[str, str]
    _digests: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_digests", {str(Path(name)): digest for name, digest in self.given.items()})

    def digest(self, name: str | Path) -> str:
        """Raises: UsageError: there is no such file."""
        called = str(name)
        if called in self._digests:
            return self._digests[called]
        if _DIGEST.fullmatch(called):
            return called
        known = ", ".join(list(self.given)[:20]) or "none"
        raise UsageError(
            f"`{called}`: no file of this batch.{did_you_mean(called, self.given)} Name its digest under `files`, or"
            f" write the digest. There are: {known}."
        )

    def background(self, given: str) -> str:
        """A keyword, a colour, or the name of a file. Raises: UsageError."""
        if given in KEYWORDS or re.fullmatch(r"#[0-9a-fA-F]{6}", given):
            return given
        if given.startswith("#"):
            raise UsageError(f"background `{given}`: not a colour. Write one such as #1e90ff.")
        self.digest(given)
        return given

    def readers(self) -> Readers:
        """How the cells of a table are read."""
        return Readers(read_size, read_fps, self.background, partial(parse_subtitles, called="subtitles"))


def seen_behind(given: str) -> Background:
    """A background as a scene has it."""
    if given in KEYWORDS:
        return Background.model_validate({"kind": given})
    return Background(kind="colour" if given.startswith("#") else "file", value=given)


def readable(table: Table) -> Table:
    """The table without rows whose cells no service can read."""
    rows: list[RawRow] = []
    problems = list(table.problems)
    for row in table.rows:
        message = _refused(row.cells)
        if message is None:
            rows.append(row)
        else:
            problems.append(RowProblem(row.line, row.cells.get(Column.NAME, "")[:LONGEST_NAME], message))
    return replace(table, rows=tuple(rows), problems=tuple(problems))


def _refused(cells: Mapping[str, str]) -> str | None:
    if cells.get(Column.TTS):
        return "a job of the service does not choose its speech engine. Leave `tts` empty."
    if len(cells.get(Column.TEXT, "")) > LONGEST_TEXT:
        return f"the text is longer than {LONGEST_TEXT} characters. Divide it into several rows."
    for column in _NAMES:
        cell = cells.get(column, "")
        if len(cell.encode()) > LONGEST_NAME or not cell.isprintable():
            return f"`{column}` is longer than {LONGEST_NAME} bytes, or holds what cannot be printed."
    return None
