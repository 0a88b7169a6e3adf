"""What the stages of all kinds of jobs need: short names for given files, edited words, messages without the server's
paths, and progress that tells of one part of the work only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from lipwright.contracts.progress import Progress
from lipwright.contracts.route import StageWork
from lipwright.contracts.strict import Strict
from lipwright.errors import LipwrightError, MediaUnreadable, UsageError
from lipwright.media.output import output_error

SCRIPT = "script.txt"
"""The words that are spoken, as a person may correct them."""
VIDEO = "video.mp4"
Spec = TypeVar("Spec", bound=Strict)


def spec_of(work: StageWork, kind: type[Spec]) -> Spec:
    """The specification of an attempt."""
    return checked(work.spec, kind)


def checked(spec: Strict, kind: type[Spec]) -> Spec:
    """A specification as what it is.

    Raises: TypeError: it is of another kind of job.
    """
    if not isinstance(spec, kind):
        raise TypeError(f"{type(spec).__name__} is not for this route, which takes {kind.__name__}")
    return spec


def has_script(text: str | None, audio: str | None) -> bool:
    """Whether a job speaks a script, and not a recording.

    Raises: UsageError: it names both, or neither.
    """
    if (text is None) == (audio is None):
        what = "neither words nor a recording" if text is None else "both words and a recording"
        raise UsageError(f"spec: it has {what}. Give one of `text` and `audio`.")
    return text is not None


def named(work: StageWork, digest: str, name: str) -> Path:
    """An asset under a short name in the attempt's folder.

    Raises: OutputNotWritable, DiskFull.
    """
    link = work.folder / name
    try:
        link.symlink_to(work.assets[digest].absolute())
    except OSError as exc:
        raise output_error(link, exc) from exc
    return link


def words_of(work: StageWork, text: str | None) -> str | None:
    """The script of a job: a person's edit, else what was asked for.

    Raises: MediaUnreadable: the edited file is no text.
    """
    edited = work.earlier.get(SCRIPT)
    if edited is None:
        return text
    try:
        return edited.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as exc:
        raise MediaUnreadable(f"`{SCRIPT}`: it is no text in UTF-8. Approve the stage with one that is.") from exc


@contextmanager
def plainly(work: StageWork) -> Iterator[None]:
    """Errors of the block call files as the attempt's folder does, without the folders of this machine."""
    try:
        yield
    except LipwrightError as exc:
        told = str(exc)
        for folder in (work.folder, work.folder.resolve()):
            told = told.replace(f"{folder}/", "").replace(f"{folder}\\", "")
        exc.args = (told, *exc.args[1:])
        raise


class PartProgress:
    """Tells of one part of the work, so that what earlier stages had done does not move the bar again."""

    def __init__(self, inner: Progress, part: str) -> None:
        """Listen for a part by its name, such as `render`."""
        self._inner = inner
        self._part = part
        self._on = False

    def stage(self, name: str, total: int | None) -> None:
        """A part begins."""
        self._on = name == self._part
        if self._on:
            self._inner.stage(name, total)

    def advance(self, n: int = 1) -> None:
        """Units of the present part are done."""
        if self._on:
            self._inner.advance(n)

    def check_cancelled(self) -> None:
        """Raises: Cancelled."""
        self._inner.check_cancelled()


def made(work: StageWork) -> dict[str, Path]:
    """The finished video and what lies beside it, by their names."""
    stem = Path(VIDEO).stem
    return {path.name: path for path in sorted(work.folder.glob(f"{stem}.*")) if path.is_file()}
