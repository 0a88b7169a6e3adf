"""The folder of a dub between the stages of a job: its files travel by name from one attempt to the next.

`transcript.srt`, `translation.srt` and `voices.csv` are for people; the rest is what the machine remembers of them.
"""

import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from lipwright.media.output import output_error
from lipwright.pipeline.project import paths
from lipwright.pipeline.project.folder import redo
from lipwright.pipeline.project.takes import lines_of

PUBLISHED_LINES = "project.lines.json"
TRAVELLING: Mapping[str, str] = {
    paths.TRANSCRIPT: paths.TRANSCRIPT,
    paths.TRANSLATION: paths.TRANSLATION,
    paths.VOICES: paths.VOICES,
    paths.PROJECT: paths.PROJECT,
    "project.transcript.json": paths.HEARD,
    "project.translation.json": paths.TRANSLATED,
    "project.voices.json": paths.CHOSEN,
    PUBLISHED_LINES: paths.LINES,
}
"""Published name, and place in the project's folder."""
TAKES = "takes.zip"
"""The sound of each line, for listening."""
REPORTS = (paths.REPORT_PAGE, paths.REPORT)
_EPOCH = (1980, 1, 1, 0, 0, 0)


def restore(folder: Path, earlier: Mapping[str, Path]) -> None:
    """Fill an empty folder of a project with what earlier stages published and people edited.

    Raises: OutputNotWritable, DiskFull.
    """
    try:
        (folder / paths.MEMORY).mkdir(parents=True)
        for name, place in TRAVELLING.items():
            if name in earlier:
                shutil.copyfile(earlier[name], folder / place)
    except OSError as exc:
        raise output_error(folder, exc) from exc


def line_numbers(content: bytes) -> frozenset[int]:
    """The lines that a stage published as `PUBLISHED_LINES`."""
    return frozenset(int(number) for number, *_ in json.loads(content))


def want_takes(folder: Path, take: int, lines: Mapping[int, int], line: int | None) -> None:
    """Note in a project which take of each line is to be spoken.

    Args:
        take: of lines that nobody asked for by themselves.
        lines: takes of lines by number; those that are no more are left out.
        line: the one that is asked for now.
    Raises: UsageError: `line` is not there. ProjectInvalid.
    """
    known = lines_of(folder / paths.LINES)
    wanted = {number: take for number in known if take} | {
        n: one for n, one in lines.items() if n in known or n == line
    }
    for number, one in wanted.items():
        redo(folder, number, one)


def collect(folder: Path, into: Path, *, spoken: bool, finished: bool) -> dict[str, Path]:
    """The files of a project by the names under which they are published.

    Args:
        into: folder for the archive.
        spoken: whether the lines were spoken just now.
        finished: whether the report was written just now.
    Raises: OutputNotWritable, DiskFull.
    """
    found = {name: folder / place for name, place in TRAVELLING.items() if (folder / place).is_file()}
    if finished:
        found |= {name: folder / name for name in REPORTS}
    if spoken:
        found[TAKES] = _archive(folder / paths.TAKES, into / TAKES)
    return found


def _archive(folder: Path, archive: Path) -> Path:
    """Pack the files of a folder; the same files give the same bytes."""
    try:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
            for path in sorted(folder.glob("*.flac")):
                with packed.open(zipfile.ZipInfo(path.name, _EPOCH), "w") as written, path.open("rb") as read:
                    shutil.copyfileobj(read, written)
    except OSError as exc:
        raise output_error(archive, exc) from exc
    return archive
