"""The visible label that says what a viewer looks at."""

from enum import StrEnum

import numpy as np
from PIL import Image, ImageDraw

from lipwright.contracts.media import Plate
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.media.font import drawable, font
from lipwright.media.plate import premultiplied

_TEXT_HEIGHT = 0.026  # em by the shorter side of the picture
_SMALLEST_TEXT_PX = 11
_MARGIN = 0.03  # by the shorter side
_BOX = (0, 0, 0, 140)
_INK = (255, 255, 255, 235)


class Corner(StrEnum):
    """Where a label stands."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


def label_plate(width_px: int, height_px: int, text: str = SYNTHETIC, corner: Corner = Corner.TOP_LEFT) -> Plate:
    """Draw a label, white on a dark translucent bar, for a picture of the given size.

    Returns: a plate that lies inside the picture, made smaller where the text would not fit.
    Raises: UsageError: the typeface lacks letters of the text.
    """
    side_px = min(width_px, height_px)
    margin_px = round(side_px * _MARGIN)
    words = drawable(text)
    size_px = max(round(side_px * _TEXT_HEIGHT), _SMALLEST_TEXT_PX)
    room_px = width_px - 2 * margin_px
    widest_px = font(size_px).getlength(words) + size_px * 1.2
    if widest_px > room_px:
        size_px = max(int(size_px * room_px / widest_px), 1)
    typeface = font(size_px)
    pad_px = round(size_px * 0.55)
    box_width_px = min(round(typeface.getlength(words)) + 2 * pad_px, width_px)
    box_height_px = min(round(size_px * 1.7), height_px)
    drawing = Image.new("RGBA", (box_width_px, box_height_px))
    pen = ImageDraw.Draw(drawing)
    pen.rounded_rectangle((0, 0, box_width_px - 1, box_height_px - 1), radius=size_px * 0.4, fill=_BOX)
    ink = Image.new("RGBA", drawing.size)
    ImageDraw.Draw(ink).text((box_width_px / 2, box_height_px / 2), words, font=typeface, fill=_INK, anchor="mm")
    drawing.alpha_composite(ink)
    right, bottom = corner.endswith("right"), corner.startswith("bottom")
    return Plate(
        rgba=premultiplied(np.asarray(drawing)),
        x_px=max(width_px - margin_px - box_width_px, 0) if right else min(margin_px, width_px - box_width_px),
        y_px=max(height_px - margin_px - box_height_px, 0) if bottom else min(margin_px, height_px - box_height_px),
    )
