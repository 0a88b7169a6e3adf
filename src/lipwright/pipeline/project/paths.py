"""The names in the folder of a project. None of them leads out of it."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from lipwright.errors import PathEscapes

PROJECT: Final = "project.json"
TRANSCRIPT: Final = "transcript.srt"
TRANSLATION: Final = "translation.srt"
VOICES: Final = "voices.csv"
REPORT_PAGE: Final = "report.html"
REPORT: Final = "report.json"
TAKES: Final = "takes"
MEMORY: Final = ".lipwright"
"""Folder of what the machine wrote, by which a person's edits are told from it; belongs under version control, too."""
HEARD: Final = f"{MEMORY}/transcript.json"
TRANSLATED: Final = f"{MEMORY}/translation.json"
CHOSEN: Final = f"{MEMORY}/voices.json"
LINES: Final = f"{MEMORY}/lines.json"
"""Numbers and times of the lines of the last run."""
SEEN: Final = f"{MEMORY}/seen.json"
"""Sizes and times of files on this machine; not under version control."""
IGNORED: Final = ".gitignore"
IGNORE: Final = f"{TAKES}/\n{SEEN}\n.*.part\n.*.lock\n"
KNOWN: Final = frozenset({
    PROJECT, TRANSCRIPT, TRANSLATION, VOICES, REPORT_PAGE, REPORT, TAKES, MEMORY, IGNORED, ".git", ".gitattributes",
})  # fmt: skip
"""What a folder may hold before it becomes a project."""

_PART = re.compile(r"\..+\.[0-9a-f]{12}\.part")
_FARTHEST_UP: Final = 2
"""A path that leads up through more folders than this is told from the root on."""


def inside(folder: Path, name: str) -> Path:
    """The path of a name in a folder; the file need not exist.

    Raises: PathEscapes: the name, or a link on its way, leads out of the folder.
    """
    path = folder / name
    root = folder.resolve()
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError) as exc:  # links that lead round in a circle
        raise PathEscapes(f"`{path}`: its links lead nowhere. Put a file in its place.") from exc
    if resolved == root or not resolved.is_relative_to(root):
        raise PathEscapes(
            f"`{path}`: it leads out of the project's folder, to `{resolved}`. Put a copy of the file into the folder."
        )
    return path


def sound_name(number: int) -> str:
    """Where the sound of a line is: `takes/007.flac`."""
    return f"{TAKES}/{number:03}.flac"


def told_path(path: Path, folder: Path) -> str:
    """A path as it is written down: relative to the project's folder where it is near, with `/` between names."""
    there = path.parent.resolve() / path.name
    try:
        relative = Path(os.path.relpath(there, folder.resolve()))
    except ValueError:  # another drive of Windows
        return there.as_posix()
    up = sum(part == ".." for part in relative.parts)
    return (there if up > _FARTHEST_UP else relative).as_posix()


def found_path(told: str, folder: Path) -> Path:
    """The path that was written down, seen from where the program runs."""
    return Path(os.path.normpath(folder / told))


def remove_leftovers(folder: Path) -> None:
    """Remove files that killed runs left unfinished; call it while nobody else works in the folder."""
    for place in (folder, folder / MEMORY, folder / TAKES):
        for path in place.glob(".*.part") if place.is_dir() else ():
            if _PART.fullmatch(path.name):
                with suppress(OSError):
                    path.unlink()
