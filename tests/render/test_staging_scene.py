"""A person from a photo on a canvas."""

import numpy as np
import pytest

from lipwright.contracts.story import Framing, Place
from lipwright.render.backdrop import empty_room
from lipwright.render.framing import PhotoFit
from lipwright.render.staging import measure_figure, place_person
from lipwright.render.staging_room import own_room
from lipwright.render.staging_scene import Person, Staged, stage, stage_at_home

from .conftest import Sitter


@pytest.fixture(scope="module")
def person(sitter: Sitter) -> Person:
    return Person(sitter.photo, np.asarray(sitter.scene.alpha, np.float32), sitter.mesh)


def canvas_alpha(staged: Staged, width: int, height: int) -> np.ndarray:
    whole = np.zeros((height, width), np.float32)
    rows, columns = staged.scene.alpha.shape
    whole[staged.top : staged.top + rows, staged.left : staged.left + columns] = staged.scene.alpha
    return whole


@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 640), (400, 400)])
@pytest.mark.parametrize("framing", list(Framing))
def test_the_person_stands_on_the_canvas_lower_edge(person: Person, width: int, height: int, framing: Framing) -> None:
    staged = stage(person, width, height, framing, Place.LEFT)
    alpha = canvas_alpha(staged, width, height)
    assert alpha[-1].max() == 1
    assert np.count_nonzero(alpha[-1] > 0.9) > 0.8 * np.count_nonzero(alpha[-8] > 0.9)
    points = staged.mesh.points[:, :2] + (staged.left, staged.top)
    assert (points >= 0).all()
    assert (points < (width, height)).all()


def test_a_mesh_lies_where_the_face_is_drawn(person: Person) -> None:
    """The iris is darker than the white beside it, wherever the face was put."""
    staged = stage(person, 1280, 720, Framing.CLOSE, Place.RIGHT)
    x, y = np.rint(staged.mesh.points[4, :2]).astype(int)
    nose = staged.scene.photo[y, x].astype(int)
    own = person.image[tuple(np.rint(person.mesh.points[4, 1::-1]).astype(int))].astype(int)
    assert np.abs(nose - own).max() < 25


def test_a_photo_that_covers_the_canvas_is_shown_as_it_is(person: Person) -> None:
    staged, room = stage_at_home(person, 640, 360, Framing.CLOSE, Place.CENTRE, out_of_focus=False)
    figure = measure_figure(person.alpha, person.mesh)
    placed = place_person(figure, 640, 360, Framing.CLOSE, Place.CENTRE, keeps_background=True)
    rows, columns = staged.scene.alpha.shape
    shown = room.copy()
    shown[staged.top : staged.top + rows, staged.left : staged.left + columns] = staged.scene.photo
    assert np.abs(shown.astype(int) - placed.fit.picture(person.image)).max() <= 2


def test_a_photo_that_is_too_narrow_goes_on_without_a_seam() -> None:
    slope = np.tile(np.linspace(40, 200, 100), (80, 1))
    room, own = own_room(np.repeat(slope[..., None], 3, axis=2).astype(np.uint8), PhotoFit(360, 80, 1.0, -60.0, 0.0))
    assert own.min() == 0
    assert np.abs(np.diff(room.astype(int), axis=1)).max() <= 6
    assert room.min() > 25


def test_a_room_is_its_own_photo_inside_and_dark_and_soft_far_away() -> None:
    stripes = np.zeros((100, 100, 3), np.uint8)
    stripes[:, ::4] = 200
    filled, own = own_room(stripes, PhotoFit(400, 100, 1.0, -150.0, 0.0))
    assert np.array_equal(filled[:, 190:210], stripes[:, 40:60])
    assert own[50, 200] == 1
    assert own[50, 100] == 0
    assert np.ptp(filled[50, 30:50].astype(int)) < 8
    assert 0.6 * stripes.mean() < filled[50, 30].mean() < stripes.mean()


def test_a_room_that_covers_the_canvas_is_only_cropped() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    filled, own = own_room(picture, PhotoFit(40, 30, 1.0, 10.0, 20.0))
    assert np.array_equal(filled, picture[20:50, 10:50])
    assert own.min() == 1


def test_out_of_focus_means_that_no_detail_is_left(person: Person) -> None:
    _, sharp = stage_at_home(person, 640, 360, Framing.MEDIUM, Place.CENTRE, out_of_focus=False)
    _, soft = stage_at_home(person, 640, 360, Framing.MEDIUM, Place.CENTRE, out_of_focus=True)
    detail = [np.abs(np.diff(room.astype(int), axis=1)).mean() for room in (sharp, soft)]
    assert detail[1] < 0.5 * detail[0]


def test_a_large_photo_is_averaged_down_before_it_is_placed(person: Person) -> None:
    staged = stage(person, 128, 128, Framing.WIDE, Place.CENTRE)
    assert staged.scene.photo.shape[0] <= 128
    assert not staged.advice
    assert empty_room(staged.scene.photo, staged.scene.alpha, 2).shape == staged.scene.photo.shape
