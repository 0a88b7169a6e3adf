"""What the machine wrote into a file that a person edits, kept beside it.

Two files cannot be replaced at once. So what the machine is about to write is kept together with what it wrote before
until the file is written. After a crash between, that counts of which more is found in the file.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from lipwright.contracts.project import stable_json
from lipwright.errors import ProjectInvalid
from lipwright.media.output import write_text

Row = TypeVar("Row")
VERSION = 1


class Memory(Generic[Row]):
    """Rows that the machine wrote."""

    def __init__(self, path: Path, rows: TypeAdapter[tuple[Row, ...]]) -> None:
        """Read nothing yet.

        Args:
            path: of the JSON file.
            rows: reads and writes them.
        """
        self._path = path
        self._rows = rows

    def load(self, stands: Callable[[Row], bool]) -> tuple[Row, ...]:
        """What the file was made of; nothing when the machine has written none.

        Args:
            stands: whether the file still says what a row does.
        Raises: ProjectInvalid: damaged.
        """
        if not self._path.exists():
            return ()
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            if document["version"] > VERSION:
                raise ProjectInvalid(
                    f"`{self._path}`: a newer Lipwright wrote it. Update Lipwright, or name another folder."
                )
            kept = [self._rows.validate_python(document[name]) for name in ("rows", "before") if name in document]
        except (OSError, ValueError, KeyError, TypeError, ValidationError) as exc:
            raise ProjectInvalid(
                f"`{self._path}`: it is damaged ({type(exc).__name__}). Restore it from your version control, "
                "or remove it, and every line of the file that it belongs to counts as yours."
            ) from exc
        return kept[0] if len(kept) == 1 else max(kept, key=lambda rows: sum(map(stands, rows)))

    def replace(self, before: Sequence[Row], rows: Sequence[Row], write: Callable[[], None] | None) -> None:
        """Write the file and remember what it was made of.

        Args:
            write: writes the file; None when it stays as it is.
        Raises: OutputNotWritable, DiskFull.
        """
        self._path.parent.mkdir(exist_ok=True)
        if write is not None:
            self._save(rows=rows, before=before)
            write()
        self._save(rows=rows)

    def _save(self, **rows: Sequence[Row]) -> None:
        document: dict[str, Any] = {
            name: self._rows.dump_python(tuple(some), mode="json") for name, some in rows.items()
        }
        text = stable_json({"version": VERSION, **document})
        if not self._path.exists() or self._path.read_text(encoding="utf-8") != text:
            write_text(self._path, text)
