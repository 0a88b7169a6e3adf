"""One face, found in the same place in both pictures of a pair: pictures that are equal give equal meshes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lipwright.contracts.face import FaceBox, FaceMesh
from lipwright.contracts.footage import Region, YuvFrame
from lipwright.contracts.sidecar import FaceSpan, PixelBox
from lipwright.quality.pairs import Pair

LOST_PRESENCE = 0.5
SEARCH_EVERY = 5
"""Frames: how often a lost face is looked for."""
_JUMPED_IOD = 0.25
"""A face that moved farther since the frame before is fitted once more, where it is now."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The face in both pictures of a pair."""

    shown: FaceMesh | None
    origin: FaceMesh | None
    expected: bool
    """The finished video should have a face here: its source has one."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """A mesh, and the one that its crop was taken from."""

    near: FaceMesh
    mesh: FaceMesh


class FaceFollower:
    """Follows one face through a video and its source."""

    def __init__(self, spans: Sequence[FaceSpan] | None, threads: int = 1) -> None:
        """Load the networks.

        Args:
            spans: whose face it is and when, in frames of the finished video; None for the largest, all the time.
        """
        from lipwright.face.detector import FaceDetector
        from lipwright.face.mesh import FaceMesher

        self._spans = {span.first: span for span in spans} if spans is not None else None
        self._detector, self._mesher = FaceDetector(threads), FaceMesher(threads)
        self._ends = -1
        self._before: FaceMesh | None = None
        self._expected_box: PixelBox | None = None
        self._lost_for = 0

    def follow(self, pair: Pair) -> Seen:
        """The face in the next pair."""
        if self._spans is not None:
            span = self._spans.get(pair.number)
            if span is not None:
                self._ends, self._expected_box, self._before, self._lost_for = (
                    span.first + span.count, span.box, None, 0,
                )  # fmt: skip
            if pair.number >= self._ends:
                return Seen(None, None, expected=False)
        elif not pair.goes_on and pair.origin is not None:
            self._before = None
        leader = pair.origin if pair.origin is not None else pair.shown
        fit = self._next(leader)
        self._before = fit.mesh if fit is not None else None
        if pair.origin is None:
            return Seen(self._before, None, expected=fit is not None)
        if fit is None:
            return Seen(None, None, expected=False)
        like = self._look(pair.shown, fit.near)
        return Seen(like if like.presence >= LOST_PRESENCE else None, fit.mesh, expected=True)

    def _next(self, frame: YuvFrame) -> "_Fit | None":
        if self._before is not None:
            fit = self._fitted(frame, self._before)
            if fit is not None:
                return fit
            self._lost_for = 0
        fit = self._search(frame) if self._lost_for % SEARCH_EVERY == 0 else None
        self._lost_for = 0 if fit is not None else self._lost_for + 1
        return fit

    def _fitted(self, frame: YuvFrame, near: FaceMesh) -> "_Fit | None":
        found = self._look(frame, near)
        if found.presence < LOST_PRESENCE:
            return None
        way = float(np.linalg.norm((found.points - near.points)[:, :2].mean(axis=0)))
        return self._settled(frame, found) if way > _JUMPED_IOD * near.eye_distance_px else _Fit(near, found)

    def _settled(self, frame: YuvFrame, near: FaceMesh) -> "_Fit | None":
        found = self._look(frame, near)
        return _Fit(near, found) if found.presence >= LOST_PRESENCE else None

    def _look(self, frame: YuvFrame, near: FaceMesh) -> FaceMesh:
        """Fit the mesh in the part of the frame that it is seen in; only that part becomes RGB."""
        from lipwright.face.mesh import view_of
        from lipwright.media.yuv import region_around, region_rgb

        height, width = frame.y.shape
        region = region_around(*view_of(near), (width, height))
        found = self._mesher.track(region_rgb(frame, region), moved(near, -region.left, -region.top))
        return moved(found, region.left, region.top)

    def _search(self, frame: YuvFrame) -> "_Fit | None":
        from lipwright.face.upright import turned_upright
        from lipwright.media.yuv import region_rgb

        height, width = frame.y.shape
        image = region_rgb(frame, Region(0, 0, width, height))
        for box in self._in_order(self._detector.detect(image)):
            fit = self._settled(frame, self._mesher.mesh(image, turned_upright(self._detector, image, box)))
            if fit is not None:
                return self._settled(frame, fit.mesh)
        return None

    def _in_order(self, boxes: list[FaceBox]) -> list[FaceBox]:
        """Nearest to where the sidecar expects the face; else largest first."""
        wanted = self._expected_box
        if wanted is None:
            return boxes
        centre = ((wanted.left + wanted.right) / 2, (wanted.top + wanted.bottom) / 2)
        return sorted(
            boxes,
            key=lambda box: math.dist((box.x_px + box.width_px / 2, box.y_px + box.height_px / 2), centre),
        )


def moved(mesh: FaceMesh, across_px: float, down_px: float) -> FaceMesh:
    """The same mesh elsewhere in the picture."""
    return FaceMesh(mesh.points + np.array([across_px, down_px, 0], np.float32), mesh.presence)
