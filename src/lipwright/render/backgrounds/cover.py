"""Pictures of any shape fill the output: the largest part of its shape about the middle, scaled alike in both ways."""

import cv2

from lipwright.render.arrays import Pixels


def middle_part(size: tuple[int, int], shape: tuple[int, int], step: int = 1) -> tuple[int, int, int, int]:
    """Find the largest rectangle of a shape about the middle of a picture.

    Args:
        size: width and height of the picture.
        shape: width and height of the output.
        step: all edges are multiples of it, where the picture is large enough.
    Returns: left, top, width, height in whole pixels, 1 or more.
    """
    width = _nearest(min(size[0], size[1] * shape[0] / shape[1]), size[0], step)
    height = _nearest(min(size[1], size[0] * shape[1] / shape[0]), size[1], step)
    return (size[0] - width) // (2 * step) * step, (size[1] - height) // (2 * step) * step, width, height


def covered(picture: Pixels, width_px: int, height_px: int) -> Pixels:
    """Crop and scale a picture. It is cropped first, so that no thin strip becomes a huge picture on the way.

    Args:
        picture: uint8, (height, width) or (height, width, channels). Not modified.
    Returns: the same kind, (height_px, width_px, ...).
    """
    left, top, width, height = middle_part((picture.shape[1], picture.shape[0]), (width_px, height_px))
    return scaled(picture[top : top + height, left : left + width], width_px, height_px)


def scaled(picture: Pixels, width_px: int, height_px: int) -> Pixels:
    """Scale a whole picture, without aliases where it shrinks, and smoothly where it grows; always a new array."""
    shrinks = picture.shape[1] > width_px
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(picture, (width_px, height_px), interpolation=how)  # type: ignore[return-value]


def _nearest(length: float, longest: int, step: int) -> int:
    """Round to a multiple of `step`, from one step to `longest`."""
    return min(max(round(length / step), 1) * step, longest)
