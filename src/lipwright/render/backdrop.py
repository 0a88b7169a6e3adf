"""What stands behind the person: the photo's own background without them, its blur, a colour, or another picture."""

import re

import cv2
import numpy as np

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.fill import fill_smoothly

COLOUR = re.compile(r"#(?P<red>[0-9a-fA-F]{2})(?P<green>[0-9a-fA-F]{2})(?P<blue>[0-9a-fA-F]{2})")
BLUR = 0.025
"""Sigma as a share of the picture's longer side."""


def colour_of(background: str) -> tuple[int, int, int] | None:
    """Red, green and blue of a background such as `#0b3d5c`; None when it is no colour."""
    found = COLOUR.fullmatch(background)
    return (int(found["red"], 16), int(found["green"], 16), int(found["blue"], 16)) if found else None


def empty_room(photo: Pixels, alpha: Floats, reach_px: int) -> Pixels:
    """The photo's background with the person taken out: what the person may uncover is diffused from around them.

    Args:
        photo: uint8 RGB (height, width, 3).
        alpha: float32 (height, width), the person.
        reach_px: by how much the matte is widened, so that no soft hair is taken for background.
    """
    size = 2 * max(1, reach_px) + 1
    person = cv2.dilate((alpha > 0.01).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    if person.all():
        return photo.copy()
    filled = fill_smoothly(photo.astype(np.float32), (person == 0).astype(np.float32))
    return np.asarray(np.where(person[..., None] > 0, np.clip(filled + 0.5, 0, 255).astype(np.uint8), photo))


def blurred(room: Pixels) -> Pixels:
    """A room out of focus."""
    return np.asarray(cv2.GaussianBlur(room, (0, 0), BLUR * max(room.shape[:2])))


def plain(width: int, height: int, colour: tuple[int, int, int]) -> Pixels:
    """One colour, RGB."""
    return np.ascontiguousarray(np.broadcast_to(np.array(colour, np.uint8), (height, width, 3)))


def covering(picture: Pixels, width: int, height: int) -> Pixels:
    """A picture scaled and cropped about its middle to fill the output."""
    scale = max(width / picture.shape[1], height / picture.shape[0])
    scaled = (max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale)))
    big = cv2.resize(picture, scaled, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    left, top = (big.shape[1] - width) // 2, (big.shape[0] - height) // 2
    return np.ascontiguousarray(big[top : top + height, left : left + width])
