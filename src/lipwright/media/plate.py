"""Small pictures over large ones."""

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.media import Plate


def blend(image: NDArray[np.uint8], plate: Plate) -> None:
    """Lay a plate over a frame, in place.

    Args:
        image: uint8 RGB, (height, width, 3). Modified where the plate lies.
    """
    height_px, width_px = plate.rgba.shape[:2]
    under = image[plate.y_px : plate.y_px + height_px, plate.x_px : plate.x_px + width_px]
    clear = cv2.cvtColor(255 - plate.rgba[..., 3], cv2.COLOR_GRAY2RGB)
    shaded = cv2.multiply(under, clear, scale=1 / 255)
    np.add(shaded, cv2.cvtColor(plate.rgba, cv2.COLOR_RGBA2RGB), out=under, casting="unsafe")


def trimmed(rgba: NDArray[np.uint8], x_px: int = 0, y_px: int = 0) -> Plate | None:
    """Cut a picture to the box that is not clear.

    Args:
        rgba: premultiplied, (height, width, 4).
        x_px: where its left edge is in the frame.
        y_px: where its top edge is in the frame.
    Returns: None when all of it is clear.
    """
    rows = np.flatnonzero(rgba[..., 3].any(axis=1))
    columns = np.flatnonzero(rgba[..., 3].any(axis=0))
    if not len(rows):
        return None
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    return Plate(rgba=np.ascontiguousarray(rgba[top:bottom, left:right]), x_px=x_px + left, y_px=y_px + top)


def premultiplied(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Multiply colours by straight alpha, (height, width, 4)."""
    result = rgba.copy()
    result[..., :3] = (rgba[..., :3] * rgba[..., 3:].astype(np.uint16) + 127) // 255
    return result
