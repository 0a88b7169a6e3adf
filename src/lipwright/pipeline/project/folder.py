"""Open the folder of a dub, and find in it what an earlier call was asked for."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lipwright.contracts.dub import DubRequest
from lipwright.contracts.project import ProjectFile, Source, State, StateName
from lipwright.errors import Cancelled, LipwrightError, MediaNotFound, OutputError, ProjectInvalid, UsageError
from lipwright.media.claim import claimed
from lipwright.media.output import output_error, write_text
from lipwright.pipeline.project import paths
from lipwright.pipeline.project.project import Project
from lipwright.pipeline.project.request import found_request, told_request
from lipwright.pipeline.project.seen import Seen, load_seen, look, save_seen
from lipwright.pipeline.project.takes import lines_of, take_of

_BOUND_BY = (paths.TRANSCRIPT, paths.TRANSLATION, paths.VOICES)
"""Files of a person: a folder with any of them belongs to its video and language, one without to the next dub."""
UNEXPECTED = "unexpected"
"""The code of a failure that is no error of Lipwright's own."""


def is_project(folder: Path) -> bool:
    """Whether a dub works in a folder."""
    return (folder / paths.PROJECT).is_file()


def recall(folder: Path) -> DubRequest:
    """What a project was asked for last; it goes on to the end.

    Raises: ProjectInvalid: the folder is no project, or its file is damaged or of a newer version.
    """
    return found_request(_load(folder).asked, folder, str(folder / paths.PROJECT))


def redo(folder: Path, line: int, take: int | None = None) -> int:
    """Note that a line is to be spoken with another take; the next run does it.

    Args:
        line: its number in the last run.
        take: 0 is the first; None for the one after the present one.
    Returns: the take.
    Raises: ProjectInvalid. UsageError: the line is not there. OutputError: also when a run is at work in the folder.
    """
    project = _load(folder)
    with claimed(folder / paths.PROJECT):
        lines = lines_of(paths.inside(folder, paths.LINES))
        if line not in lines:
            there = f"It has the lines 1 to {max(lines)}" if lines else "It has no lines yet: run it first"
            raise UsageError(f"`{folder}`: there is no line {line} in this dub. {there}.")
        now = next((one.take for one in project.takes if one.line == line), 0)
        wanted = now + 1 if take is None else take
        others = [one for one in project.takes if one.line != line]
        takes = sorted([*others, *([take_of(line, lines[line], wanted)] if wanted else [])], key=lambda one: one.line)
        write_text(folder / paths.PROJECT, project.model_copy(update={"takes": tuple(takes)}).to_json())
        return wanted


@contextmanager
def open_project(request: DubRequest, manner: str = "") -> Iterator[Project]:
    """Work in the folder of a request; it is made if it is missing. How the block ends is noted in it.

    Args:
        manner: what else decides the result, such as settings and versions of engines.
    Raises:
        ProjectInvalid: the folder holds other things, or the dub of another video or into another language.
        PathEscapes: a link in it leads out of it.
        MediaNotFound, MediaUnreadable: the video.
        OutputNotWritable: another run works in it, or nobody may write there. DiskFull.
    """
    folder = request.project
    if not request.video.exists():
        if not is_project(folder):
            raise MediaNotFound(f"`{request.video}`: there is no such file. Check the name.")
        raise MediaNotFound(
            f"`{request.video}`: the video of the project `{folder}` is not there. Name where it is: "
            f"lipwright dub VIDEO --to {request.target} --project {folder}"
        )
    _make(folder)
    with claimed(folder / paths.PROJECT):
        for name in (*paths.KNOWN, paths.HEARD, paths.TRANSLATED, paths.CHOSEN, paths.LINES, paths.SEEN):
            paths.inside(folder, name)
        file = _load(folder) if is_project(folder) else None
        if file is None:
            write_text(folder / paths.IGNORED, paths.IGNORE)
        paths.remove_leftovers(folder)
        project = Project(request, manner, *_checked(request, file))
        try:
            yield project
        except Cancelled:
            _ended(project, name=StateName.CANCELLED)
            raise
        except LipwrightError as exc:
            _ended(
                project,
                name=StateName.FAILED,
                code=exc.code,
                message=str(exc),
                part=getattr(exc, "part", None),
                retryable=exc.retryable,
            )
            raise
        except KeyboardInterrupt:
            _ended(project, name=StateName.CANCELLED)
            raise
        except BaseException as exc:
            _ended(project, name=StateName.FAILED, code=UNEXPECTED, message=repr(exc), retryable=False)
            raise


def _ended(project: Project, **how: Any) -> None:
    with suppress(OutputError):  # the disk may be why it ended; that reason is told, not this one
        project.set_state(State(stage=project.state.stage, **how))


def _load(folder: Path) -> ProjectFile:
    path = folder / paths.PROJECT
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise ProjectInvalid(
            f"`{folder}`: this is not the folder of a dub. Begin one: "
            f"lipwright dub VIDEO --to LANGUAGE --project {folder}"
        ) from exc
    except NotADirectoryError as exc:
        raise ProjectInvalid(f"`{folder}`: this is a file. Name the folder of a dub.") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise ProjectInvalid(f"`{path}`: cannot be read ({exc}). Restore it, or name another folder.") from exc
    return ProjectFile.from_json(text, str(path))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = sorted(entry.name for entry in folder.iterdir()) if not is_project(folder) else []
    except FileExistsError as exc:
        raise ProjectInvalid(f"`{folder}`: this is a file. Name a folder with --project.") from exc
    except OSError as exc:
        raise output_error(folder, exc) from exc
    strange = [name for name in others if name not in paths.KNOWN and not name.endswith((".lock", ".part"))]
    if strange:
        raise ProjectInvalid(
            f"`{folder}`: this folder holds other things, such as `{strange[0]}`. Name a new or an empty folder with "
            "--project."
        )


def _checked(request: DubRequest, file: ProjectFile | None) -> tuple[ProjectFile, Seen]:
    """The document with what is asked now, and the files as they are."""
    folder = request.project
    before = load_seen(folder / paths.SEEN)
    told = paths.told_path(request.video, folder)
    video = look(request.video, before.files.get(told))
    seen = before.model_copy(update={"files": {**before.files, told: video}})
    asked = told_request(request)
    if file is not None and any((folder / name).exists() for name in _BOUND_BY):
        if video.sha256 != file.source.sha256:
            raise ProjectInvalid(
                f"`{folder}`: this is the dub of another video, `{file.source.name}`. Name another folder with "
                f"--project for `{request.video.name}`."
            )
        if file.asked.get("target") != asked["target"]:
            raise ProjectInvalid(
                f"`{folder}`: this is a dub into {file.asked.get('target')}, not into {request.target}. Name another "
                "folder with --project for each language."
            )
    if seen != before:
        save_seen(folder / paths.SEEN, seen)
    source = Source(name=request.video.name, sha256=video.sha256)
    if file is None:
        return ProjectFile(source=source, asked=asked), seen
    return file.model_copy(update={"source": source, "asked": asked}), seen
