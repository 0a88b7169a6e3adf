"""Chooses the face that is to speak, or says why none can."""

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.errors import FaceNotFound, FaceTooSmall, FaceTurnedAway
from lipwright.face import topology
from lipwright.face.detector import FaceDetector
from lipwright.face.mesh import FaceMesher
from lipwright.face.pose import turned_away_degrees

MIN_FACE_WIDTH_PX = 80
MAX_TURN_DEGREES = 45
_MIN_PRESENCE = 0.5
_SAME_FACE_SHARE = 0.3
"""Two meshes whose centres are closer than this share of a face's width are one face."""


def find_face(
    image: NDArray[np.uint8],
    name: str,
    index: int | None = None,
    *,
    detector: FaceDetector | None = None,
    mesher: FaceMesher | None = None,
) -> FaceMesh:
    """Find the face that is to speak and fit it as well as a still picture allows.

    Args:
        image: uint8 RGB, (height, width, 3).
        name: what messages call the picture, such as `portrait.jpg`.
        index: counted from 0, largest face first; None for the largest.
        detector, mesher: loaded ones to use; new ones by default.
    Raises:
        FaceNotFound: there is no face, or none of that number.
        FaceTooSmall: it is less than 80 px wide.
        FaceTurnedAway: it is turned away by more than 45 degrees.
    """
    mesher = mesher or FaceMesher()
    faces = find_faces(image, detector=detector, mesher=mesher)
    if not faces:
        raise FaceNotFound(
            f"{name}: no face found. Use a photo in which one face is at least {MIN_FACE_WIDTH_PX} px wide."
        )
    chosen = 0 if index is None else index
    if not 0 <= chosen < len(faces):
        count = "one face, number 0" if len(faces) == 1 else f"{len(faces)} faces, numbers 0 to {len(faces) - 1}"
        raise FaceNotFound(f"{name}: there is no face number {chosen}. The photo shows {count}, largest first.")
    mesh = mesher.refine(image, faces[chosen])
    width = face_width_px(mesh)
    if width < MIN_FACE_WIDTH_PX:
        raise FaceTooSmall(
            f"{name}: the face is {width:.0f} px wide. "
            f"Use a larger photo, in which it is at least {MIN_FACE_WIDTH_PX} px wide."
        )
    away = turned_away_degrees(mesh)
    if away > MAX_TURN_DEGREES:
        raise FaceTurnedAway(
            f"{name}: the face is turned away by {away:.0f} degrees. "
            f"Use a photo in which it looks towards the camera, within {MAX_TURN_DEGREES} degrees."
        )
    return mesh


def find_faces(
    image: NDArray[np.uint8], *, detector: FaceDetector | None = None, mesher: FaceMesher | None = None
) -> list[FaceMesh]:
    """Every face that the mesh network confirms, largest first.

    Args:
        image: uint8 RGB, (height, width, 3).
        detector, mesher: loaded ones to use; new ones by default.
    """
    detector, mesher = detector or FaceDetector(), mesher or FaceMesher()
    faces: list[FaceMesh] = []
    for box in detector.detect(image):
        # The network's first crop comes from a coarse box; the second one from the mesh itself.
        mesh = mesher.track(image, mesher.mesh(image, box))
        if mesh.presence >= _MIN_PRESENCE and not any(_same_face(mesh, other) for other in faces):
            faces.append(mesh)
    return sorted(faces, key=face_width_px, reverse=True)


def face_width_px(mesh: FaceMesh) -> float:
    """The width of the face across the line of its eyes, ears left out."""
    oval = mesh.points[list(topology.FACE_OVAL), :2]
    along = mesh.points[topology.LEFT_EYE.outer_corner, :2] - mesh.points[topology.RIGHT_EYE.outer_corner, :2]
    across = oval @ (along / np.linalg.norm(along))
    return float(across.max() - across.min())


def _same_face(one: FaceMesh, other: FaceMesh) -> bool:
    apart = np.linalg.norm(one.points[:, :2].mean(axis=0) - other.points[:, :2].mean(axis=0))
    return float(apart) < _SAME_FACE_SHARE * max(face_width_px(one), face_width_px(other))
