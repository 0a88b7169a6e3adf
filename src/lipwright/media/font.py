"""The packaged typeface of subtitles and labels: Open Sans Semibold, Apache-2.0."""

import io
import unicodedata
from functools import cache

from PIL import ImageFont

from lipwright.assets.packaged import read_asset
from lipwright.errors import UsageError

FONT_FILE = "OpenSans-Semibold.ttf"
FAMILY = "Open Sans Semibold"
LINE_HEIGHT_EM = (2189 + 600) / 2048
"""usWinAscent + usWinDescent by unitsPerEm: the size that ASS calls the font size."""

_NO_CHARACTER = "\uffff"


def font_bytes() -> bytes:
    """Give the TrueType file."""
    return read_asset(f"fonts/{FONT_FILE}")


@cache
def font(size_px: int) -> ImageFont.FreeTypeFont:
    """Give the typeface at a size: pixels per em."""
    return ImageFont.truetype(io.BytesIO(font_bytes()), size_px, layout_engine=ImageFont.Layout.BASIC)


def drawable(text: str) -> str:
    """Give a text without the symbols (emoji and the like) that the typeface lacks.

    Raises: UsageError: letters or digits are missing, as with Arabic, Hindi or Chinese.
    """
    missing = {character for character in set(text) if not character.isspace() and not _has(character)}
    letters = sorted(character for character in missing if unicodedata.category(character)[0] in "LN")
    if letters:
        raise UsageError(
            f"subtitles in the picture: the typeface has no `{'`, `'.join(letters[:5])}`. "
            "Write the subtitles to a file instead, with srt, vtt or embedded."
        )
    return "".join(character for character in text if character not in missing)


@cache
def _has(character: str) -> bool:
    return bytes(font(32).getmask(character)) != bytes(font(32).getmask(_NO_CHARACTER))
