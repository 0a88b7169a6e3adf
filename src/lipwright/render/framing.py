"""How a photo fills the output: which part of it is seen, and at which scale."""

from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.contracts.face import FaceMesh
from lipwright.render.arrays import Floats, Pixels

LONG_SIDE_PX, SHORT_SIDE_PX = 1920, 1080
"""The output is not larger than this when no size is asked for."""
EYE_LINE = 0.42
"""Share of the output's height at which the eyes come to lie, where the photo has room for it."""


@dataclass(frozen=True)
class Framing:
    """A crop of the photo, scaled to the output."""

    width_px: int
    height_px: int
    scale: float
    """Output pixels per photo pixel."""
    left: float
    """Photo pixel at the output's left edge."""
    top: float

    def matte(self, alpha: Pixels) -> Floats:
        """Crop and scale a matte of the photo's size: uint8 (height, width) to float32, 0 to 1."""
        return np.asarray(self.picture(alpha), np.float32) / np.float32(255)

    def picture(self, photo: Pixels) -> Pixels:
        """Crop and scale a picture of the photo's size, any channels."""
        # Pixel centres: output pixel i lies over photo position (i + .5) / scale - .5 + left.
        step = 1 / self.scale
        offset = 0.5 * step - 0.5
        inverse = np.array([[step, 0, self.left + offset], [0, step, self.top + offset]])
        if self.scale < 1:
            photo, inverse = self._shrunk(photo, inverse)
        out = cv2.warpAffine(
            photo,
            inverse,
            (self.width_px, self.height_px),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(out)

    def _shrunk(self, photo: Pixels, inverse: Floats) -> tuple[Pixels, Floats]:
        """Average the photo down first, so that fine hair does not alias."""
        height, width = photo.shape[:2]
        small_width, small_height = max(1, round(width * self.scale)), max(1, round(height * self.scale))
        small = cv2.resize(photo, (small_width, small_height), interpolation=cv2.INTER_AREA)
        across, down = small_width / width, small_height / height
        shrink = np.array([[across, 0, 0.5 * across - 0.5], [0, down, 0.5 * down - 0.5], [0, 0, 1]])
        return np.asarray(small), (shrink @ np.vstack([inverse, [0, 0, 1]]))[:2]

    def mesh(self, mesh: FaceMesh) -> FaceMesh:
        """The mesh of the photo in the output's pixels."""
        points = mesh.points.astype(np.float64) * self.scale
        points[:, 0] += 0.5 * self.scale - 0.5 - self.left * self.scale
        points[:, 1] += 0.5 * self.scale - 0.5 - self.top * self.scale
        return FaceMesh(points.astype(np.float32), mesh.presence)


def frame_photo(width: int, height: int, face: FaceMesh, size: tuple[int, int] | None) -> Framing:
    """Choose the part of a photo that the output shows.

    Args:
        width, height: of the photo, pixels.
        face: in the photo.
        size: width and height of the output, even; None for the photo's own shape, at most 1920 x 1080.
    """
    if size is None:
        shrink = min(1.0, LONG_SIDE_PX / max(width, height), SHORT_SIDE_PX / min(width, height))
        size = (max(2, int(width * shrink) // 2 * 2), max(2, int(height * shrink) // 2 * 2))
    scale = max(size[0] / width, size[1] / height)
    seen_width, seen_height = size[0] / scale, size[1] / scale
    eyes = face.points[[33, 133, 362, 263], :2].mean(axis=0)
    left = float(np.clip(eyes[0] - seen_width / 2, 0, max(0.0, width - seen_width)))
    top = float(np.clip(eyes[1] - EYE_LINE * seen_height, 0, max(0.0, height - seen_height)))
    return Framing(size[0], size[1], scale, left, top)
