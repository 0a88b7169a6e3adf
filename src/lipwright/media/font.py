"""The typeface of labels: Open Sans Semibold, Apache-2.0."""

import unicodedata

from PIL import ImageFont

from lipwright.errors import UsageError
from lipwright.media.typeface import packaged


def font(size_px: int) -> ImageFont.FreeTypeFont:
    """Give the typeface at a size: pixels per em."""
    return packaged()[0].at(size_px)


def drawable(text: str) -> str:
    """Give a text without the symbols (emoji and the like) that the typeface lacks.

    Raises: UsageError: letters or digits are missing, as with Arabic, Hindi or Chinese.
    """
    face = packaged()[0]
    missing = {character for character in set(text) if not character.isspace() and not face.has(character)}
    letters = sorted(character for character in missing if unicodedata.category(character)[0] in "LN")
    if letters:
        raise UsageError(
            f"label in the picture: the typeface has no `{'`, `'.join(letters[:5])}`. "
            "Write the label in Latin, Greek or Cyrillic letters."
        )
    return "".join(character for character in text if character not in missing)
