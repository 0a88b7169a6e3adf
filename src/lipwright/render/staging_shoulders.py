"""Shoulders that the photo's sides cut off go on: mirrored cloth under an outline that falls as theirs does.

Only what lies beside the photo is made up. Where a side cuts off no more than an elbow the photo ends above it.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.contracts.face import FaceMesh
from lipwright.face import topology
from lipwright.render.arrays import Floats, Pixels

TOUCHES = 0.3
"""Mean alpha of the outermost pixels from which on the side cuts the person off."""
FITTED = 0.25
"""Of the face's width: so much of the outline beside the cut tells how it goes on."""
MIRRORED = 0.5
"""Of the face's width: so much cloth is mirrored, to and fro."""
LEAST_FALL, MOST_FALL = 0.3, 3.0
"""Pixels down for each pixel outward."""
ROUNDING = 2.2
"""How much steeper the outline gets over one face's height."""
BUST = 1.1
"""Of the face's height: a photo that shows so much below the chin before a side cuts anything off may end there."""
SLIVER = 0.05
"""Of the photo's height: a lower end that is no loss."""
SHADE = 0.25
"""How much darker the cloth is at its far end."""


@dataclass(frozen=True)
class Widened:
    """A photo whose sides were moved outward, or whose lower edge was moved up."""

    image: Pixels
    """RGB (height, width, 3)."""
    alpha: Floats
    """(height, width) 0 to 1."""
    mesh: FaceMesh
    added_left: int
    """Columns."""


def whole_shoulders(image: Pixels, alpha: Floats, mesh: FaceMesh) -> Widened:
    """Make a person's shoulders whole where the photo's left or right side cuts them off below the chin.

    Args:
        image: uint8 RGB (height, width, 3).
        alpha: float32 (height, width), the person.
        mesh: their face.
    """
    oval = mesh.points[list(topology.FACE_OVAL), :2]
    face_width, face_height = (float(length) for length in np.ptp(oval, axis=0))
    chin = int(np.clip(oval[:, 1].max(), 0, len(alpha) - 1))
    end = _elbow(alpha, chin, face_height)
    image, alpha = image[:end], alpha[:end]
    left = _beside(image, alpha, chin, face_width, face_height)
    right = _beside(image[:, ::-1], alpha[:, ::-1], chin, face_width, face_height)
    points = mesh.points.copy()
    points[:, 0] += left[1].shape[1]
    return Widened(
        image=np.ascontiguousarray(np.concatenate([left[0][:, ::-1], image, right[0]], axis=1)),
        alpha=np.ascontiguousarray(np.concatenate([left[1][:, ::-1], alpha, right[1]], axis=1)),
        mesh=FaceMesh(points, mesh.presence),
        added_left=left[1].shape[1],
    )


def _elbow(alpha: Floats, chin: int, face_height: float) -> int:
    """The row at which the photo may end so that no side cuts the person off; its height where there is none."""
    height = len(alpha)
    touched = (alpha[chin:, :3].mean(axis=1) > TOUCHES) | (alpha[chin:, -3:].mean(axis=1) > TOUCHES)
    first = chin + int(np.argmax(touched)) if touched.any() else height
    return first if first - chin > BUST * face_height or height - first < SLIVER * height else height


def _beside(image: Pixels, alpha: Floats, chin: int, face_width: float, face_height: float) -> tuple[Pixels, Floats]:
    """What lies beyond the left side, from there outward: colours (height, columns, 3) and alpha (height, columns)."""
    height, width = alpha.shape
    nothing = np.zeros((height, 0, 3), np.uint8), np.zeros((height, 0), np.float32)
    rows = np.flatnonzero(alpha[chin:, :3].mean(axis=1) > TOUCHES)
    if not len(rows):
        return nothing
    begins = chin + int(rows[0])
    fitted = int(np.clip(FITTED * face_width, 4, width))
    outline = chin + np.argmax(alpha[chin:, :fitted] > 0.5, axis=0)
    fall = float(np.clip(-np.polyfit(np.arange(fitted), outline, 1)[0], LEAST_FALL, MOST_FALL))
    bend = ROUNDING / (2 * face_height)
    room = height + 2 - begins
    columns = math.ceil((math.sqrt(fall * fall + 4 * bend * room) - fall) / (2 * bend))
    outward, row = np.meshgrid(np.arange(1, columns + 1, dtype=np.float32), np.arange(height, dtype=np.float32))
    mirrored = max(2.0, min(MIRRORED * face_width, width - 1.0))
    # To and fro over the mirrored cloth; its rows lie as far below the outline as they do in the photo.
    across = mirrored - np.abs(mirrored - (outward - 1) % (2 * mirrored))
    down = row - fall * outward - bend * outward * outward - fall * across
    beyond = down < chin
    down = np.where(beyond, 2 * chin - down, down)
    sampled = cv2.remap(
        image, across.astype(np.float32), down.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    below = row - begins - fall * outward - bend * outward * outward
    cover = np.clip(below + 0.5, 0, 1).astype(np.float32)
    shaded = sampled.astype(np.float32) * (1 - SHADE * (outward / columns))[..., None]
    return np.asarray(shaded + 0.5, np.uint8), cover
