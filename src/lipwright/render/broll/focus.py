"""The place of a picture that is worth looking at: its faces, or else where most is to be seen."""

from functools import cache
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from lipwright.render.arrays import Pixels
from lipwright.render.backgrounds.cover import scaled

if TYPE_CHECKING:
    from lipwright.face.detector import FaceDetector

_LOOKED_AT_PX: Final = 960
"""The longer side of what is searched for faces."""
_HAIR: Final = 0.15
"""Of a face's box, which ends at the brow: how much higher than its middle the middle of the head is."""
_DETAIL_PX: Final = 128
_CENTRE_SIGMA: Final = 0.35
"""Of each side: how much the middle counts more than the rim."""


def focus_of(picture: Pixels) -> tuple[float, float]:
    """Find the place.

    Args:
        picture: uint8 RGB, (height, width, 3).
    Returns: x and y as shares of width and height.
    """
    small = _at_most(picture, _LOOKED_AT_PX)
    faces = _detector().detect(small)
    if not faces:
        return _detail(_at_most(picture, _DETAIL_PX))
    areas = np.array([face.width_px * face.height_px for face in faces])
    x = np.array([face.x_px + face.width_px / 2 for face in faces]) / small.shape[1]
    y = np.array([face.y_px + face.height_px * (0.5 - _HAIR) for face in faces]) / small.shape[0]
    return _inside(np.average(x, weights=areas)), _inside(np.average(y, weights=areas))


def _detail(picture: Pixels) -> tuple[float, float]:
    """The centre of mass of edges and strong colours, those about the middle counting more."""
    height, width = picture.shape[:2]
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    contrast = np.abs(lab - cv2.GaussianBlur(lab, (0, 0), max(width, height) / 8)).sum(axis=2)
    edges = np.abs(cv2.Laplacian(cv2.GaussianBlur(lab[..., 0], (0, 0), 1), cv2.CV_32F))
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    middle = np.exp(-(((x[None] - 0.5) / _CENTRE_SIGMA) ** 2 + ((y[:, None] - 0.5) / _CENTRE_SIGMA) ** 2) / 2)
    weight = (contrast + 4 * edges) ** 2 * middle + 1e-6
    return _inside(float((weight * x[None]).sum() / weight.sum())), _inside(
        float((weight * y[:, None]).sum() / weight.sum())
    )


def _at_most(picture: Pixels, longest_px: int) -> Pixels:
    height, width = picture.shape[:2]
    scale = min(longest_px / max(height, width), 1.0)
    return scaled(picture, max(round(width * scale), 1), max(round(height * scale), 1))


def _inside(share: float) -> float:
    return float(np.clip(share, 0.0, 1.0))


@cache
def _detector() -> "FaceDetector":
    from lipwright.face.detector import FaceDetector

    return FaceDetector()
