"""A photo, the person in it, and what stands behind: the parts that a moving head is composed from."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep

MOTION_REACH = 0.12
"""IOD by which a part of the person may leave its place, at most."""


@dataclass(frozen=True)
class Scene:
    """Everything at the output's size."""

    photo: Pixels
    """RGB (height, width, 3)."""
    alpha: Floats
    """(height, width) 0 to 1: the person."""
    plate: Pixels
    """RGB (height, width, 3): the background alone, wherever the person may uncover it."""
    foreground: Pixels | None
    """RGB: the person's own colours, free of the old background; None while the photo keeps its background."""

    def premultiplied(self, photo: Pixels) -> Pixels:
        """The person's share of a picture and its alpha, 0 to 255: uint8 (height, width, 4).

        With the photo's own background the share is the photo less the plate's share, so that a person who has not
        moved gives back the photo to the grey level.
        """
        alpha = np.round(self.alpha * 255).astype(np.float32)[..., None]
        if self.foreground is None:
            behind = self.plate.astype(np.float32) * (255 - alpha) / 255
            share = photo.astype(np.float32) - behind
        else:
            inside = np.where(alpha >= 254, photo, self.foreground).astype(np.float32)
            share = inside * alpha / 255
        return np.ascontiguousarray(np.clip(np.concatenate([share, alpha], axis=2) + 0.5, 0, 255), np.uint8)

    def reach(self, eye_distance_px: float) -> Floats:
        """Where the photo may move: 1 on the person and a little beside it, 0 from MOTION_REACH on; float32 (h, w)."""
        outside = (self.alpha < 0.02).astype(np.uint8)
        if not outside.any():
            return np.ones(self.alpha.shape, np.float32)
        distance = cv2.distanceTransform(outside, cv2.DIST_L2, 5) / eye_distance_px
        return np.asarray(1 - smoothstep(distance, MOTION_REACH, 3 * MOTION_REACH), np.float32)

    def reachable(self, eye_distance_px: float) -> NDArray[np.bool_]:
        """Where the person can ever be, (height, width): outside of it no pixel changes."""
        radius = int(np.ceil(MOTION_REACH * eye_distance_px)) + 2
        element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        return np.asarray(cv2.dilate((self.alpha > 0.004).astype(np.uint8), element) > 0)

    def person_box(self, eye_distance_px: float) -> tuple[int, int, int, int]:
        """left, top, right, bottom in pixels of all that is reachable."""
        reachable = self.reachable(eye_distance_px)
        rows, columns = np.flatnonzero(reachable.any(axis=1)), np.flatnonzero(reachable.any(axis=0))
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
