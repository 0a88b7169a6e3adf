"""What a scene looks like before anything is drawn: a figure at its distance and place, and what is behind it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lipwright.contracts.story import Background, Framing, Place, Scene

_HEADS: Final = {Framing.CLOSE: (0.52, 0.46), Framing.MEDIUM: (0.32, 0.36), Framing.WIDE: (0.17, 0.30)}
"""Height of the head, and how far down its middle is, by the height of the picture."""
_PLACES: Final = {Place.LEFT: 0.3, Place.CENTRE: 0.5, Place.RIGHT: 0.7}
_PAPER: Final = (74, 78, 88)
_SKY: Final = ((58, 62, 72), (92, 97, 110))
_FIGURE, _EDGE = (226, 228, 232), (40, 43, 50)
_FINE: Final = 3
"""Drawn so many times as large, and made smaller, for smooth edges."""


def framing_picture(scene: Scene, width_px: int, height_px: int) -> NDArray[np.uint8]:
    """Draw a scene as a diagram, uint8 RGB (height_px, width_px, 3)."""
    width, height = width_px * _FINE, height_px * _FINE
    drawing = Image.fromarray(_behind(scene.background, width, height))
    pen = ImageDraw.Draw(drawing)
    share, down = _HEADS[scene.framing or Framing.MEDIUM]
    head = share * height
    middle_x, middle_y = _PLACES[scene.place or Place.CENTRE] * width, down * height
    shoulders = middle_y + 0.62 * head
    body = (middle_x - 1.05 * head, shoulders, middle_x + 1.05 * head, shoulders + 9 * head)
    line = max(round(height * 0.008), 1)
    pen.rounded_rectangle(body, radius=0.55 * head, fill=_FIGURE, outline=_EDGE, width=line)
    neck = (middle_x - 0.16 * head, middle_y + 0.3 * head, middle_x + 0.16 * head, shoulders + 0.1 * head)
    pen.rectangle(neck, fill=_FIGURE)
    face = (middle_x - 0.37 * head, middle_y - 0.5 * head, middle_x + 0.37 * head, middle_y + 0.5 * head)
    pen.ellipse(face, fill=_FIGURE, outline=_EDGE, width=line)
    turned = {"left": -0.16, "right": 0.16}.get(scene.pose or "", 0.0) * head
    nose = middle_x + turned
    for eye in (-0.14, 0.14):
        x, y, size = nose + eye * head, middle_y - 0.05 * head, 0.035 * head
        pen.ellipse((x - size, y - size, x + size, y + size), fill=_EDGE)
    mouth = (nose - 0.12 * head, middle_y + 0.1 * head, nose + 0.12 * head, middle_y + 0.26 * head)
    pen.arc(mouth, 20, 160, fill=_EDGE, width=line)
    return np.asarray(drawing.resize((width_px, height_px), Image.Resampling.BOX), np.uint8)


def _behind(background: Background | None, width: int, height: int) -> NDArray[np.uint8]:
    kind, value = (background.kind, background.value) if background else ("keep", "")
    if kind == "colour":
        colours = [_rgb(value), _rgb(value)]
    elif kind == "gradient" and value.startswith("#"):
        colours = [_rgb(colour) for colour in value.split(",")]
    elif kind == "gradient":
        colours = list(_SKY)
    else:
        colours = [_PAPER, _PAPER]
    down = np.linspace(0, len(colours) - 1, height)
    column = [np.interp(down, range(len(colours)), [colour[channel] for colour in colours]) for channel in range(3)]
    return np.repeat(np.stack(column, axis=-1)[:, None].round().astype(np.uint8), width, axis=1)


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
