"""A folder of the user's own pictures and clips, searched by tags.

A file's tags are the words of its name, of the folders that it lies in, and of its rows in `library.csv`, which lies at
the top of the folder and has the columns `file` and `tags`. Any spreadsheet writes it:

    file,tags
    city/IMG_0012.jpg,night skyline
    clips/desk.mp4,"office, typing, close-up"
"""

import csv
import io
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from lipwright.errors import InputError, MediaNotFound, MediaUnreadable, PathEscapes, UsageError, did_you_mean
from lipwright.media.text_encoding import NotText, decoded
from lipwright.render.broll.tags import near_tags, words_of

LIST: Final = "library.csv"
_ENDINGS: Final = frozenset(
    ".jpg .jpeg .png .webp .avif .tif .tiff .bmp .gif .jp2 .mp4 .mov .m4v .mkv .webm .avi .mpg .mpeg .ts .mts .wmv"
    " .flv .mxf .ogv".split()
)
_MOST_FILES: Final = 100_000
_MOST_LIST_BYTES: Final = 16 << 20
_SHOWN_TAGS: Final = 12


class Library:
    """Looks into its folder when it is first searched, and never again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, tags: Sequence[str], taken: Iterable[Path] = ()) -> Path:
        """Choose a file that has at least one of some tags: the same for the same folder, tags and choices before.

        Those that were taken least often come first, then those that have most of the tags, those that have least
        besides, and last the order of names.

        Args:
            tags: each one or several words; a file has a tag when it has all its words.
            taken: what was found before; a path may come several times.
        Raises:
            MediaNotFound: nothing has any of the tags, and which are near; there is no such folder, or nothing in it.
            MediaUnreadable, PathEscapes: `library.csv` cannot be used; the message has its line.
        """
        wanted = [words for words in map(words_of, tags) if words]
        if not wanted:
            raise UsageError("a cut-away from the library has no tags. Write what it is to show.")
        counts = Counter(taken)

        def rank(path: Path) -> tuple[int, int, int, str]:
            words = self._files[path]
            return counts[path], -sum(tag <= words for tag in wanted), len(words), path.as_posix()

        fitting = [path for path, words in self._files.items() if any(tag <= words for tag in wanted)]
        if not fitting:
            raise self._nothing(tags)
        return min(fitting, key=rank)

    @cached_property
    def _files(self) -> Mapping[Path, frozenset[str]]:
        """Every picture and clip with its words."""
        if not self._folder.is_dir():
            raise MediaNotFound(
                f"`{self._folder}`: there is no such folder of pictures. Set LIPWRIGHT_LIBRARY_DIR to one."
            )
        listed = self._listed()
        found = {}
        for path in self._walk():
            name = path.relative_to(self._folder).as_posix()
            found[path] = words_of(name[: -len(path.suffix)]) | listed.pop(name, (0, frozenset()))[1]
        for name, (line, _) in listed.items():
            near = did_you_mean(name, (path.relative_to(self._folder).as_posix() for path in found))
            raise MediaNotFound(f"`{LIST}` line {line}: there is no picture or clip `{name}`.{near} Correct the line.")
        if not found:
            raise MediaNotFound(
                f"`{self._folder}`: holds no pictures and no clips. Put some in, such as JPEG and MP4 files."
            )
        return found

    def _walk(self) -> list[Path]:
        found = []
        for folder, inner, names in os.walk(self._folder):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            here = Path(folder)
            found += [
                here / name
                for name in sorted(names)
                if not name.startswith(".") and Path(name).suffix.lower() in _ENDINGS
            ]
            if len(found) > _MOST_FILES:
                raise MediaUnreadable(f"`{self._folder}`: more than {_MOST_FILES} pictures. Name a smaller folder.")
        return found

    def _listed(self) -> dict[str, tuple[int, frozenset[str]]]:
        """Line and words of each file that the list names."""
        path = self._folder / LIST
        if not path.is_file():
            return {}
        if path.stat().st_size > _MOST_LIST_BYTES:
            raise MediaUnreadable(f"`{LIST}`: has more than {_MOST_LIST_BYTES >> 20} MB. Shorten it.")
        try:
            text, _ = decoded(path.read_bytes())
            rows = _rows(text)
        except (NotText, csv.Error) as exc:
            raise MediaUnreadable(f"`{LIST}`: {exc}. Save it as CSV in UTF-8.") from exc
        found: dict[str, tuple[int, frozenset[str]]] = {}
        for line, file, tags in rows:
            name = _inside(file, line)
            found[name] = (line, found.get(name, (0, frozenset()))[1] | words_of(tags))
        return found

    def _nothing(self, tags: Sequence[str]) -> InputError:
        known = Counter(word for words in self._files.values() for word in words if not word.isdecimal())
        near = near_tags((word for tag in tags for word in words_of(tag)), known)
        told = f"Near are: {', '.join(near)}." if near else f"It has: {_most(known)}."
        asked = ", ".join(f"`{tag}`" for tag in tags)
        return MediaNotFound(f"{asked}: nothing in the library has this tag. {told} Tag a file so, or name a file.")


def _rows(text: str) -> list[tuple[int, str, str]]:
    """Line, file and tags of each row."""
    if not text.strip():
        return []
    head = text.lstrip().partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=head.count), restval="", restkey="rest")
    columns = {(name or "").strip().casefold(): name for name in reader.fieldnames or ()}
    if not {"file", "tags"} <= columns.keys():
        raise MediaUnreadable(f"`{LIST}`: needs the columns `file` and `tags` in its first line. Add that line.")
    rows = []
    for row in reader:
        more = " ".join(row.get("rest") or ())  # tags that are joined by commas, and not quoted
        if row[columns["file"]].strip():
            rows.append((reader.line_num, row[columns["file"]].strip(), f"{row[columns['tags']]} {more}"))
    return rows


def _inside(file: str, line: int) -> str:
    """The name of a file in the folder, as paths are written."""
    name = file.replace("\\", "/").removeprefix("./")
    if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0]:
        raise PathEscapes(f"`{LIST}` line {line}: `{file}` leads out of the library. Name a file inside it.")
    return name


def _most(known: Counter[str]) -> str:
    ordered = sorted(known, key=lambda word: (-known[word], word))
    return ", ".join(ordered[:_SHOWN_TAGS])
