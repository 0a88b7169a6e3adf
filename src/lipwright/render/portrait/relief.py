"""Light and shade that move with the mouth: shadows that fade, and the crease above the chin."""

import cv2
import numpy as np

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.rows import LOWER_LIP, UPPER_LIP

RIGHT_FOLD = (129, 203, 206, 216, 212)
LEFT_FOLD = (358, 423, 426, 436, 432)
MOUTH_CORNERS = (61, 291)
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
CREASE_UPPER = (204, 182, 83, 18, 313, 406, 424)
CREASE_LOWER = (204, 194, 201, 200, 421, 418, 424)
SMILE_ABOVE_WIDTH = 0.60
"""IOD: a mouth that is wider has folds worth fading."""


class FadingShadows:
    """Shadows of the photo's mouth that another mouth does not cast: smile folds, and the dark of wide corners.

    A narrowing mouth would squeeze its corners' shadow into a dot, and keep the folds of a smile that is gone.
    """

    def __init__(self, photo: Pixels, points: Floats, skin: Floats) -> None:
        """Find the dark of a band-pass along the folds of a smiling photo and at its mouth's corners.

        Args:
            photo: uint8 RGB.
            points: (478, 3) its mesh in pixels.
            skin: (3,) RGB.
        """
        plane = points[:, :2]
        unit = float(np.linalg.norm(plane[263] - plane[33]))
        height, width = photo.shape[:2]
        margin = int(0.25 * unit)
        about = plane[list(RIGHT_FOLD + LEFT_FOLD + MOUTH_CORNERS)]
        self.left, self.top = (int(v) for v in np.maximum(np.floor(about.min(axis=0)).astype(int) - margin, 0))
        right, bottom = np.minimum(np.ceil(about.max(axis=0)).astype(int) + margin + 1, (width, height))
        window = (slice(self.top, int(bottom)), slice(self.left, int(right)))
        self._photo = photo[window].astype(np.float32)
        grey = self._photo @ LUMA
        tint = (skin / max(float(skin @ LUMA), 1.0)).astype(np.float32)
        local = plane - (self.left, self.top)
        smiling = float(np.linalg.norm(plane[61] - plane[291])) / unit > SMILE_ABOVE_WIDTH
        self._folds: Floats = np.zeros_like(self._photo)
        if smiling:
            soft = np.minimum(_darkness(grey, unit, 0.012, 0.075), 0.30 * np.maximum(grey, 20))
            self._folds = self._lifted(soft * self._fold_mask(local, unit), tint)
        y, x = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]].astype(np.float32)
        near: Floats = np.zeros_like(grey)
        for corner in local[list(MOUTH_CORNERS)]:
            near = np.maximum(near, np.exp(-((x - corner[0]) ** 2 + (y - corner[1]) ** 2) / (2 * (0.045 * unit) ** 2)))
        self._corners = self._lifted(_darkness(grey, unit, 0.0, 0.05) * near, tint)

    def _lifted(self, lift: Floats, tint: Floats) -> Floats:
        """What a lift in luma changes: float32 (height, width, 3)."""
        return np.asarray(np.clip(self._photo + lift[..., None] * tint, 0, 255) - self._photo, np.float32)

    def _fold_mask(self, local: Floats, unit: float) -> Floats:
        mask = np.zeros(self._photo.shape[:2], np.uint8)
        for fold in (RIGHT_FOLD, LEFT_FOLD):
            cv2.polylines(mask, [local[list(fold)].astype(np.int32)], False, 255, max(3, int(0.14 * unit)))
        lips = np.zeros_like(mask)
        outline = np.r_[UPPER_LIP[0], LOWER_LIP[0][::-1]]
        cv2.fillPoly(lips, [local[outline].astype(np.int32)], 255)
        size = int(0.04 * unit) | 1
        mask[cv2.dilate(lips, np.ones((size, size), np.uint8)) > 0] = 0
        return np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.035 * unit), np.float32) / np.float32(255)

    def faded(self, neutral_width: float, width: float) -> Pixels:
        """The window of the photo for a mouth of this width, IOD: the narrower, the fainter its shadows."""
        narrower = neutral_width - width
        folds = np.float32(0.85 * float(smoothstep(narrower, 0.0, 0.14)))
        corners = np.float32(0.60 * float(smoothstep(narrower, 0.0, 0.10)))
        return np.asarray(self._photo + self._folds * folds + self._corners * corners + np.float32(0.5), np.uint8)


def _darkness(grey: Floats, unit: float, fine: float, coarse: float) -> Floats:
    """How much darker than its surroundings each pixel is, between two scales in IOD; grey levels, at least 0."""
    band = cv2.GaussianBlur(grey, (0, 0), max(0.5, fine * unit)) - cv2.GaussianBlur(grey, (0, 0), coarse * unit)
    return np.asarray(np.maximum(-band, 0), np.float32)


class ChinCrease:
    """The crease between lower lip and chin: deeper when the mouth narrows, flatter when the jaw drops."""

    def __init__(self, points: Floats, height: int, width: int) -> None:
        """Make the crease's soft mask around its place in the photo."""
        plane = points[:, :2]
        eye_distance = float(np.linalg.norm(plane[263] - plane[33]))
        line = 0.65 * plane[list(CREASE_UPPER)] + 0.35 * plane[list(CREASE_LOWER)]
        margin = int(0.14 * eye_distance)
        self._left, self._top = (int(v) for v in np.maximum(np.floor(line.min(axis=0)).astype(int) - margin, 0))
        right, bottom = np.minimum(np.ceil(line.max(axis=0)).astype(int) + margin + 1, (width, height))
        mask = np.zeros((int(bottom) - self._top, int(right) - self._left), np.uint8)
        local = np.round((line[1:-1] - (self._left, self._top)) * 16).astype(np.int32)
        cv2.polylines(mask, [local], False, 255, max(2, int(0.045 * eye_distance)), cv2.LINE_AA, 4)
        self._mask = cv2.GaussianBlur(mask, (0, 0), max(0.6, 0.032 * eye_distance)).astype(np.float32) / 255

    def draw(self, frame: Pixels, moved: Floats, narrowing: float, jaw_drop: float) -> None:
        """Darken or lighten the crease by up to 11 %. Changes `frame`.

        Args:
            moved: (2,) pixels by which the chin stands off its place in the photo.
            narrowing: share by which the mouth is narrower than neutral.
            jaw_drop: IOD.
        """
        amount = float(np.clip(0.9 * max(0.0, narrowing) - 1.1 * max(jaw_drop, -0.03), -0.06, 0.11))
        if abs(amount) < 0.004:
            return
        height, width = self._mask.shape
        left, top = (np.array([self._left, self._top]) + np.round(moved).astype(int)).tolist()
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(frame.shape[1], left + width), min(frame.shape[0], top + height)
        if x1 <= x0 or y1 <= y0:
            return
        mask = self._mask[y0 - top : y1 - top, x0 - left : x1 - left, None]
        region = frame[y0:y1, x0:x1]
        region[:] = np.clip(region * (1 - np.float32(amount) * mask) + 0.5, 0, 255).astype(np.uint8)
