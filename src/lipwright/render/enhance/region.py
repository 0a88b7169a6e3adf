"""Where a mouth is, and how what was made of it is laid back without a seam."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.sidecar import PixelBox
from lipwright.face.topology import OUTER_LIP_LOWER, OUTER_LIP_UPPER
from lipwright.render.arrays import Pixels
from lipwright.render.easing import smoothstep

MARGIN = 0.35
"""About the lips, in widths of the mouth."""
_SOFT_FROM = 0.6
"""Share of the way from the box's middle to its edge at which what was made begins to fade out."""
_IN_FACE = (0.18, 0.58, 0.82, 1.0)
"""Where a mouth is in a face's box: left, top, right, bottom, as shares."""


def mouth_of(points: NDArray[np.float32]) -> PixelBox:
    """The box of the mouth of a mesh, (478, 3) in pixels."""
    lips = points[[*OUTER_LIP_UPPER, *OUTER_LIP_LOWER], :2]
    low, high = lips.min(axis=0), lips.max(axis=0)
    margin = MARGIN * float(high[0] - low[0])
    left, top = np.floor(low - margin).astype(int).tolist()
    right, bottom = np.ceil(high + margin + 1).astype(int).tolist()
    return PixelBox(left=left, top=top, right=right, bottom=bottom)


def mouth_in(face: PixelBox) -> PixelBox:
    """The box in which the mouth of a face lies that is seen from the front, wherever it moves to."""
    width, height = face.right - face.left, face.bottom - face.top
    left, top, right, bottom = _IN_FACE
    return PixelBox(
        left=face.left + round(left * width),
        top=face.top + round(top * height),
        right=face.left + round(right * width),
        bottom=face.top + round(bottom * height),
    )


def with_new_mouth(frame: Pixels, mouth: PixelBox, made: Callable[[Pixels], Pixels]) -> Pixels:
    """Lay back what was made of a mouth, softly: whole in its middle, nothing at the edge of the box.

    Args:
        made: gets the part of the frame, (height, width, 3), not to be changed, and gives one of the same shape.
    Returns: a new frame; the frame itself where the box lies outside of it.
    """
    height, width = frame.shape[:2]
    left, top = max(0, mouth.left), max(0, mouth.top)
    right, bottom = min(width, mouth.right), min(height, mouth.bottom)
    if left >= right or top >= bottom:
        return frame
    across = (np.arange(left, right) + 0.5 - (mouth.left + mouth.right) / 2) / ((mouth.right - mouth.left) / 2)
    down = (np.arange(top, bottom) + 0.5 - (mouth.top + mouth.bottom) / 2) / ((mouth.bottom - mouth.top) / 2)
    share = 1 - smoothstep(np.hypot(across[None, :], down[:, None]), _SOFT_FROM, 1)
    out = frame.copy()
    part = np.ascontiguousarray(frame[top:bottom, left:right])
    change = np.asarray(share, np.float32)[..., None] * (made(part).astype(np.float32) - part)
    out[top:bottom, left:right] = np.rint(part + change).astype(np.uint8)
    return out
