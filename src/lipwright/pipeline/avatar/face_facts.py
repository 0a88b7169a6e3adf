"""What is measured of a face before it becomes an avatar, and what is said of it: advice, or a refusal."""

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.avatar import FaceFacts
from lipwright.contracts.face import FaceMesh
from lipwright.errors import FaceError, FaceNotFound
from lipwright.face import topology
from lipwright.face.mesh import FaceMesher
from lipwright.face.pose import head_angles
from lipwright.face.select import MIN_FACE_WIDTH_PX, face_width_px, find_face, find_faces
from lipwright.render.portrait.mouth_shape import inner_gap

CLEARLY_LARGER = 1.6
"""A face that is wider than all others by this factor is the one that is meant."""
GOOD_EYES_PX = 110
"""Between the outer eye corners: of a face that fills a 720p picture without being enlarged."""
GOOD_SHARPNESS, LEAST_SHARPNESS = 0.5, 0.09
GOOD_LIGHT, USABLE_LIGHT = (0.25, 0.82), (0.07, 0.95)
"""Mean luma of a face, dark skin included."""
MOST_UNEVEN = 2.2
"""How much brighter one side of the face may be."""
MOST_GLARE = 0.12
"""Share of the face that may be white without any drawing."""
GOOD_TURN_DEGREES = 15.0
GOOD_GAP_IOD = 0.03
SURE_PRESENCE = 0.9
_LOOK_PX = 128
_BLURRED_RATIO, _CRISP_RATIO = 0.06, 0.20
"""Fine against coarse detail of a face: of one that is blurred by 3 % of its width, and of one as a good camera films
it. Measured on nine pictures of nine people."""
_WHITE = 250


def only_face(image: NDArray[np.uint8], name: str) -> FaceMesh:
    """The one face of a picture, or the one that is clearly the largest.

    Args:
        image: uint8 RGB, (height, width, 3).
        name: what messages call the picture.
    Raises: FaceNotFound, FaceTooSmall, FaceTurnedAway; FaceError: nobody can tell which of several faces is meant.
    """
    mesher = FaceMesher()
    widths = [face_width_px(face) for face in find_faces(image, mesher=mesher)]
    if len(widths) > 1 and widths[0] < CLEARLY_LARGER * widths[1] and widths[0] >= MIN_FACE_WIDTH_PX:
        sizes = " and ".join(f"{width:.0f}" for width in widths[:2])
        raise FaceError(
            f"{name}: there are {len(widths)} faces, and the largest are {sizes} px wide: nobody can tell whose avatar"
            " it is to be. Cut the picture so that one face is left."
        )
    if not widths:
        raise FaceNotFound(
            f"{name}: no face found. Use a picture of one person who looks into the camera, with a face that is at"
            f" least {MIN_FACE_WIDTH_PX} px wide, better 200."
        )
    return find_face(image, name, mesher=mesher)


def measure(image: NDArray[np.uint8], mesh: FaceMesh, name: str) -> FaceFacts:
    """Measure a face, and say what would make it better.

    Args:
        image: uint8 RGB, (height, width, 3).
        mesh: in its pixels.
        name: what messages call the picture.
    Raises: FaceError: it is too dark, too bright or too blurred to be drawn.
    """
    height, width = image.shape[:2]
    grey = _inner_face(image, mesh)
    sharpness, brightness = _sharpness(grey), float(grey.mean()) / 255
    if not USABLE_LIGHT[0] <= brightness <= USABLE_LIGHT[1]:
        what, better = ("dark", "more light") if brightness < USABLE_LIGHT[0] else ("bright", "less light")
        raise FaceError(f"{name}: the face is too {what} to be seen. Take the picture again with {better} on the face.")
    if sharpness < LEAST_SHARPNESS:
        raise FaceError(f"{name}: the face is blurred. Use a picture that is in focus, with the camera held still.")
    angles = head_angles(mesh)
    facts = FaceFacts(
        width_px=width,
        height_px=height,
        eye_distance_px=round(mesh.eye_distance_px, 1),
        sharpness=round(sharpness, 2),
        brightness=round(brightness, 2),
        yaw_degrees=round(angles.yaw_degrees, 1),
        pitch_degrees=round(angles.pitch_degrees, 1),
    )
    return facts.model_copy(update={"advice": (*_advice(facts), *_light_advice(grey), *_mesh_advice(image, mesh))})


def _advice(facts: FaceFacts) -> list[str]:
    said = []
    if facts.eye_distance_px < GOOD_EYES_PX:
        said.append(
            f"the face is small: {facts.eye_distance_px:.0f} px between the eyes. With {GOOD_EYES_PX} or more, close"
            " framings stay sharp."
        )
    if facts.sharpness < GOOD_SHARPNESS:
        said.append("the face is soft. A picture in focus, not enlarged and not heavily compressed, looks crisper.")
    if facts.brightness < GOOD_LIGHT[0]:
        said.append("the face is dark. Light from the front shows lips and teeth better.")
    if facts.brightness > GOOD_LIGHT[1]:
        said.append("the face is very bright. Less light keeps the drawing of the skin.")
    if abs(facts.yaw_degrees) > GOOD_TURN_DEGREES:
        side = "right" if facts.yaw_degrees > 0 else "left"
        said.append(f"the head is turned {abs(facts.yaw_degrees):.0f} degrees to the {side}. Looking ahead is best.")
    if abs(facts.pitch_degrees) > GOOD_TURN_DEGREES:
        way = "up" if facts.pitch_degrees > 0 else "down"
        said.append(f"the head is turned {abs(facts.pitch_degrees):.0f} degrees {way}. Looking ahead is best.")
    return said


def _light_advice(grey: NDArray[np.uint8]) -> list[str]:
    said = []
    middle = grey.shape[1] // 2
    sides = [float(grey[:, :middle].mean()) + 1, float(grey[:, -middle:].mean()) + 1]
    if max(sides) > MOST_UNEVEN * min(sides):
        dark = "left" if sides[0] < sides[1] else "right"
        said.append(f"the {dark} side of the face is much darker. Light from the front is more even.")
    if float((grey >= _WHITE).mean()) > MOST_GLARE:
        said.append("parts of the face are white from too much light. Softer light keeps the drawing of the skin.")
    return said


def _mesh_advice(image: NDArray[np.uint8], mesh: FaceMesh) -> list[str]:
    said = []
    height, width = image.shape[:2]
    oval = mesh.points[list(topology.FACE_OVAL), :2]
    if (oval < 0).any() or (oval > (width - 1, height - 1)).any():
        said.append("the edge of the picture cuts the face off. Leave room about the head.")
    if inner_gap(mesh.points.astype(np.float64)) > GOOD_GAP_IOD * mesh.eye_distance_px:
        said.append("the mouth is open. It is drawn shut; a picture with closed lips looks more natural.")
    if mesh.presence < SURE_PRESENCE:
        said.append("something may cover the face. Hair, hands and cups away from mouth and eyes are best.")
    return said


def _inner_face(image: NDArray[np.uint8], mesh: FaceMesh) -> NDArray[np.uint8]:
    """The grey middle of the face, without hair and background; at most about 128 px wide."""
    oval = mesh.points[list(topology.FACE_OVAL), :2]
    low, high = oval.min(axis=0), oval.max(axis=0)
    size = high - low
    left, top = np.maximum(np.floor(low + size * (0.1, 0.15)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(low + size * 0.9).astype(int), image.shape[1::-1])
    grey = cv2.cvtColor(image[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
    scale = min(1.0, _LOOK_PX / float(size[0]))
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _sharpness(grey: NDArray[np.uint8]) -> float:
    """0 for a blurred face, 1 for a crisp one."""
    plane = grey.astype(np.float32)
    unit = grey.shape[1] / (0.8 * _LOOK_PX)
    soft = cv2.GaussianBlur(plane, (0, 0), unit)
    coarse = np.asarray(soft - cv2.GaussianBlur(plane, (0, 0), 8 * unit))
    ratio = float((plane - soft).std()) / max(float(coarse.std()), 1e-3)
    return float(np.clip((ratio - _BLURRED_RATIO) / (_CRISP_RATIO - _BLURRED_RATIO), 0, 1))
