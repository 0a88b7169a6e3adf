"""Where a closed mouth really meets: the dark line between the lips, which the mesh finds only roughly."""

import cv2
import numpy as np

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER

REACH = 0.022
"""IOD: how far the line may be from the mesh's."""


def snap_to_seam(photo: Pixels, points: Floats) -> Floats:
    """Move both inner lip rows of a closed mouth onto the darkest line near them.

    Args:
        photo: uint8 RGB.
        points: (478, 3) pixels, not modified.
    Returns: a changed copy.
    """
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    reach = REACH * float(np.linalg.norm(points[263, :2] - points[33, :2]))
    upper, lower = INNER_UPPER[1:-1], INNER_LOWER[1:-1]
    middles = (points[upper] + points[lower]) / 2
    steps = np.linspace(-reach, reach, 21)
    offsets = []
    for middle in middles:
        darkness = [
            float(cv2.getRectSubPix(grey, (3, 1), (float(middle[0]), float(middle[1] + step))).mean())
            + 0.25 * abs(step)
            for step in steps
        ]
        offsets.append(steps[int(np.argmin(darkness))])
    smooth = np.convolve(np.pad(offsets, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    snapped = points.copy()
    middles[:, 1] += smooth
    snapped[upper] = middles
    snapped[lower] = middles
    return snapped
