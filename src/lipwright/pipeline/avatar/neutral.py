"""The picture that an avatar is drawn from: the person in a sensible frame, with a closed mouth."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.motion import MOUTH_CONTROLS, IdleTrack, MouthTrack
from lipwright.face import topology
from lipwright.face.matte import PersonMatte
from lipwright.face.mesh import FaceMesher
from lipwright.motion.shapes import load_shape_basis
from lipwright.pipeline.stages.prepare import set_scene
from lipwright.render.framing import PhotoFit
from lipwright.render.portrait.mouth_shape import inner_gap
from lipwright.render.portrait.portrait import Portrait
from lipwright.render.portrait.shut import NEEDED_ABOVE_GAP

NEUTRAL_VERSION = 1
LONGEST_SIDE_PX = 2160
WIDEST_EYES_PX = 420
"""As in a face that fills a picture of 1080 lines; more only takes time."""
ABOVE, BESIDE, BELOW = 2.0, 4.5, 7.5
"""What is kept about the face, in its heights: as much as a person who stands takes, and room."""
SHUT = (0.0,) * len(MOUTH_CONTROLS)
STILL = (0.0, 0.0, 0.0)
RATE = Fraction(25)


def frame_person(width: int, height: int, face: FaceMesh) -> PhotoFit:
    """The part of a photo that is kept: the person, at a size that videos need. Both sides are even."""
    oval = face.points[list(topology.FACE_OVAL), :2]
    low, high = oval.min(axis=0), oval.max(axis=0)
    tall, centre = float(high[1] - low[1]), float(low[0] + high[0]) / 2
    left, top = max(0.0, centre - BESIDE * tall), max(0.0, float(low[1]) - ABOVE * tall)
    right, bottom = min(float(width), centre + BESIDE * tall), min(float(height), float(high[1]) + BELOW * tall)
    scale = min(1.0, LONGEST_SIDE_PX / max(right - left, bottom - top), WIDEST_EYES_PX / face.eye_distance_px)
    left, top = float(round(left)), float(round(top))
    sides = [max(2, int(side * scale) // 2 * 2) for side in (right - left, bottom - top)]
    return PhotoFit(sides[0], sides[1], scale, left, top)


def neutral_picture(
    photo: NDArray[np.uint8], alpha: NDArray[np.uint8] | None, face: FaceMesh
) -> tuple[NDArray[np.uint8], NDArray[np.float32] | None, FaceMesh]:
    """Frame a person, and close their mouth.

    Args:
        photo: uint8 RGB, (height, width, 3), upright.
        alpha: uint8 (height, width) of a photo that has one.
        face: in the photo's pixels.
    Returns: the picture, its alpha 0 to 1 if the photo had one, and the face in it. A mouth that is shut already stays
        as it is, to the last bit.
    """
    framing = frame_person(photo.shape[1], photo.shape[0], face)
    framed, mesh = framing.picture(photo), framing.mesh(face)
    cut = framing.matte(alpha) if alpha is not None else None
    if inner_gap(mesh.points.astype(np.float64)) > NEEDED_ABOVE_GAP * mesh.eye_distance_px:
        framed, mesh = _closed(framed, cut, mesh)
    return framed, cut, FaceMesher().refine(framed, mesh)


def ready(image: NDArray[np.uint8], alpha: NDArray[np.float32], mesh: FaceMesh) -> Portrait:
    """A picture that can be drawn with another mouth, before its own background."""
    scene = set_scene(image, alpha, "keep", mesh.eye_distance_px)
    return Portrait(scene, mesh, load_shape_basis())


def shut_mouth() -> MouthTrack:
    """A mouth that is closed, for one frame."""
    return MouthTrack(RATE, np.array([SHUT], np.float32), np.zeros(1, np.float32), np.ones(1, np.float32))


def still_head() -> IdleTrack:
    """A head as the photo shows it, for one frame."""
    one = np.zeros(1, np.float32)
    return IdleTrack(RATE, np.array([STILL], np.float32), np.zeros((1, 2), np.float32), one, one, one)


def _closed(
    image: NDArray[np.uint8], cut: NDArray[np.float32] | None, mesh: FaceMesh
) -> tuple[NDArray[np.uint8], FaceMesh]:
    alpha = PersonMatte().matte(image, mesh) if cut is None else cut
    portrait = ready(image, alpha, mesh)
    drawn = portrait.frame(portrait.perform(shut_mouth()), still_head(), 0)
    points = mesh.points.copy()
    points[:, :2] = drawn.lips
    return drawn.image, FaceMesh(points, mesh.presence)
