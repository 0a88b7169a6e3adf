"""A photo becomes a portrait that is ready to speak: framed, cut out, and set before its background."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.media import Picture
from lipwright.contracts.portrait import PortraitRequest
from lipwright.errors import FaceNotFound
from lipwright.face.foreground import estimate_foreground
from lipwright.face.matte import PersonMatte
from lipwright.face.select import find_face
from lipwright.media.image import flatten, load_image
from lipwright.motion.shapes import load_shape_basis
from lipwright.render.backdrop import blurred, colour_of, covering, empty_room, plain
from lipwright.render.framing import PhotoFit, frame_photo
from lipwright.render.portrait.portrait import Portrait
from lipwright.render.scene import MOTION_REACH, Scene
from lipwright.render.staging_scene import Person

WHITE = (255, 255, 255)
SEEN = 0.5
"""A face whose middle value of alpha is lower cannot be shown."""


@dataclass(frozen=True)
class Prepared:
    """A portrait and where its face is in the output."""

    portrait: Portrait
    mesh: FaceMesh
    framing: PhotoFit


def load_person(path: Path, face_index: int | None = None) -> Person:
    """Load a photo and cut out the person who is to speak; a picture's own transparency says who that is.

    Args:
        face_index: counted from 0, largest first; None for the largest.
    Raises:
        MediaError: the photo cannot be used.
        FaceError: it has no usable face.
    """
    picture, photo, face = _opened(path, face_index)
    if picture.alpha is None:
        return Person(photo, PersonMatte().matte(photo, face), face)
    alpha = picture.alpha.astype(np.float32) / 255
    x, y = np.rint(face.points[:, :2]).astype(int).T
    if np.median(alpha[np.clip(y, 0, len(alpha) - 1), np.clip(x, 0, alpha.shape[1] - 1)]) < SEEN:
        raise FaceNotFound(f"{path.name}: the face is transparent. Use a picture in which the person is solid.")
    return Person(photo, alpha, face)


def prepare(request: PortraitRequest) -> Prepared:
    """Load the photo of a request and make it ready.

    Raises:
        MediaError: the photo or the background cannot be used.
        FaceError: the photo has no usable face.
    """
    picture, photo, face = _opened(request.face, request.face_index)
    framing = frame_photo(photo.shape[1], photo.shape[0], face, request.size)
    framed = framing.picture(photo)
    mesh = framing.mesh(face)
    alpha = framing.matte(picture.alpha) if picture.alpha is not None else PersonMatte().matte(framed, mesh)
    scene = set_scene(framed, alpha, request.background, mesh.eye_distance_px)
    return Prepared(Portrait(scene, mesh, load_shape_basis(), seed=request.seed), mesh, framing)


def _opened(path: Path, face_index: int | None) -> tuple[Picture, NDArray[np.uint8], FaceMesh]:
    """A picture, the same on white, and the face in it."""
    picture = load_image(path)
    photo = flatten(picture, WHITE)
    return picture, photo, find_face(photo, path.name, face_index)


def set_scene(photo: NDArray[np.uint8], alpha: NDArray[np.float32], background: str, eye_distance_px: float) -> Scene:
    """Set a person before a background.

    Args:
        photo: uint8 RGB (height, width, 3), the output's size.
        alpha: float32 (height, width), the person.
        background: `keep`, `blur`, `#rrggbb`, or the path of a picture.
        eye_distance_px: sets how far the person may move.
    """
    height, width = photo.shape[:2]
    if background == "keep":
        return Scene(photo, alpha, empty_room(photo, alpha, round(0.05 * eye_distance_px)), None)
    foreground = estimate_foreground(photo, alpha)
    if background == "blur":
        reach = round(2 * MOTION_REACH * eye_distance_px)
        return Scene(photo, alpha, blurred(empty_room(photo, alpha, reach)), foreground)
    colour = colour_of(background)
    if colour is not None:
        return Scene(photo, alpha, plain(width, height, colour), foreground)
    behind = flatten(load_image(Path(background)), WHITE)
    return Scene(photo, alpha, covering(behind, width, height), foreground)
