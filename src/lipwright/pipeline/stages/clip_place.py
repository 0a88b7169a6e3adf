"""Where a person from a clip comes to lie on a canvas, and how a frame of the clip gets there."""

from dataclasses import dataclass, replace
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.story import Framing, Place
from lipwright.pipeline.stages.present import RGB
from lipwright.render.framing import PhotoFit
from lipwright.render.staging import Figure, Placement, place_person

_CUT_WORTH = 1.5
"""So much closer than asked a person may come whose shoulders the clip's sides cut off; beyond it the sides fade."""
_FADE = 0.03
"""Width of that fade, in widths of the canvas."""


@dataclass(frozen=True)
class ClipScene:
    """How a person from a clip stands in a scene."""

    width_px: int
    height_px: int
    fps: Fraction
    frames: int
    framing: Framing
    place: Place
    start_s: float = 0.0
    """The moment of the clip at which the scene begins: scenes that begin at other ones do not look the same."""


def place_clip(figure: Figure, scene: ClipScene, *, keeps_background: bool) -> Placement:
    """Choose scale and place on the canvas."""
    size = (scene.width_px, scene.height_px)
    if keeps_background:
        placement = place_person(figure, *size, scene.framing, scene.place, keeps_background=True)
        return replace(placement, fit=_covering(placement.fit, figure))
    placement = place_person(figure, *size, scene.framing, scene.place)
    if figure.left_cut and figure.right_cut:
        free = place_person(replace(figure, left_cut=False, right_cut=False), *size, scene.framing, scene.place)
        if placement.fit.scale > _CUT_WORTH * free.fit.scale:
            said = "the clip's sides cut the person off: they fade there. Use a clip that shows both shoulders."
            return replace(free, advice=(*free.advice, said))
    return placement


def _covering(fit: PhotoFit, figure: Figure) -> PhotoFit:
    """The same place, with the clip's picture over all of the canvas."""
    scale = max(fit.scale, fit.width_px / figure.width, fit.height_px / figure.height)
    eyes = (figure.eye_x - fit.left) * fit.scale, (figure.eye_y - fit.top) * fit.scale
    left = float(np.clip(figure.eye_x - eyes[0] / scale, 0, max(0.0, figure.width - fit.width_px / scale)))
    top = float(np.clip(figure.eye_y - eyes[1] / scale, 0, max(0.0, figure.height - fit.height_px / scale)))
    return PhotoFit(fit.width_px, fit.height_px, scale, left, top)


@dataclass(frozen=True)
class ClipWindow:
    """Which pixels of the clip lie on which of the canvas: whole ones on whole ones, so that scaling is fast."""

    source: tuple[slice, slice]
    """Rows and columns of the clip."""
    part: tuple[slice, slice]
    """Rows and columns of the canvas."""

    @classmethod
    def of(cls, fit: PhotoFit, width: int, height: int) -> "ClipWindow":
        """All of a clip that a canvas shows."""
        columns, across = _spans(fit.left, fit.scale, width, fit.width_px)
        rows, down = _spans(fit.top, fit.scale, height, fit.height_px)
        return cls((rows, columns), (down, across))

    def picture(self, image: RGB) -> RGB:
        """A frame of the clip as that part of the canvas."""
        cut = image[self.source]
        size = (self.part[1].stop - self.part[1].start, self.part[0].stop - self.part[0].start)
        shrinks = size[0] < cut.shape[1]
        return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC), np.uint8)

    def mesh(self, face: FaceMesh) -> FaceMesh:
        """A mesh in the clip as one in that part of the canvas."""
        (rows, columns), (down, across) = self.source, self.part
        scale = np.array(
            [
                (across.stop - across.start) / (columns.stop - columns.start),
                (down.stop - down.start) / (rows.stop - rows.start),
            ]
        )
        points = face.points.astype(np.float64) * np.array([*scale, scale.mean()])
        points[:, :2] += 0.5 * scale - 0.5 - np.array([columns.start, rows.start]) * scale
        return FaceMesh(points.astype(np.float32), face.presence)


def _spans(first: float, scale: float, length: int, limit: int) -> tuple[slice, slice]:
    """Whole pixels of the clip along one side, and where they lie on the canvas.

    Args:
        first: pixel of the clip at the canvas' edge; may be negative.
        length, limit: of the clip and of the canvas.
    """
    begin, end = max(0, round(first)), min(length, round(first + limit / scale))
    start = 0 if first >= 0 else min(limit - 2, round(-first * scale))
    stop = limit if first + limit / scale <= length else max(start + 2, round((length - first) * scale))
    return slice(begin, max(end, begin + 1)), slice(start, min(limit, stop))


def faded_sides(part: tuple[slice, slice], fit: PhotoFit, figure: Figure) -> NDArray[np.float32] | None:
    """(columns,) how much of the person is left where a side of the clip cuts them off within the canvas."""
    columns = part[1]
    count, reach = columns.stop - columns.start, max(1.0, _FADE * fit.width_px)
    place = np.arange(count, dtype=np.float32) + np.float32(0.5)
    fade = np.ones(count, np.float32)
    if figure.left_cut and columns.start > 0:
        fade = np.minimum(fade, place / np.float32(reach))
    if figure.right_cut and columns.stop < fit.width_px:
        fade = np.minimum(fade, (count - place) / np.float32(reach))
    return fade if fade.min() < 1 else None
