"""Light and shade that move with the mouth: smile folds that fade, and the crease above the chin."""

import cv2
import numpy as np

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.rows import LOWER_LIP, UPPER_LIP

RIGHT_FOLD = (129, 203, 206, 216, 212)
LEFT_FOLD = (358, 423, 426, 436, 432)
CREASE_UPPER = (204, 182, 83, 18, 313, 406, 424)
CREASE_LOWER = (204, 194, 201, 200, 421, 418, 424)
SMILE_ABOVE_WIDTH = 0.60
"""IOD: a mouth that is wider has folds worth fading."""


class SmileFolds:
    """The nasolabial folds of a smiling photo, in a copy without their darkness."""

    def __init__(self, photo: Pixels, points: Floats, skin: Floats) -> None:
        """Lighten the dark of a band-pass along the two folds, by 30 % of the local luma at most."""
        plane = points[:, :2]
        eye_distance = float(np.linalg.norm(plane[263] - plane[33]))
        height, width = photo.shape[:2]
        folds = plane[list(RIGHT_FOLD + LEFT_FOLD)]
        margin = int(0.25 * eye_distance)
        self.left, self.top = (int(v) for v in np.maximum(np.floor(folds.min(axis=0)).astype(int) - margin, 0))
        right, bottom = np.minimum(np.ceil(folds.max(axis=0)).astype(int) + margin + 1, (width, height))
        mask = np.zeros((height, width), np.uint8)
        for fold in (RIGHT_FOLD, LEFT_FOLD):
            cv2.polylines(mask, [plane[list(fold)].astype(np.int32)], False, 255, max(3, int(0.14 * eye_distance)))
        lips = np.zeros((height, width), np.uint8)
        outline = np.r_[UPPER_LIP[0], LOWER_LIP[0][::-1]]
        cv2.fillPoly(lips, [plane[outline].astype(np.int32)], 255)
        size = int(0.04 * eye_distance) | 1
        mask[cv2.dilate(lips, np.ones((size, size), np.uint8)) > 0] = 0
        soft = cv2.GaussianBlur(mask, (0, 0), 0.035 * eye_distance).astype(np.float32) / 255
        window = (slice(self.top, bottom), slice(self.left, right))
        self.photo = photo[window].astype(np.float32)
        grey = self.photo @ np.array([0.299, 0.587, 0.114], np.float32)
        band = cv2.GaussianBlur(grey, (0, 0), 0.012 * eye_distance) - cv2.GaussianBlur(
            grey, (0, 0), 0.075 * eye_distance
        )
        lift = np.clip(-band, 0, 0.30 * np.maximum(grey, 20)) * soft[window]
        tint = skin / max(float(skin @ (0.299, 0.587, 0.114)), 1.0)
        self._change = np.clip(self.photo + lift[..., None] * tint.astype(np.float32), 0, 255) - self.photo

    def faded(self, neutral_width: float, width: float) -> Pixels:
        """The window of the photo with its folds faded as far as the mouth is narrower than in the photo."""
        share = 0.85 * float(smoothstep(neutral_width - width, 0.0, 0.14))
        return np.asarray(self.photo + self._change * np.float32(share) + np.float32(0.5), np.uint8)


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
