"""Frames of one person laid on the sheet, each row of teeth where it belongs: what a row is drawn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.render.arrays import Floats
from lipwright.render.portrait.appearance import LUMA
from lipwright.render.rewrite.atlas_light import MouthLight
from lipwright.render.rewrite.atlas_sheet import HALF_HEIGHT, HALF_WIDTH, Sheet
from lipwright.render.rewrite.exemplar import Exemplar

RIM = 0.010
"""IOD of an opening's rim that belongs to the lips."""
CUTS = np.linspace(0.12, 0.92, 17)
"""Shares of the opening at which the dark line between both rows is looked for."""
USUAL_OPENING = 0.08
NARROWEST = 0.012


@dataclass(frozen=True, slots=True)
class View:
    """One frame on the sheet, under the person's mean light."""

    frame: Exemplar
    picture: Floats
    """float32 (height, width, 3)."""
    inside: Floats
    """float32 (height, width), 1 where the camera sees between the lips."""
    tooth: Floats
    """float32 (height, width), 0 to 1, how much a pixel looks like a tooth; 0 outside the opening."""
    zone: Floats
    """float32 (height, width), 1 where the row can be seen."""
    lips: Floats
    """float64 (11, 3), as Sheet.lips, less the offset: in the row's own place."""
    offset: Floats
    """float64 (2,) IOD, where the row lies on the sheet."""

    @property
    def seen(self) -> float:
        """How much of the row is seen, IOD squared."""
        return float((self.tooth * self.zone).mean()) * 4 * HALF_WIDTH * HALF_HEIGHT

    @property
    def opening(self) -> float:
        """log of the gap against a usual one."""
        return log_opening(self.frame.gap)

    @property
    def sharpness(self) -> float:
        """Detail of the teeth in the direction that has less of it: motion blurs one."""
        return _sharpness(self.picture, self.tooth * self.zone)


def log_opening(gap: float) -> float:
    """log(gap / .08), for gaps of .012 and more."""
    return float(np.log(max(gap, NARROWEST) / USUAL_OPENING))


def look(frame: Exemplar, sheet: Sheet, light: MouthLight, offset: Floats) -> View:
    """Lay a frame on the sheet; its zone is the whole opening."""
    picture = sheet.rectify(frame.image, frame.pose, offset) * np.float32(light.gain(frame))
    lips = sheet.lips(frame.canonical, frame.pose)
    inside = sheet.opening(lips, offset, RIM).astype(np.float32)
    tooth = light.toothness(picture, sheet.places()[0]) * inside
    lips = lips - np.array([offset[0], offset[1], offset[1]])
    return View(frame, picture, inside, tooth, inside, lips, np.asarray(offset, np.float64))


def above_cut(view: View, sheet: Sheet) -> Floats:
    """bool (height, width): above the darkest line of the opening, which lies between the rows."""
    x, y = sheet.places()
    columns = view.lips[2:9]
    at_y = columns[None, :, 1] * (1 - CUTS[:, None]) + columns[None, :, 2] * CUTS[:, None]
    at_x = np.broadcast_to(columns[None, :, 0], at_y.shape)
    to_pixels = np.array([sheet.width, sheet.height]) / 2 - 0.5
    pixels = (np.stack([at_x, at_y], axis=-1) * sheet.scale + to_pixels).astype(np.float32)
    brightness = (cv2.remap(view.picture, pixels[..., 0], pixels[..., 1], cv2.INTER_LINEAR) @ LUMA).mean(axis=1)
    brightness = np.convolve(np.pad(brightness, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    # Rows meet near the middle, unless something darker says otherwise.
    cut = CUTS[int(np.argmin(brightness + 12 * np.abs(CUTS - 0.55)))]
    cut = float(np.clip(cut, 0.25, 0.85))
    line = np.interp(x, view.lips[:, 0], view.lips[:, 1] * (1 - cut) + view.lips[:, 2] * cut)
    return np.asarray(y[:, None] < line[None, :])


def best(views: Sequence[View], count: int, worth: Callable[[View], float]) -> list[View]:
    """The `count` views of greatest worth, best first; equal ones in their order."""
    return sorted(views, key=worth, reverse=True)[:count]


def _sharpness(picture: Floats, where: Floats) -> float:
    mask = where > 0.5
    if mask.sum() < 40:
        return 0.0
    grey = cv2.GaussianBlur((picture @ LUMA).astype(np.float32), (0, 0), 0.6)
    across = np.abs(grey[:, 2:] - 2 * grey[:, 1:-1] + grey[:, :-2])[mask[:, 1:-1]]
    down = np.abs(grey[2:] - 2 * grey[1:-1] + grey[:-2])[mask[1:-1]]
    if not len(across) or not len(down):
        return 0.0
    return float(min(across.mean(), down.mean()) / max(float(grey[mask].mean()), 20.0))
