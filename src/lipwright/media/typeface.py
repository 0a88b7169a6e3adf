"""The typefaces of burned subtitles: packaged ones by script, and for other letters those that are installed."""

import io
import struct
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from PIL import ImageFont

from lipwright.assets.packaged import read_asset
from lipwright.errors import UsageError

_PACKAGED = (
    "OpenSans-Semibold.ttf",
    "NotoSansArabic-SemiBold.ttf",
    "NotoSansHebrew-SemiBold.ttf",
    "NotoSansDevanagari-SemiBold.ttf",
    "NotoSansThai-SemiBold.ttf",
)
_SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})
_MOST_BYTES = 64_000_000
_MOST_FACES = 16
_GOOD_NAMES = ("notosanscjk", "sourcehan", "notosans", "pingfang", "hiragino", "yugoth", "meiryo", "msyh", "malgun")
_POOR_NAMES = ("mono", "serif", "light", "thin", "italic", "oblique", "black", "condensed", "symbol", "emoji", "last")
_NO_CHARACTER = "\uffff"
_FULL_NAME, _POSTSCRIPT_NAME = 4, 6  # OpenType, table `name`
_WINDOWS = 3


@dataclass(frozen=True)
class Typeface:
    """One face of a font file."""

    file_name: str
    data: bytes
    index: int = 0
    """Of the face in a collection."""

    @cached_property
    def name(self) -> str:
        """By which libass finds it: the PostScript name of a face with PostScript outlines, else the full name."""
        return _names(self.data, self.index)[
            _POSTSCRIPT_NAME if b"CFF " in _tables(self.data, self.index) else _FULL_NAME
        ]

    @cached_property
    def family(self) -> str:
        """Such as `Noto Sans CJK JP`."""
        return self.at(32).getname()[0] or ""

    @property
    def line_height_em(self) -> float:
        """From the highest to the lowest that it draws: the size that ASS calls the font size."""
        return sum(self._reach_em)

    @property
    def descent_em(self) -> float:
        """How far it reaches below the base line."""
        return self._reach_em[1]

    @cached_property
    def _reach_em(self) -> tuple[float, float]:
        """usWinAscent and usWinDescent by unitsPerEm (OpenType, tables `OS/2` and `head`)."""
        tables = _tables(self.data, self.index)
        (units_per_em,) = struct.unpack_from(">H", self.data, tables[b"head"] + 18)
        ascent, descent = struct.unpack_from(">HH", self.data, tables[b"OS/2"] + 74)
        return ascent / units_per_em, descent / units_per_em

    @cached_property
    def _size(self) -> ImageFont.FreeTypeFont:
        return self.at(32)

    @cached_property
    def _nothing(self) -> bytes:
        return bytes(self._size.getmask(_NO_CHARACTER))

    def at(self, size_px: int) -> ImageFont.FreeTypeFont:
        """Give it at a size: pixels per em."""
        return _at(self, size_px)

    def has(self, character: str) -> bool:
        """Whether it draws a character."""
        return bytes(self._size.getmask(character)) != self._nothing


@cache
def _at(face: Typeface, size_px: int) -> ImageFont.FreeTypeFont:
    layout = ImageFont.Layout.BASIC
    return ImageFont.truetype(io.BytesIO(face.data), size_px, index=face.index, layout_engine=layout)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one typeface."""

    text: str
    typeface: Typeface


@cache
def packaged() -> tuple[Typeface, ...]:
    """Give the typefaces of the package: Latin, Greek and Cyrillic first."""
    return tuple(Typeface(name, read_asset(f"fonts/{name}")) for name in _PACKAGED)


class Typesetter:
    """Knows in which typeface each letter of some texts is drawn."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Find the typefaces.

        Raises: UsageError: no packaged or installed typeface has letters of the texts.
        """
        self._faces: dict[str, Typeface] = {}
        wanted = sorted({character for text in texts for character in text if _is_drawn(character)})
        missing = [character for character in wanted if not self._settle(character, packaged())]
        letters = [character for character in missing if unicodedata.category(character)[0] in "LN"]
        if letters:
            found = _installed_for(letters)
            still = [character for character in letters if not self._settle(character, found)]
            if still:
                raise UsageError(
                    f"subtitles in the picture: the typeface has no `{'`, `'.join(still[:5])}`. Install a font for "
                    "them, such as Noto Sans CJK for Chinese, Japanese and Korean (Debian, Ubuntu: apt install "
                    "fonts-noto-cjk); or write the subtitles to a file instead, with srt, vtt or embedded."
                )
            for character in missing:
                self._settle(character, found)

    def runs(self, line: str) -> list[Run]:
        """Divide a line by typefaces; symbols that none has (emoji and the like) are left out."""
        runs: list[Run] = []
        for character in line:
            face = self._faces.get(character)
            if face is None and _is_drawn(character):
                continue
            before = runs[-1].typeface if runs else packaged()[0]
            stays = face is None or (not character.isalnum() and before.has(character))
            chosen = before if stays or face is None else face
            if runs and chosen is before:
                runs[-1] = Run(runs[-1].text + character, chosen)
            else:
                runs.append(Run(character, chosen))
        return runs

    @property
    def typefaces(self) -> tuple[Typeface, ...]:
        """Those in use, the first packaged one always among them."""
        return tuple(dict.fromkeys([packaged()[0], *self._faces.values()]))

    def _settle(self, character: str, faces: Sequence[Typeface]) -> bool:
        for face in faces:
            if face.has(character):
                self._faces[character] = face
                return True
        return False


def _is_drawn(character: str) -> bool:
    """Whether it is a sign; spaces, joiners and marks of direction are none."""
    return not character.isspace() and unicodedata.category(character) not in ("Cf", "Cc")


def font_folders() -> tuple[Path, ...]:
    """Where the system and the user keep fonts."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts")
    if sys.platform == "win32":
        return home / "AppData/Local/Microsoft/Windows/Fonts", Path("C:/Windows/Fonts")
    return home / ".local/share/fonts", home / ".fonts", Path("/usr/local/share/fonts"), Path("/usr/share/fonts")


def _installed_for(letters: Sequence[str]) -> list[Typeface]:
    """Find an installed typeface that has the letters, or some that together have as many as can be."""
    files = sorted({path for folder in font_folders() for path in _font_files(folder)}, key=_rank)
    missing = set(letters)
    partial: list[Typeface] = []
    for path in files:
        for face in _faces_of(path, letters):
            has = {letter for letter in letters if face.has(letter)}
            if len(has) == len(letters):
                return [face]
            if has & missing:
                missing -= has
                partial.append(face)
    return partial


def _font_files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file())


def _rank(path: Path) -> tuple[int, int, int, str]:
    name = path.stem.lower()
    good = next((index for index, known in enumerate(_GOOD_NAMES) if known in name), len(_GOOD_NAMES))
    return any(poor in name for poor in _POOR_NAMES), good, "bold" not in name, name


def _faces_of(path: Path, letters: Sequence[str]) -> list[Typeface]:
    """Give the faces of a file that can be read; of a collection, first the one for the language of the letters."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return []
        data = path.read_bytes()
        count = struct.unpack_from(">L", data, 8)[0] if data[:4] == b"ttcf" else 1
        faces = [Typeface(path.name, data, index) for index in range(min(count, _MOST_FACES))]
        wanted = _region(letters)
        chosen = sorted(faces, key=lambda face: wanted not in face.family.split())
        return [face for face in chosen[:1] if face.line_height_em > 0 and face.name]
    except (OSError, struct.error, KeyError):
        return []  # a file that is no font, or a kind of font that is not drawn


def _region(letters: Sequence[str]) -> str:
    if any("\u3040" <= letter <= "\u30ff" for letter in letters):
        return "JP"
    return "KR" if any("\uac00" <= letter <= "\ud7a3" for letter in letters) else "SC"


def _tables(data: bytes, index: int) -> dict[bytes, int]:
    """Offset of each table of a face, by its tag (OpenType, table directory)."""
    start = struct.unpack_from(">L", data, 12 + 4 * index)[0] if data[:4] == b"ttcf" else 0
    (count,) = struct.unpack_from(">H", data, start + 4)
    records = [struct.unpack_from(">4sLLL", data, start + 12 + 16 * at) for at in range(count)]
    return {tag: offset for tag, _, offset, _ in records}


def _names(data: bytes, index: int) -> dict[int, str]:
    """The names of a face by their number (OpenType, table `name`)."""
    start = _tables(data, index)[b"name"]
    count, texts = struct.unpack_from(">HH", data, start + 2)
    names: dict[int, str] = {}
    for at in range(count):
        platform, _, _, kind, length, offset = struct.unpack_from(">6H", data, start + 6 + 12 * at)
        text = data[start + texts + offset : start + texts + offset + length]
        if platform == _WINDOWS and kind not in names:
            names[kind] = text.decode("utf-16-be", errors="replace")
    return names
