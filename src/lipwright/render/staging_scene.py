"""A person from a photo stands on a canvas: their part of it becomes a scene that a portrait moves."""

from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.story import Framing, Place
from lipwright.face.foreground import estimate_foreground
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.backdrop import blurred, empty_room
from lipwright.render.framing import PhotoFit
from lipwright.render.scene import MOTION_REACH, Scene
from lipwright.render.staging import Placement, measure_figure, place_person
from lipwright.render.staging_room import own_room
from lipwright.render.staging_shoulders import whole_shoulders


@dataclass(frozen=True)
class Person:
    """Somebody in a photo, cut out."""

    image: Pixels
    """RGB (height, width, 3)."""
    alpha: Floats
    """float32 (height, width) 0 to 1."""
    mesh: FaceMesh


@dataclass(frozen=True)
class Staged:
    """A person on a canvas."""

    scene: Scene
    """The part of the canvas that the person can reach."""
    mesh: FaceMesh
    """In that part's pixels."""
    left: int
    top: int
    """Where that part lies on the canvas."""
    advice: tuple[str, ...]


def stage(person: Person, width: int, height: int, framing: Framing, place: Place) -> Staged:
    """Cut a person out and place them on a canvas whose background is given with each frame."""
    stood, placement = _placed(person, width, height, framing, place, keeps_background=False)
    photo, alpha, mesh = _on_canvas(stood, placement.fit)
    left, top, right, bottom = _reached(alpha, mesh.eye_distance_px)
    part = (slice(top, bottom), slice(left, right))
    foreground = estimate_foreground(photo[part], alpha[part])
    scene = Scene(photo[part], alpha[part], np.zeros_like(foreground), foreground)
    return Staged(scene, _moved(mesh, -left, -top), left, top, placement.advice)


def stage_at_home(
    person: Person, width: int, height: int, framing: Framing, place: Place, *, out_of_focus: bool
) -> tuple[Staged, Pixels]:
    """Place a person on a canvas that their photo's own background fills, sharp or out of focus.

    Returns: the person, and that background: uint8 RGB (height, width, 3).
    """
    stood, placement = _placed(person, width, height, framing, place, keeps_background=True)
    fit = placement.fit
    photo, alpha, mesh = _on_canvas(stood, fit)
    reach = 2 * MOTION_REACH if out_of_focus else 0.05
    empty = empty_room(stood.image, stood.alpha, round(reach * stood.mesh.eye_distance_px))
    room, own = own_room(empty, fit)
    left, top, right, bottom = _reached(alpha, mesh.eye_distance_px)
    part = (slice(top, bottom), slice(left, right))
    foreground = estimate_foreground(photo[part], alpha[part])
    moved = _moved(mesh, -left, -top)
    if out_of_focus:
        room = blurred(room)
        scene = Scene(photo[part], alpha[part], np.ascontiguousarray(room[part]), foreground)
        return Staged(scene, moved, left, top, placement.advice), room
    plate = np.ascontiguousarray(room[part])
    cover = alpha[part][..., None]
    beside = foreground * cover + plate * (1 - cover)
    whole = beside + (photo[part] - beside) * own[part][..., None]
    kept = np.asarray(np.clip(whole + 0.5, 0, 255), np.uint8)
    return Staged(Scene(kept, alpha[part], plate, None), moved, left, top, placement.advice), room


def _placed(
    person: Person, width: int, height: int, framing: Framing, place: Place, *, keeps_background: bool
) -> tuple[Person, Placement]:
    """Find a person's place; a photo that is too large for it is first averaged down, so that fine hair stays calm."""
    for _ in range(2):
        stood, placement = _stood(person, width, height, framing, place, keeps_background)
        if placement.fit.scale >= 1:
            break
        person = _shrunk(person, placement.fit.scale)
    return stood, placement


def _stood(
    person: Person, width: int, height: int, framing: Framing, place: Place, keeps_background: bool
) -> tuple[Person, Placement]:
    if keeps_background:
        figure = measure_figure(person.alpha, person.mesh)
        placement = place_person(figure, width, height, framing, place, keeps_background=True)
        if placement.fit.inside(person.image.shape[1], person.image.shape[0]).min() == np.inf:
            return person, placement
    whole = whole_shoulders(person.image, person.alpha, person.mesh)
    stood = Person(whole.image, whole.alpha, whole.mesh)
    figure = measure_figure(stood.alpha, stood.mesh)
    return stood, place_person(figure, width, height, framing, place, keeps_background=keeps_background)


def _shrunk(person: Person, scale: float) -> Person:
    height, width = person.alpha.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    ratio = np.array([size[0] / width, size[1] / height, scale], np.float32)
    centre = np.array([0.5, 0.5, 0], np.float32)
    points = (person.mesh.points + centre) * ratio - centre
    return Person(
        np.asarray(cv2.resize(person.image, size, interpolation=cv2.INTER_AREA), np.uint8),
        np.asarray(cv2.resize(person.alpha, size, interpolation=cv2.INTER_AREA), np.float32),
        FaceMesh(points, person.mesh.presence),
    )


def _on_canvas(person: Person, fit: PhotoFit) -> tuple[Pixels, Floats, FaceMesh]:
    return fit.picture(person.image), fit.cut_out(person.alpha), fit.mesh(person.mesh)


def _reached(alpha: Floats, eye_distance_px: float) -> tuple[int, int, int, int]:
    """left, top, right, bottom of all that the moving person may touch."""
    margin = round(3 * MOTION_REACH * eye_distance_px) + 2
    seen = alpha > 0.004
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    height, width = alpha.shape
    return (
        max(0, int(columns[0]) - margin),
        max(0, int(rows[0]) - margin),
        min(width, int(columns[-1]) + 1 + margin),
        min(height, int(rows[-1]) + 1 + margin),
    )


def _moved(mesh: FaceMesh, x: int, y: int) -> FaceMesh:
    return FaceMesh(mesh.points + np.array([x, y, 0], np.float32), mesh.presence)
