"""One pass over the pictures of a file. Of each frame a few numbers stay; the frame itself does not."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.media import Frame
from lipwright.contracts.progress import Progress
from lipwright.contracts.sidecar import PixelBox, Sidecar
from lipwright.quality.clock import FrameClock
from lipwright.quality.mouth import inner_gap
from lipwright.quality.picture import (
    BLACK_LEVEL,
    Skin,
    Stillness,
    at_scale,
    blocks_of,
    blocks_outside,
    face_sharpness,
    grey_of,
    mouth_sharpness,
)

COUNT_FACES_EVERY_S = 2.0
"""Looking for all faces of a frame costs more than following one."""
LEAST_OUTSIDE = 0.03
"""Of the picture: a smaller part beside the person says nothing."""

_PERSON_ABOVE = 0.05
"""Of the outline network's coverage."""
_PERSON_REACH = 0.22
"""IOD: how far a person may move, and how far the network's outline may be off."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sweep:
    """What the pictures of a file showed. All arrays are (frames,), NaN where no face was found."""

    times_s: Floats
    step_s: Fraction | None
    """Time between frames when it is the same everywhere, else None."""
    jitter_s: float
    """How far a frame is from the place that a constant rate would give it, at most."""
    gap: Floats
    """IOD."""
    eye_distance_px: Floats
    face_sharpness: Floats
    mouth_sharpness: Floats
    flicker: Floats
    """Grey levels, RMS on cheeks and nose since the frame before."""
    brightness: Floats
    """Mean luma."""
    faces: tuple[int, ...]
    """Number of faces in the frames that were searched for all."""
    black_frames: int
    repeated_frames: int
    """Frames that equal the one before."""
    longest_repeat: int
    """Frames in a row that equal the one before."""
    outside_share: float
    """Of the picture: the part in which nothing should move; 0 when there is none."""
    outside_from: str
    """Where that part was taken from."""
    outside_mean: float
    """Grey levels, against the first frame."""
    outside_largest: float
    first_mesh: FaceMesh | None
    """The face in the first frame that has one."""

    @property
    def has_face(self) -> Flags:
        return np.isfinite(self.gap)


def sweep(
    frames: Iterator[Frame], fps: Fraction, sidecar: Sidecar | None, progress: Progress, detail_scale: float = 1.0
) -> Sweep:
    """Look at every frame once.

    Args:
        fps: the rate that the container tells.
        detail_scale: of the picture, at which sharpness is measured, up to 1.
    Raises: MediaUnreadable: the file breaks off. Cancelled.
    """
    eye = _Eye(fps, sidecar, detail_scale)
    for frame in frames:
        progress.check_cancelled()
        eye.look(frame)
        progress.advance(1)
    return eye.result()


class _Eye:
    """Takes frames one by one."""

    def __init__(self, fps: Fraction, sidecar: Sidecar | None, detail_scale: float) -> None:
        from lipwright.face.detector import FaceDetector
        from lipwright.face.mesh import FaceMesher
        from lipwright.face.tracker import FaceTracker

        self._sidecar, self._detail_scale = sidecar, detail_scale
        self._count_every = max(1, round(COUNT_FACES_EVERY_S * fps))
        self._tracker = FaceTracker()
        self._detector, self._mesher = FaceDetector(), FaceMesher()
        self._skin = Skin()
        self._rows: list[tuple[float, ...]] = []
        self._clock = FrameClock(fps)
        self._faces: list[int] = []
        self._first_mesh: FaceMesh | None = None
        self._blocks: NDArray[np.float32] | None = None
        self._stillness = Stillness(np.zeros((0, 0), np.bool_))
        self._outside_share, self._outside_from = 0.0, ""
        self._black = self._repeated = self._run = self._longest_run = 0

    def look(self, frame: Frame) -> None:
        from lipwright.face.select import find_faces

        mesh = self._tracker.track(frame.image)
        grey = grey_of(frame.image)
        blocks = blocks_of(grey)
        if not self._rows:
            self._choose_outside(frame.image, mesh)
        if len(self._rows) % self._count_every == 0:
            self._faces.append(len(find_faces(frame.image, detector=self._detector, mesher=self._mesher)))
        if self._first_mesh is None:
            self._first_mesh = mesh
        self._clock.tick(frame.time_s)
        self._compare(blocks)
        flicker = self._skin.flicker(grey, mesh)
        sharp_face = sharp_mouth = None
        if mesh is not None:
            detail, small = at_scale(grey, mesh, self._detail_scale)
            sharp_face, sharp_mouth = face_sharpness(detail, small), mouth_sharpness(detail, small)
        self._rows.append(
            (
                float(frame.time_s),
                inner_gap(mesh.points) if mesh is not None else math.nan,
                mesh.eye_distance_px if mesh is not None else math.nan,
                math.nan if sharp_face is None else sharp_face,
                math.nan if sharp_mouth is None else sharp_mouth,
                math.nan if flicker is None else flicker,
                float(blocks.mean()),
            )
        )

    def result(self) -> Sweep:
        columns = np.array(self._rows, np.float64).reshape(-1, 7).T
        times_s, gap, eye_distance_px, face_sharpness, mouth_sharpness, flicker, brightness = columns
        return Sweep(
            times_s=times_s,
            step_s=self._clock.step_s,
            jitter_s=self._clock.jitter_s,
            gap=gap,
            eye_distance_px=eye_distance_px,
            face_sharpness=face_sharpness,
            mouth_sharpness=mouth_sharpness,
            flicker=flicker,
            brightness=brightness,
            faces=tuple(self._faces),
            black_frames=self._black,
            repeated_frames=self._repeated,
            longest_repeat=self._longest_run,
            outside_share=self._outside_share,
            outside_from=self._outside_from,
            outside_mean=self._stillness.mean,
            outside_largest=self._stillness.largest,
            first_mesh=self._first_mesh,
        )

    def _compare(self, blocks: NDArray[np.float32]) -> None:
        if self._outside_share:
            self._stillness.look(blocks)
        self._black += float(blocks.max()) < BLACK_LEVEL
        same = self._blocks is not None and np.array_equal(blocks, self._blocks)
        self._repeated += same
        self._run = self._run + 1 if same else 0
        self._longest_run = max(self._longest_run, self._run)
        self._blocks = blocks

    def _choose_outside(self, image: NDArray[np.uint8], mesh: FaceMesh | None) -> None:
        """What the sidecar's box leaves free or, if that is too little, what lies beside the person's outline."""
        inside = np.zeros(image.shape[:2], np.bool_)
        if self._sidecar is not None:
            _fill(inside, self._sidecar.person_box)
            self._outside_from = "the sidecar's person box"
        if self._sidecar is None or _share(blocks_outside(inside)) < LEAST_OUTSIDE:
            if mesh is None:
                return
            inside = _person(image, mesh)
            self._outside_from = "the person's outline"
        for overlay in self._sidecar.overlays if self._sidecar is not None else ():
            _fill(inside, overlay)
        outside = blocks_outside(inside)
        self._outside_share = _share(outside) if _share(outside) >= LEAST_OUTSIDE else 0.0
        self._stillness = Stillness(outside)


def _person(image: NDArray[np.uint8], mesh: FaceMesh) -> Flags:
    """Where the person is or may come to be, (height, width)."""
    from lipwright.face.matte import PersonMatte

    outline = PersonMatte().outline(image, mesh)
    radius = max(1, round(_PERSON_REACH * mesh.eye_distance_px))
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.dilate((outline > _PERSON_ABOVE).astype(np.uint8), element) > 0)


def _fill(inside: Flags, box: PixelBox) -> None:
    inside[max(box.top, 0) : max(box.bottom, 0), max(box.left, 0) : max(box.right, 0)] = True


def _share(blocks: Flags) -> float:
    return float(blocks.mean()) if blocks.size else 0.0
