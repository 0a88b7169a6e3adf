"""The person's own colours where person and background mix, so that a new background lets none of the old one shine
through.

Source: Forte, Approximate Fast Foreground Colour Estimation, ICIP 2021 (arXiv:2006.14970): two passes of blur fusion.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

_WIDE = 0.09
"""Radius of the first pass in shares of the longer side: colours that are missing nearby are taken from afar."""
_NARROW = 0.006
_TINY = 1e-5


def estimate_foreground(image: NDArray[np.uint8], alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The colour that each pixel of the person would have without the background.

    Args:
        image: uint8 RGB, (height, width, 3).
        alpha: coverage by the person, 0 to 1, (height, width).
    Returns: uint8 RGB, (height, width, 3): the picture itself where alpha is 1; composite as
        `alpha * foreground + (1 - alpha) * background`.
    """
    picture = image.astype(np.float32)
    longest = max(image.shape[:2])
    foreground = background = picture
    for share in (_WIDE, _NARROW):
        radius = max(2, round(longest * share))
        foreground, background = _blur_fusion(picture, foreground, background, alpha, radius)
    return np.asarray(np.rint(foreground), np.uint8)


def _blur_fusion(
    picture: NDArray[np.float32],
    foreground: NDArray[np.float32],
    background: NDArray[np.float32],
    alpha: NDArray[np.float32],
    radius: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    size = (2 * radius + 1, 2 * radius + 1)
    cover = alpha[..., None]
    blurred_alpha = cv2.blur(alpha, size)[..., None]
    smooth_foreground = cv2.blur(foreground * cover, size) / (blurred_alpha + _TINY)
    smooth_background = cv2.blur(background * (1 - cover), size) / (1 - blurred_alpha + _TINY)
    missing = picture - cover * smooth_foreground - (1 - cover) * smooth_background
    refined = np.clip(smooth_foreground + cover * missing, 0, 255)
    return np.asarray(refined, np.float32), np.asarray(smooth_background, np.float32)
