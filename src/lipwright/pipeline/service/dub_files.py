"""The folder of a dub between the stages of a job: its files travel by name from one attempt to the next.

`transcript.srt`, `translation.srt` and `voices.csv` are for people; the rest is what the machine remembers of them.
"""

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from lipwright.contracts.project import ProjectFile, Take
from lipwright.errors import ProjectInvalid
from lipwright.media.output import output_error, write_text
from lipwright.pipeline.project import paths

TRAVELLING: Mapping[str, str] = {
    paths.TRANSCRIPT: paths.TRANSCRIPT,
    paths.TRANSLATION: paths.TRANSLATION,
    paths.VOICES: paths.VOICES,
    paths.PROJECT: paths.PROJECT,
    "project.transcript.json": paths.HEARD,
    "project.translation.json": paths.TRANSLATED,
    "project.voices.json": paths.CHOSEN,
    "project.lines.json": paths.LINES,
}
"""Published name, and place in the project's folder."""
TAKES_WANTED = "project.takes.json"
"""The takes that people asked for; only the stage that speaks publishes it, and gets it again when it is done again."""
TAKES = "takes.zip"
"""The sound of each line, for listening."""
REPORTS = (paths.REPORT_PAGE, paths.REPORT)
_TAKES = TypeAdapter(tuple[Take, ...])
_EPOCH = (1980, 1, 1, 0, 0, 0)


def restore(folder: Path, earlier: Mapping[str, Path]) -> None:
    """Fill an empty folder of a project with what earlier stages published and people edited.

    Raises: ProjectInvalid: what was published is damaged. OutputNotWritable, DiskFull.
    """
    try:
        (folder / paths.MEMORY).mkdir(parents=True)
        for name, place in TRAVELLING.items():
            if name in earlier:
                shutil.copyfile(earlier[name], folder / place)
    except OSError as exc:
        raise output_error(folder, exc) from exc
    if TAKES_WANTED in earlier and paths.PROJECT in earlier:
        _want_takes(folder / paths.PROJECT, earlier[TAKES_WANTED])


def collect(folder: Path, into: Path, *, spoken: bool, finished: bool) -> dict[str, Path]:
    """The files of a project by the names under which they are published.

    Args:
        into: folder for archives.
        spoken: whether the lines were spoken just now.
        finished: whether the report was written just now.
    Raises: OutputNotWritable, DiskFull.
    """
    found = {name: folder / place for name, place in TRAVELLING.items() if (folder / place).is_file()}
    if finished:
        found |= {name: folder / name for name in REPORTS}
    if spoken:
        wanted = into / TAKES_WANTED
        takes = ProjectFile.from_json((folder / paths.PROJECT).read_text(encoding="utf-8"), paths.PROJECT).takes
        write_text(wanted, _TAKES.dump_json(takes, indent=2).decode())
        found |= {TAKES_WANTED: wanted, TAKES: _archive(folder / paths.TAKES, into / TAKES)}
    return found


def _want_takes(project: Path, wanted: Path) -> None:
    try:
        takes = _TAKES.validate_json(wanted.read_bytes())
    except ValidationError as exc:
        raise ProjectInvalid(f"`{wanted.name}`: it is damaged. Do the stage `translate` again.") from exc
    file = ProjectFile.from_json(project.read_text(encoding="utf-8"), project.name)
    write_text(project, file.model_copy(update={"takes": takes}).to_json())


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
