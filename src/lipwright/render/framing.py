"""How a photo fills the output: which part of it is seen, and at which scale."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from lipwright.contracts.face import FaceMesh
from lipwright.render.arrays import Floats, Pixels

LONG_SIDE_PX, SHORT_SIDE_PX = 1920, 1080
"""The output is not larger than this when no size is asked for."""
EYE_LINE = 0.42
"""Share of the output's height at which the eyes come to lie, where the photo has room for it."""


@dataclass(frozen=True)
class PhotoFit:
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

    def cut_out(self, alpha: Floats) -> Floats:
        """Crop and scale a float32 matte of the photo's size, 0 to 1; beside the photo there is nobody."""
        return np.asarray(np.clip(self._warped(alpha, cv2.BORDER_CONSTANT), 0, 1), np.float32)

    def mirrored(self, photo: Pixels) -> Pixels:
        """Crop and scale a picture of the photo's size, and go on beside it with its mirror image, to and fro."""
        height, width = photo.shape[:2]
        x = _to_and_fro((np.arange(self.width_px) + 0.5) / self.scale - 0.5 + self.left, width - 1)
        y = _to_and_fro((np.arange(self.height_px) + 0.5) / self.scale - 0.5 + self.top, height - 1)
        columns, rows = np.meshgrid(x, y)
        return np.asarray(cv2.remap(photo, columns, rows, cv2.INTER_LINEAR), np.uint8)

    def inside(self, width: int, height: int) -> Floats:
        """How far each pixel lies inside a photo of this size, in output pixels; negative beside it; (h, w).

        A photo's edge at the output's border or beyond it does not count.
        """
        left, top = -self.left * self.scale, -self.top * self.scale
        right, bottom = left + width * self.scale, top + height * self.scale
        x, y = np.arange(self.width_px) + 0.5, np.arange(self.height_px) + 0.5
        across, down = np.full(self.width_px, np.inf), np.full(self.height_px, np.inf)
        for depth, seen in ((x - left, left > 0), (right - x, right < self.width_px)):
            across = np.minimum(across, depth) if seen else across
        for depth, seen in ((y - top, top > 0), (bottom - y, bottom < self.height_px)):
            down = np.minimum(down, depth) if seen else down
        return np.asarray(np.minimum(across[None], down[:, None]), np.float32)

    def picture(self, photo: Pixels) -> Pixels:
        """Crop and scale a picture of the photo's size, any channels."""
        return np.asarray(self._warped(photo, cv2.BORDER_REPLICATE), np.uint8)

    def _warped(self, photo: Any, border: int) -> Any:
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
            borderMode=border,
        )
        return np.asarray(out)

    def _shrunk(self, photo: Any, inverse: Floats) -> tuple[Any, Floats]:
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


def _to_and_fro(at: Floats, last: int) -> Floats:
    """Fold places on a line into 0 to `last`, as between two mirrors."""
    if last == 0:
        return np.zeros(len(at), np.float32)
    return np.asarray(last - np.abs(at % (2 * last) - last), np.float32)


def frame_photo(width: int, height: int, face: FaceMesh, size: tuple[int, int] | None) -> PhotoFit:
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
    return PhotoFit(size[0], size[1], scale, left, top)
