"""Which exemplars shut a person's mouth: each is tried on a few frames in which that person's lips are parted.

Lips that meet in an exemplar's own frame need not read shut in others: whether a faint line between them is read as an
opening is decided by shades, and by the face around it. Some exemplars read shut everywhere, and others only here and
there.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import cv2
import numpy as np

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.lipsync import FaceFrame
from lipwright.face.mesh import view_of
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.rewrite.measure import measure_gap
from lipwright.render.rewrite.reading import LipReader

TRIAL_FRAMES = 8
"""On so many frames each exemplar is tried."""
PARTED_GAP = 0.03
"""IOD."""
FAILED_IOD = 0.005
"""An exemplar whose gap is certain to be larger is not tried any further."""
FACE_MARGIN_IOD = 0.12
"""About the mesh: less than is ever left out of a picture."""
LOOKS = ((0.0, 0.0, 1.0), (0.02, 0.02, 0.98), (-0.02, -0.02, 1.02))
"""Shifts, IOD, and scales of the mesh from which they are looked at in turn: lips have to read shut from wherever the
face was a moment ago."""
PALE = 0.7
"""Share of their colour that every other picture keeps: red tells that lips meet, and an encoder loses colour first. A
seam has to read shut by its form as well."""


class PartedFrames:
    """Keeps a few frames with parted lips of all that pass by. Of each it keeps the face; what lies around is mirrored,
    because nothing else is known of faces that come from a file."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: list[FaceFrame] = []
        self._step, self._passed = 1, 0

    def watch(self, frames: Iterable[FaceFrame]) -> Iterator[FaceFrame]:
        """Hand frames on."""
        for frame in frames:
            if measure_gap(frame.points) > PARTED_GAP * _eye_distance(frame.points):
                if self._passed % self._step == 0:
                    self._kept.append(_face_of(frame))
                self._passed += 1
                if len(self._kept) > 2 * TRIAL_FRAMES:
                    del self._kept[1::2]
                    self._step *= 2
            yield frame

    def chosen(self) -> list[FaceFrame]:
        """At most TRIAL_FRAMES, spread evenly over those that passed by."""
        places = np.linspace(0, len(self._kept) - 1, min(len(self._kept), TRIAL_FRAMES))
        return [self._kept[round(place)] for place in places]


class Trials:
    """Tries each exemplar once, when it is first asked for. What is found depends on the person alone."""

    def __init__(self, reader: LipReader, meshes: Sequence[Floats], draw: Callable[[int, int], Pixels]) -> None:
        """Try nothing yet.

        Args:
            meshes: of the frames that are tried on, (478, 3) each.
            draw: draws one of them, by its place, with the mouth of an exemplar, by its row, that is to be shut.
        """
        self._reader, self._draw = reader, draw
        self._views = [_moved(mesh, *LOOKS[place % len(LOOKS)]) for place, mesh in enumerate(meshes)]
        self._found: dict[int, float] = {}

    def gap(self, row: int) -> float:
        """How far apart the lips read that an exemplar is to shut, IOD.

        Returns: the root of the mean square over all frames: lips that part far in one of them count.
        """
        if row not in self._found:
            most = len(self._views) * FAILED_IOD**2
            squares = 0.0
            for place, view in enumerate(self._views):
                drawn = self._draw(place, row)
                squares += (self._reader.gap(_pale(drawn) if place % 2 else drawn, view) or 0.0) ** 2
                if squares > most:
                    break
            self._found[row] = math.sqrt(squares / max(len(self._views), 1))
        return self._found[row]


def _face_of(frame: FaceFrame) -> FaceFrame:
    height, width = frame.image.shape[:2]
    reach = FACE_MARGIN_IOD * _eye_distance(frame.points)
    low, high = frame.points[:, :2].min(axis=0) - reach, frame.points[:, :2].max(axis=0) + reach
    left, top = (int(value) for value in np.clip(np.floor(low), 0, (width - 2, height - 2)))
    right, bottom = (int(value) for value in np.clip(np.ceil(high), (left + 2, top + 2), (width, height)))
    points = frame.points - np.array([left, top, 0], np.float32)
    seen = view_of(FaceMesh(points, 1.0))
    before_x, before_y = max(0, -round(seen[0])), max(0, -round(seen[1]))
    after_x, after_y = max(0, round(seen[2]) - right + left), max(0, round(seen[3]) - bottom + top)
    face = frame.image[top:bottom, left:right]
    image = cv2.copyMakeBorder(face, before_y, after_y, before_x, after_x, cv2.BORDER_REFLECT_101)
    points += np.array([before_x, before_y, 0], np.float32)
    return FaceFrame(np.asarray(image, np.uint8), points, frame.weight, frame.number)


def _pale(image: Pixels) -> Pixels:
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.addWeighted(image, PALE, grey, 1 - PALE, 0), np.uint8)


def _moved(points: Floats, across: float, down: float, scale: float) -> Floats:
    unit, middle = _eye_distance(points), points.mean(axis=0)
    return np.asarray(middle + scale * (points - middle) + np.array([across * unit, down * unit, 0]))


def _eye_distance(points: Floats) -> float:
    return float(np.linalg.norm(points[263, :2] - points[33, :2]))
