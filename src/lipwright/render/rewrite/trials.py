"""Which exemplars shut a person's mouth: each is tried on a few frames in which that person's lips are parted.

Lips that meet in an exemplar's own frame need not read shut in others: whether a faint line between them is read as an
opening is decided by shades, and by the face around it. Some exemplars read shut everywhere, and others only here and
there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from lipwright.contracts.lipsync import FaceFrame
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.rewrite.measure import measure_gap
from lipwright.render.rewrite.reading import LipReader

TRIAL_FRAMES = 6
"""On so many frames each exemplar is tried."""
PARTED_GAP = 0.03
"""IOD."""
FAILED_IOD = 0.01
"""An exemplar that reads wider in one of them is not tried any further."""
LOOKS = ((0.0, 0.0, 1.0), (0.03, 0.03, 0.97), (-0.03, -0.03, 1.03))
"""Shifts, IOD, and scales of the mesh from which they are looked at in turn: lips have to read shut from wherever the
face was a moment ago."""


class PartedFrames:
    """Keeps a few frames with parted lips of all that pass by."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: list[FaceFrame] = []
        self._step, self._passed = 1, 0

    def watch(self, frames: Iterable[FaceFrame]) -> Iterator[FaceFrame]:
        """Hand frames on."""
        for frame in frames:
            if measure_gap(frame.points) > PARTED_GAP * _eye_distance(frame.points):
                if self._passed % self._step == 0:
                    self._kept.append(frame)
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
        """How far apart the lips read at most that an exemplar is to shut, IOD."""
        if row not in self._found:
            worst = 0.0
            for place, view in enumerate(self._views):
                worst = max(worst, self._reader.gap(self._draw(place, row), view) or 0.0)
                if worst > FAILED_IOD:
                    break
            self._found[row] = worst
        return self._found[row]


def _moved(points: Floats, across: float, down: float, scale: float) -> Floats:
    unit, middle = _eye_distance(points), points.mean(axis=0)
    return np.asarray(middle + scale * (points - middle) + np.array([across * unit, down * unit, 0]))


def _eye_distance(points: Floats) -> float:
    return float(np.linalg.norm(points[263, :2] - points[33, :2]))
