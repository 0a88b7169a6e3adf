"""The sheet on which a person's teeth lie: a curved surface behind the lips, fixed to the head, sampled as a picture.

Lengths are IOD. A place on the sheet is (x, y) from its middle, which lies behind the middle of the closed lips; x is
to the right of the picture, y down. Source: the second study of video mode.
"""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from lipwright.contracts.face import HeadPose
from lipwright.face import topology
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER

HALF_WIDTH, HALF_HEIGHT = 0.34, 0.17
BEHIND_LIPS = 0.03
BEND = 1.3
"""The row of teeth bends away from the camera by this much times x squared."""
BEND_LIMIT = 0.06
"""Greatest x squared that still bends: further back the row runs straight."""
OVERSAMPLING = 1.25
NOSE_BASE = np.array(topology.NOSE_BASE)
MOUTH_MIDDLE = [13, 14]
LIP_MIDDLE = [13, 14, 0, 17]


@dataclass(frozen=True, slots=True)
class SheetView:
    """How the sheet is seen in one picture: pixel = matrix @ (x, y) + bend(x) * depth + origin."""

    matrix: Floats
    """float64 (2, 2)."""
    depth: Floats
    """float64 (2,) pixels for one unit away from the camera."""
    origin: Floats
    """float64 (2,) pixel of the sheet's middle."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where the surface lies in one person's canonical space, and how finely it is sampled."""

    middle: Floats
    """float64 (3,) canonical."""
    scale: float
    """Samples per IOD."""
    width: int
    height: int

    @classmethod
    def behind(cls, neutral: Floats, unit_px: float) -> Self:
        """The sheet behind the closed lips of a person whose IOD is `unit_px` pixels in the footage."""
        y, z = neutral[MOUTH_MIDDLE].mean(axis=0)[1:]
        middle = np.array([neutral[LIP_MIDDLE, 0].mean(), y, z + BEHIND_LIPS], np.float64)
        scale = float(np.clip(OVERSAMPLING * unit_px, 140, 300))
        return cls(middle, scale, int(2 * HALF_WIDTH * scale), int(2 * HALF_HEIGHT * scale))

    def places(self) -> tuple[Floats, Floats]:
        """x of the sheet's columns, (width,), and y of its rows, (height,)."""
        x = (np.arange(self.width) + 0.5) / self.scale - HALF_WIDTH
        y = (np.arange(self.height) + 0.5) / self.scale - HALF_HEIGHT
        return x, y

    def pixels(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Column and row of the samples at places on the sheet."""
        return (x + HALF_WIDTH) * self.scale - 0.5, (y + HALF_HEIGHT) * self.scale - 0.5

    def view(self, pose: HeadPose) -> SheetView:
        """How the sheet is seen under a pose."""
        turned = pose.scale * pose.rotation[:2]
        return SheetView(turned[:, :2], turned[:, 2], turned @ self.middle + pose.translation[:2])

    def lips(self, canonical: Floats, pose: HeadPose) -> Floats:
        """What the inner lips cover of the sheet, seen from the camera.

        Args:
            canonical: (478, 3).
        Returns: float64 (11, 3): x from left to right, y of the upper lip's rim, y of the lower one's.
        """
        aside = np.linalg.solve(pose.rotation[:2, :2], pose.rotation[:2, 2])
        rims = []
        for row in (INNER_UPPER, INNER_LOWER):
            points = np.asarray(canonical[row], np.float64) - self.middle
            before = points[:, 2] - bend(points[:, 0])
            seen = points[:, :2] + before[:, None] * aside
            seen[:, 0] = np.maximum.accumulate(seen[:, 0] + np.arange(len(seen)) * 1e-6)
            rims.append(seen)
        upper, lower = rims
        x = (upper[:, 0] + lower[:, 0]) / 2
        return np.stack([x, np.interp(x, upper[:, 0], upper[:, 1]), np.interp(x, lower[:, 0], lower[:, 1])], axis=1)

    def rectify(self, image: Pixels, pose: HeadPose, offset: Floats) -> Floats:
        """What a picture shows of the sheet, moved by `offset` (2,); float32 (height, width, 3)."""
        view = self.view(pose)
        x, y = self.places()
        across = np.outer(x + offset[0], view.matrix[:, 0]) + np.outer(bend(x), view.depth) + view.origin
        down = np.outer(y + offset[1], view.matrix[:, 1])
        at = (across[None, :, :] + down[:, None, :]).astype(np.float32)
        return np.asarray(
            cv2.remap(image, at[..., 0], at[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32
        )

    def opening(self, lips: Floats, offset: Floats, shrink: float) -> Pixels:
        """uint8 (height, width), 1 where the camera sees between the lips, `shrink` IOD away from their rims."""
        outline = np.concatenate([lips[:, :2], lips[::-1, ::2]]) - offset
        corners = (outline + np.array([HALF_WIDTH, HALF_HEIGHT])) * self.scale - 0.5
        mask = np.zeros((self.height, self.width), np.uint8)
        cv2.fillPoly(mask, [np.round(corners * 16).astype(np.int32)], 1, shift=4)
        radius = round(shrink * self.scale)
        if radius:
            element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
            return np.asarray(cv2.erode(mask, element, borderType=cv2.BORDER_CONSTANT, borderValue=0), np.uint8)
        return mask


def bend(x: Floats) -> Floats:
    """How far the sheet lies behind its middle at x."""
    return np.asarray(BEND * np.minimum(np.square(x), BEND_LIMIT))
