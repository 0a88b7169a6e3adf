"""Follows every face of a clip from frame to frame, window by window.

A window begins exactly as the one before ended: where a clip is cut into windows changes no result. Landmarks are not
smoothed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceBox, FaceMesh
from lipwright.contracts.footage import YuvFrame
from lipwright.face.detector import FaceDetector
from lipwright.face.features import FaceFeatures, absent_rows, measure_face
from lipwright.face.mesh import FaceMesher, view_of
from lipwright.face.scan_window import PointRows, ScanState, ScanWindow, Strand
from lipwright.face.select import face_width_px
from lipwright.face.shots import THUMBNAIL_PX, ShotDetector
from lipwright.face.upright import turned_upright
from lipwright.media.yuv import region_around, region_rgb, shrunk_rgb

MOST_FACES = 4
"""So many are followed at a time, the largest ones."""
FOLLOWED_FROM_PX = 48
"""A face that is less wide is never followed."""
_LET_GO_PX = 40
_MATTERS = 0.3
"""Nor is one that is less wide than this share of the largest face in the picture."""
_DETECTION_PX = 960
"""Longer side of the picture in which faces are looked for: it finds the same faces in 1920 x 1080 as the whole one."""
_LOOK_EVERY_S = 1.0
_SEARCH_EVERY_S = 0.16
"""When no face is followed, or one was lost."""
_LONGEST_GAP_S = 0.5
"""A face that comes back within this time is the same one."""
_LOST_PRESENCE = 0.5
_FARTHEST_STEP = 0.5
"""Between two frames, in face widths; a mesh that jumps further has left its face."""
_SIZE_STEP = 1.6
_SAME_FACE_SHARE = 0.35
_RETURN_SHARE = 1.0
"""How far a face may have moved while it was lost, in face widths."""
_BOX_MARGIN = 0.6
"""About a detected box, in its longer sides: what the mesh network's first crop shows of the picture."""
_NOTED = 8


@dataclass(slots=True)
class _Strand:
    """A face that is being followed."""

    number: int
    mesh: FaceMesh
    """Where it was last seen, in pixels of the frame."""
    missing: int
    """Frames since then."""
    first_frame: int
    """Of its rows in this window."""
    rows: list[NDArray[np.float32]] = field(default_factory=list)
    points: list[NDArray[np.float32]] = field(default_factory=list)


class FaceScanner:
    """One pass over a clip."""

    def __init__(self, fps: Fraction, state: ScanState | None = None, *, threads: int = 1) -> None:
        """Load the networks.

        Args:
            state: of the window before; None for the beginning of the clip.
            threads: how many cores one call of a network may use.
        """
        self._fps = fps
        self._detector = FaceDetector(threads)
        self._mesher = FaceMesher(threads)
        self.state = state or ScanState()
        """What the next call of `scan` begins with."""

    def scan(self, frames: Iterable[YuvFrame]) -> ScanWindow:
        """Follow all faces through the next frames of the clip.

        Args:
            frames: all of one size; read once, one at a time, none is changed or kept.
        """
        window = _Window(self._fps, self.state, self._detector, self._mesher)
        for frame in frames:
            window.see(frame)
        self.state = window.state()
        return window.result(self.state)


class _Window:
    """The work on one window."""

    def __init__(self, fps: Fraction, state: ScanState, detector: FaceDetector, mesher: FaceMesher) -> None:
        self._detector, self._mesher = detector, mesher
        self._look_every = max(1, round(_LOOK_EVERY_S * fps))
        self._search_every = max(1, round(_SEARCH_EVERY_S * fps))
        self._longest_gap = max(1, round(_LONGEST_GAP_S * fps))
        self._first = self._next = state.next_frame
        self._next_strand = state.next_strand
        self._since_detection = state.since_detection
        self._followed = [
            _Strand(int(number), FaceMesh(points, float(presence)), int(missing), self._first)
            for number, points, presence, missing in zip(
                state.numbers, state.points, state.presence, state.missing, strict=True
            )
        ]
        self._shots = ShotDetector(fps, state.next_frame, state.shots)
        self._ended: list[_Strand] = []
        self._cuts: list[int] = []
        self._size = (0, 0)
        self._noted: dict[int, None] = {}

    def see(self, frame: YuvFrame) -> None:
        height, width = frame.y.shape
        self._size = (width, height)
        sudden, cuts = self._shots.see(shrunk_rgb(frame, _width_for(frame, THUMBNAIL_PX)))
        self._cuts += cuts
        left = list(self._followed) if sudden else [one for one in self._followed if not self._keep_up(frame, one)]
        every = self._look_every if self._followed and not left else self._search_every
        newly_lost = any(strand.missing == 0 for strand in left)
        if sudden or newly_lost or self._since_detection == 0 or self._since_detection >= every:
            left = self._look(frame, left)
            self._since_detection = 0
        if sudden:
            left = [strand for strand in left if not self._keep_up(frame, strand)]
        for strand in left:
            strand.missing += 1
            strand.rows.append(absent_rows(1)[0])
            strand.points.append(np.full_like(strand.mesh.points, np.nan))
        self._since_detection += 1
        self._next += 1
        self._let_go()

    def result(self, state: ScanState) -> ScanWindow:
        strands, rows, points, row = [], [], [], 0
        for strand in sorted(self._ended + self._followed, key=lambda strand: strand.number):
            if strand.rows:
                strands.append(Strand(strand.number, strand.first_frame, len(strand.rows), row))
                rows += strand.rows
                points += strand.points
                row += len(strand.rows)
        width, height = self._size
        return ScanWindow(
            self._first,
            self._next - self._first,
            width,
            height,
            tuple(self._cuts),
            tuple(self._shots.unsettled()),
            tuple(sorted(self._noted, reverse=True)[:_NOTED]),
            tuple(strands),
            FaceFeatures(np.stack(rows) if rows else absent_rows(0)),
            PointRows(np.stack(points) if points else np.empty((0, 478, 3), np.float32)),
            state,
        )

    def state(self) -> ScanState:
        state = ScanState(self._next, self._next_strand, self._since_detection, shots=self._shots.state)
        if not self._followed:
            return state
        return replace(
            state,
            numbers=np.array([strand.number for strand in self._followed], np.int64),
            missing=np.array([strand.missing for strand in self._followed], np.int64),
            presence=np.array([strand.mesh.presence for strand in self._followed]),
            points=np.stack([strand.mesh.points for strand in self._followed]),
        )

    def _keep_up(self, frame: YuvFrame, strand: _Strand) -> bool:
        """Fit the face where it was last seen, and note it if it is there."""
        left, top, right, bottom = view_of(strand.mesh)
        region = region_around(left, top, right, bottom, self._size)
        image, corner = region_rgb(frame, region), (region.left, region.top)
        mesh = self._mesher.track(image, _moved(strand.mesh, -region.left, -region.top))
        found = _moved(mesh, *corner)
        if mesh.presence < _LOST_PRESENCE or not _steps(strand.mesh, found, _FARTHEST_STEP):
            return False
        self._note(strand, image, mesh, corner)
        return True

    def _note(self, strand: _Strand, image: NDArray[np.uint8], mesh: FaceMesh, corner: tuple[int, int]) -> None:
        strand.mesh = _moved(mesh, *corner)
        strand.missing = 0
        strand.rows.append(measure_face(image, mesh, corner, self._size))
        strand.points.append(strand.mesh.points)

    def _look(self, frame: YuvFrame, left: list[_Strand]) -> list[_Strand]:
        """Detect faces: those that were lost go on, new ones are followed from here.

        Returns: those of `left` that were not found.
        """
        small = shrunk_rgb(frame, _width_for(frame, _DETECTION_PX))
        scale = frame.y.shape[1] / small.shape[1]
        left = list(left)
        for box in (_enlarged(box, scale) for box in self._detector.detect(small)):
            if any(_holds(box, strand.mesh) for strand in self._followed if strand not in left):
                continue
            if box.width_px < FOLLOWED_FROM_PX:
                self._noted[round(box.width_px)] = None
                continue
            self._fit(frame, box, left)
        return left

    def _fit(self, frame: YuvFrame, box: FaceBox, left: list[_Strand]) -> None:
        """Fit a mesh to a detected face, and give it to the strand that it belongs to."""
        margin = _BOX_MARGIN * max(box.width_px, box.height_px)
        region = region_around(
            box.x_px - margin,
            box.y_px - margin,
            box.x_px + box.width_px + margin,
            box.y_px + box.height_px + margin,
            self._size,
        )
        image, corner = region_rgb(frame, region), (region.left, region.top)
        local = turned_upright(self._detector, image, _shifted(box, -region.left, -region.top))
        # The network's first crop comes from a coarse box; the second one from the mesh itself.
        mesh = self._mesher.track(image, self._mesher.mesh(image, local))
        found = _moved(mesh, *corner)
        width = face_width_px(found)
        here = [strand for strand in self._followed if strand not in left]
        if mesh.presence < _LOST_PRESENCE or any(_apart(found, other.mesh) < _SAME_FACE_SHARE for other in here):
            return
        lost = [strand for strand in left if _steps(strand.mesh, found, _RETURN_SHARE)]
        if lost:
            strand = min(lost, key=lambda strand: _apart(found, strand.mesh))
            left.remove(strand)
        elif width < FOLLOWED_FROM_PX or not self._make_room(width):
            self._noted[round(width)] = None
            return
        else:
            strand = _Strand(self._next_strand, found, 0, self._next)
            self._next_strand += 1
            self._followed.append(strand)
        self._note(strand, image, mesh, corner)

    def _make_room(self, width_px: float) -> bool:
        """Whether one more face may be followed; a much smaller one is given up for it."""
        widest = max((face_width_px(strand.mesh) for strand in self._followed), default=0.0)
        if width_px < _MATTERS * widest:
            return False
        if len(self._followed) < MOST_FACES:
            return True
        smallest = min(self._followed, key=lambda strand: face_width_px(strand.mesh))
        return False if face_width_px(smallest.mesh) * _SIZE_STEP > width_px else self._give_up(smallest)

    def _give_up(self, strand: _Strand) -> bool:
        self._followed.remove(strand)
        self._ended.append(strand)
        return True

    def _let_go(self) -> None:
        """End the strands that were lost for long, became tiny, or follow the face of an older one."""
        for strand in list(self._followed):
            older = [other for other in self._followed if other.number < strand.number and other.missing == 0]
            doubled = strand.missing == 0 and any(_apart(strand.mesh, one.mesh) < _SAME_FACE_SHARE for one in older)
            if doubled or strand.missing > self._longest_gap or face_width_px(strand.mesh) < _LET_GO_PX:
                self._give_up(strand)


def _width_for(frame: YuvFrame, longest_px: int) -> int:
    height, width = (int(side) for side in frame.y.shape)
    return max(1, round(width * min(1.0, longest_px / max(height, width))))


def _moved(mesh: FaceMesh, x: int, y: int) -> FaceMesh:
    return FaceMesh(mesh.points + np.array([x, y, 0], np.float32), mesh.presence)


def _shifted(box: FaceBox, x: int, y: int) -> FaceBox:
    keypoints = box.keypoints + np.array([x, y], np.float32)
    return replace(box, x_px=box.x_px + x, y_px=box.y_px + y, keypoints=keypoints)


def _enlarged(box: FaceBox, scale: float) -> FaceBox:
    """From pixels of a small picture to those of the frame; a pixel's centre is its whole number."""
    keypoints = (box.keypoints + np.float32(0.5)) * np.float32(scale) - np.float32(0.5)
    x, y = (box.x_px + 0.5) * scale - 0.5, (box.y_px + 0.5) * scale - 0.5
    return FaceBox(x, y, box.width_px * scale, box.height_px * scale, box.score, keypoints)


def _holds(box: FaceBox, mesh: FaceMesh) -> bool:
    """Whether a detected box is about this face."""
    x, y = mesh.points[:, :2].mean(axis=0)
    beside = abs(x - box.x_px - box.width_px / 2), abs(y - box.y_px - box.height_px / 2)
    return float(max(beside)) < max(box.width_px, face_width_px(mesh)) / 2


def _apart(one: FaceMesh, other: FaceMesh) -> float:
    """Between two faces, in widths of the larger."""
    apart = np.linalg.norm(one.points[:, :2].mean(axis=0) - other.points[:, :2].mean(axis=0))
    return float(apart) / max(face_width_px(one), face_width_px(other))


def _steps(one: FaceMesh, other: FaceMesh, farthest: float) -> bool:
    """Whether a face can have come from one place to the other."""
    ratio = one.eye_distance_px / other.eye_distance_px
    return _apart(one, other) < farthest and 1 / _SIZE_STEP < ratio < _SIZE_STEP
