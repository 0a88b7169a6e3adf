"""Pictures as a scan gets them: drawn shots without people, and two faces side by side of which one speaks."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.footage import YuvFrame
from lipwright.face.select import find_face
from lipwright.media.colour import YuvConverter
from support.talking import opened

_CONVERTER = YuvConverter()


def yuv_of(image: NDArray[np.uint8]) -> YuvFrame:
    """A picture with even sides as video stores it."""
    frame = _CONVERTER(np.ascontiguousarray(image))
    height, width = image.shape[:2]
    planes = [
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width].copy()
        for plane in frame.planes
    ]
    assert planes[0].shape == (height, width)
    return YuvFrame(*planes)


def view(seed: int, width_px: int = 256, height_px: int = 144) -> NDArray[np.uint8]:
    """A soft colourful picture; another seed gives another view."""
    rough = np.random.default_rng(seed).integers(20, 235, (5, 9, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(rough, (width_px, height_px), interpolation=cv2.INTER_CUBIC), np.uint8)


def moved(image: NDArray[np.uint8], x_px: float, y_px: float, turn_degrees: float = 0.0) -> NDArray[np.uint8]:
    """A picture shifted and turned about its middle; its edges are repeated."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn_degrees, 1.0)
    matrix[:, 2] += (x_px, y_px)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def speaking(image: NDArray[np.uint8], openings: Sequence[float], widest_px: int = 26) -> list[NDArray[np.uint8]]:
    """A 256 px portrait whose mouth opens, 0 to 1, frame by frame."""
    mesh = find_face(image, name="portrait")
    return [opened(image, mesh, round(widest_px * amount)) for amount in openings]
