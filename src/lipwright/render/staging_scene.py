"""A person from a photo stands on a canvas: their part of it becomes a scene that a portrait moves."""

from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.story import Framing, Place
from lipwright.face.foreground import estimate_foreground
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.backdrop import blurred, empty_room
from lipwright.render.framing import PhotoFit
from lipwright.render.scene import MOTION_REACH, Scene
from lipwright.render.staging import Placement, measure_figure, place_person
from lipwright.render.staging_room import own_room
from lipwright.render.staging_shoulders import Widened, whole_shoulders

Number = TypeVar("Number", bound=np.generic)


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
    _, stood, placement = _placed(person, width, height, framing, place, keeps_background=False)
    shown = _on_canvas(stood, placement.fit)
    scene = Scene(shown.photo, shown.alpha, np.zeros_like(shown.photo), estimate_foreground(shown.photo, shown.alpha))
    return Staged(scene, shown.mesh, shown.left, shown.top, placement.advice)


def stage_at_home(
    person: Person, width: int, height: int, framing: Framing, place: Place, *, out_of_focus: bool
) -> tuple[Staged, Pixels]:
    """Place a person on a canvas that their photo's own background fills, sharp or out of focus.

    Returns: the person, and that background: uint8 RGB (height, width, 3).
    """
    person, stood, placement = _placed(person, width, height, framing, place, keeps_background=True)
    shown = _on_canvas(stood, placement.fit)
    reach = 2 * MOTION_REACH if out_of_focus else 0.05
    empty = empty_room(person.image, person.alpha, round(reach * person.mesh.eye_distance_px))
    room, own = own_room(empty, replace(placement.fit, left=placement.fit.left - stood.added_left))
    if out_of_focus:
        room = blurred(room)
    plate = shown.part_of(room)
    foreground = estimate_foreground(shown.photo, shown.alpha)
    if out_of_focus:
        scene = Scene(shown.photo, shown.alpha, plate, foreground)
    else:
        cover = shown.alpha[..., None]
        beside = foreground * cover + plate * (1 - cover)
        whole = beside + (shown.photo - beside) * shown.part_of(own)[..., None]
        scene = Scene(np.asarray(np.clip(whole + 0.5, 0, 255), np.uint8), shown.alpha, plate, None)
    return Staged(scene, shown.mesh, shown.left, shown.top, placement.advice), room


def _placed(
    person: Person, width: int, height: int, framing: Framing, place: Place, *, keeps_background: bool
) -> tuple[Person, Widened, Placement]:
    """Find a person's place; a photo that is too large for it is first averaged down, so that fine hair stays calm.

    Returns: the photo, the same with whole shoulders where they are needed, and how that one lies on the canvas.
    """
    stood, placement = _stood(person, width, height, framing, place, keeps_background)
    if placement.fit.scale < 1:
        person = _shrunk(person, placement.fit.scale)
        stood, placement = _stood(person, width, height, framing, place, keeps_background)
    return person, stood, placement


def _stood(
    person: Person, width: int, height: int, framing: Framing, place: Place, keeps_background: bool
) -> tuple[Widened, Placement]:
    if keeps_background:
        figure = measure_figure(person.alpha, person.mesh)
        placement = place_person(figure, width, height, framing, place, keeps_background=True)
        if np.isinf(placement.fit.inside(person.image.shape[1], person.image.shape[0])).all():
            return Widened(person.image, person.alpha, person.mesh, 0), placement
    stood = whole_shoulders(person.image, person.alpha, person.mesh)
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


@dataclass(frozen=True)
class _Shown:
    """The part of a canvas that a moving person may touch."""

    photo: Pixels
    alpha: Floats
    mesh: FaceMesh
    left: int
    top: int

    def part_of(self, canvas: NDArray[Number]) -> NDArray[Number]:
        """The same part of something of the canvas' size."""
        height, width = self.alpha.shape
        return np.ascontiguousarray(canvas[self.top : self.top + height, self.left : self.left + width])


def _on_canvas(stood: Widened, fit: PhotoFit) -> _Shown:
    alpha, mesh = fit.cut_out(stood.alpha), fit.mesh(stood.mesh)
    left, top, right, bottom = _reached(alpha, mesh.eye_distance_px)
    part = replace(
        fit,
        width_px=right - left,
        height_px=bottom - top,
        left=fit.left + left / fit.scale,
        top=fit.top + top / fit.scale,
    )
    return _Shown(part.picture(stood.image), part.cut_out(stood.alpha), part.mesh(stood.mesh), left, top)


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
