"""A photo, the person in it, and what stands behind: the parts that a moving head is composed from."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.kernels import PAD

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

    def premultiplied(self, photo: Pixels) -> Floats:
        """The person's share of a picture and its alpha, 0 to 255: float32 (4, height + 2 PAD, width + 2 PAD).

        With the photo's own background the share is the photo less the plate's share, so that a person who has not
        moved gives back the photo to the grey level. The rim is repeated PAD pixels outward.
        """
        alpha = np.round(self.alpha * 255).astype(np.float32)[..., None]
        if self.foreground is None:
            behind = self.plate.astype(np.float32) * (255 - alpha) / 255
            share = photo.astype(np.float32) - behind
        else:
            inside = np.where(alpha >= 254, photo, self.foreground).astype(np.float32)
            share = inside * alpha / 255
        planes = np.concatenate([share, alpha], axis=2).transpose(2, 0, 1)
        return np.ascontiguousarray(np.pad(planes, ((0, 0), (PAD, PAD), (PAD, PAD)), mode="edge"), np.float32)

    def solid(self) -> NDArray[np.int32]:
        """Where a sample needs no alpha, for `draw_person`: (height + 2 PAD, 2)."""
        opaque = np.pad(np.round(self.alpha * 255) == 255, PAD, mode="edge")
        opaque[1:-2] = opaque[:-3] & opaque[1:-2] & opaque[2:-1] & opaque[3:]
        opaque[[0, -2, -1]] = False
        edges = np.diff(np.pad(opaque, ((0, 0), (1, 1))).astype(np.int8), axis=1)
        spans = np.zeros((len(opaque), 2), np.int32)
        for row, steps in enumerate(edges):
            first, after = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
            if len(first):
                longest = int(np.argmax(after - first))
                spans[row] = first[longest], after[longest]
        return spans

    def reach(self, eye_distance_px: float) -> Floats:
        """Where the photo may move: 1 on the person and a little beside it, 0 from MOTION_REACH on; float32 (h, w)."""
        outside = (self.alpha < 0.02).astype(np.uint8)
        if not outside.any():
            return np.ones(self.alpha.shape, np.float32)
        distance = cv2.distanceTransform(outside, cv2.DIST_L2, 5) / eye_distance_px
        return np.asarray(1 - smoothstep(distance, MOTION_REACH, 3 * MOTION_REACH), np.float32)

    def spans(self, eye_distance_px: float) -> NDArray[np.int32]:
        """Where the person can ever be, row by row: first column and the first one after it, (height, 2)."""
        radius = int(np.ceil(MOTION_REACH * eye_distance_px)) + 2
        element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        reachable = cv2.dilate((self.alpha > 0.004).astype(np.uint8), element) > 0
        width = reachable.shape[1]
        first = np.argmax(reachable, axis=1)
        after = width - np.argmax(reachable[:, ::-1], axis=1)
        return np.stack([first, np.where(reachable.any(axis=1), after, first)], axis=1).astype(np.int32)

    def person_box(self, eye_distance_px: float) -> tuple[int, int, int, int]:
        """left, top, right, bottom in pixels of all that the person can reach: outside of it no pixel ever changes."""
        spans = self.spans(eye_distance_px)
        rows = np.flatnonzero(spans[:, 1] > spans[:, 0])
        return int(spans[rows, 0].min()), int(rows[0]), int(spans[rows, 1].max()), int(rows[-1]) + 1
