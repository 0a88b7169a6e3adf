"""Framing, backdrops, and the parts that a scene is composed from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.contracts.face import FaceMesh
from lipwright.render.backdrop import colour_of, covering, empty_room, plain
from lipwright.render.easing import smoothstep, soft_cap
from lipwright.render.fill import fill_smoothly
from lipwright.render.framing import frame_photo
from lipwright.render.scene import Scene


def face_at(x: float, y: float, size: float = 60.0) -> FaceMesh:
    points = np.full((478, 3), (x, y, 0), np.float32)
    points[[33, 133]] -= (size / 2, 0, 0)
    points[[263, 362]] += (size / 2, 0, 0)
    return FaceMesh(points, 1.0)


@given(st.integers(40, 3000), st.integers(40, 3000))
def test_the_photos_own_shape_is_kept_even_and_no_larger_than_full_hd(width: int, height: int) -> None:
    framing = frame_photo(width, height, face_at(width / 2, height / 2), None)
    assert framing.width_px % 2 == framing.height_px % 2 == 0
    assert max(framing.width_px, framing.height_px) <= 1920
    assert min(framing.width_px, framing.height_px) <= 1080
    shrink = framing.width_px / width
    assert framing.height_px == pytest.approx(height * shrink, abs=2 + 2 * height / width)


@settings(max_examples=25, deadline=None)
@given(st.integers(20, 180), st.integers(20, 100), st.sampled_from([(64, 64), (240, 100), (400, 300), (90, 160)]))
def test_a_mark_in_the_photo_comes_to_lie_where_the_mesh_says(x: int, y: int, size: tuple[int, int]) -> None:
    photo = np.zeros((120, 200, 3), np.uint8)
    photo[y - 4 : y + 5, x - 4 : x + 5] = 255
    face = face_at(x, y, 10)
    framing = frame_photo(200, 120, face, size)
    picture = framing.picture(photo)[..., 0].astype(float)
    assert picture.shape == (size[1], size[0])
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    centre = np.array([(columns * picture).sum(), (rows * picture).sum()]) / picture.sum()
    mapped = framing.mesh(face).points[1, :2]
    whole = (mapped > 5 * framing.scale).all() and (mapped < np.array(size) - 5 * framing.scale).all()
    if whole:
        assert centre == pytest.approx(mapped, abs=0.25)


def test_a_crop_keeps_the_face_in_view() -> None:
    framing = frame_photo(1000, 400, face_at(900, 200), (300, 400))
    eyes = framing.mesh(face_at(900, 200)).points[[33, 263], 0].mean()
    assert 0 < eyes < 300
    assert framing.left + 300 / framing.scale <= 1000


def test_holes_are_filled_from_their_rim_and_nothing_else_changes() -> None:
    x = np.arange(64, dtype=np.float32)
    image = np.stack([np.tile(x, (48, 1)), np.full((48, 64), 9.0, np.float32)], axis=-1)
    known = np.ones((48, 64), np.float32)
    known[10:38, 20:44] = 0
    broken = np.where(known[..., None] > 0, image, np.float32(255))
    filled = fill_smoothly(broken, known)
    assert np.array_equal(filled[known > 0], image[known > 0])
    assert np.abs(filled - image)[..., 0].max() < 6
    assert np.abs(filled - image)[..., 1].max() < 1e-3


def test_an_image_without_any_known_pixel_is_left_alone() -> None:
    image = np.ones((8, 8, 3), np.float32)
    assert np.array_equal(fill_smoothly(image, np.zeros((8, 8), np.float32)), image)


def test_an_empty_room_has_nobody_in_it() -> None:
    photo = np.full((60, 80, 3), 50, np.uint8)
    photo[20:60, 30:50] = (200, 30, 30)
    alpha = np.zeros((60, 80), np.float32)
    alpha[20:60, 30:50] = 1
    room = empty_room(photo, alpha, 3)
    assert np.abs(room.astype(int) - 50).max() <= 1


@pytest.mark.parametrize("foreground", [None, "own colours"])
def test_a_scene_at_rest_composes_to_its_photo(foreground: str | None) -> None:
    random = np.random.default_rng(4)
    photo = random.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    alpha = random.random((30, 40)).astype(np.float32)
    alpha[:, :5] = 0
    alpha[10:20, 10:30] = 1
    plate = plain(40, 30, (10, 20, 30))
    scene = Scene(photo, alpha, plate, photo if foreground else None)
    source = scene.premultiplied(photo)[:, 16:-16, 16:-16].transpose(1, 2, 0)
    composed = source[..., :3] + plate * (1 - source[..., 3:] / 255)
    if foreground is None:
        assert np.abs(composed - photo).max() < 0.01
    else:
        assert np.abs(composed[10:20, 10:30] - photo[10:20, 10:30]).max() < 0.01
        assert np.abs(composed[:, :5] - plate[:, :5]).max() < 0.01


def test_spans_hold_every_pixel_of_the_person() -> None:
    alpha = np.zeros((50, 60), np.float32)
    alpha[20:40, 25:30] = 0.5
    scene = Scene(np.zeros((50, 60, 3), np.uint8), alpha, np.zeros((50, 60, 3), np.uint8), None)
    spans = scene.spans(10.0)
    left, top, right, bottom = scene.person_box(10.0)
    assert left < 25
    assert right > 30
    assert top < 20
    assert bottom > 40
    assert (spans[30] == (left, right)).all()
    assert (spans[0] == spans[0, 0]).all()


def test_colours_are_read_and_other_words_are_not() -> None:
    assert colour_of("#0a80ff") == (10, 128, 255)
    assert colour_of("#fff") is None
    assert colour_of("office.jpg") is None


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 60), st.integers(1, 60))
def test_a_backdrop_covers_the_whole_output(width: int, height: int, out_width: int, out_height: int) -> None:
    picture = np.full((height, width, 3), 80, np.uint8)
    assert covering(picture, out_width, out_height).shape == (out_height, out_width, 3)


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_curves_are_monotone_and_bounded(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= smoothstep(low, 0.2, 0.7) <= smoothstep(high, 0.2, 0.7) <= 1
    assert soft_cap(low, 0.1, 0.16) <= soft_cap(high, 0.1, 0.16) <= 0.16 + 1e-6
    assert soft_cap(0.05, 0.1, 0.16) == pytest.approx(0.05)
