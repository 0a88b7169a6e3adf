import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.render.kernels import PAD, blend, draw_person, rasterise
from lipwright.render.scene import Scene

CELL = 8
SQUARE = np.array([[4.0, 4.0], [27.0, 4.0], [27.0, 27.0], [4.0, 27.0]], np.float32)
HALVES = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def ramp(height: int = 40, width: int = 48) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([2 * x + y, 3 * y, 120 + x - y], axis=-1).astype(np.float32)


def planes(picture: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    stack = np.concatenate([picture * (alpha[..., None] / 255), alpha[..., None]], axis=2).transpose(2, 0, 1)
    return np.ascontiguousarray(np.pad(stack, ((0, 0), (PAD, PAD), (PAD, PAD)), mode="edge"), np.float32)


def solid_of(alpha: np.ndarray) -> np.ndarray:
    return Scene(
        np.zeros((*alpha.shape, 3), np.uint8), alpha / 255, np.zeros((*alpha.shape, 3), np.uint8), None
    ).solid()


def draw(picture: np.ndarray, alpha: np.ndarray, shift: tuple[float, float], plate: np.ndarray) -> np.ndarray:
    height, width = alpha.shape
    grid = np.zeros((height // CELL + 2, width // CELL + 2, 2), np.float32)
    grid[...] = shift
    spans = np.tile(np.array([0, width], np.int32), (height, 1))
    out = plate.copy()
    draw_person(
        planes(picture, alpha), solid_of(alpha), grid, CELL, np.zeros((2, 2, 2), np.float32), 0, 0, spans, plate, out
    )
    return out


def test_a_person_who_does_not_move_is_the_photo() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 48, 3)).astype(np.float32)
    opaque = np.full((40, 48), 255, np.float32)
    out = draw(picture, opaque, (0, 0), np.zeros((40, 48, 3), np.uint8))
    assert np.array_equal(out, picture.astype(np.uint8))


@settings(max_examples=30, deadline=None)
@given(st.floats(-5, 5), st.floats(-5, 5))
def test_a_straight_ramp_moves_by_exactly_its_shift(dx: float, dy: float) -> None:
    opaque = np.full((40, 48), 255, np.float32)
    out = draw(ramp(), opaque, (dx, dy), np.zeros((40, 48, 3), np.uint8)).astype(float)
    y, x = np.mgrid[0:40, 0:48]
    wanted = np.stack([2 * (x + dx) + y + dy, 3 * (y + dy), 120 + x + dx - y - dy], axis=-1)
    inner = (slice(8, 32), slice(8, 40))
    assert np.abs(out[inner] - wanted[inner]).max() <= 0.51


def test_a_half_seen_person_mixes_with_the_plate() -> None:
    half = np.full((40, 48), 127.5, np.float32)
    plate = np.full((40, 48, 3), 200, np.uint8)
    out = draw(np.full((40, 48, 3), 100, np.float32), half, (0.5, 0.25), plate)
    assert np.abs(out.astype(int) - 150).max() <= 1


def test_pixels_outside_the_spans_are_not_touched() -> None:
    height, width = 40, 48
    spans = np.zeros((height, 2), np.int32)
    spans[10:20] = (5, 9)
    plate = np.zeros((height, width, 3), np.uint8)
    out = np.full_like(plate, 7)
    grid = np.zeros((height // CELL + 2, width // CELL + 2, 2), np.float32)
    opaque = np.full((height, width), 255, np.float32)
    source = planes(np.full((height, width, 3), 50, np.float32), opaque)
    draw_person(source, solid_of(opaque), grid, CELL, np.zeros((2, 2, 2), np.float32), 0, 0, spans, plate, out)
    assert (out[10:20, 5:9] == 50).all()
    out[10:20, 5:9] = 7
    assert (out == 7).all()


def field_of(target: np.ndarray, source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    field, valid = np.zeros((32, 32, 2), np.float32), np.zeros((32, 32), np.uint8)
    rasterise(target, source, HALVES, 0, 0, field, valid)
    return field, valid


def test_a_triangle_that_stays_has_no_displacement() -> None:
    field, valid = field_of(SQUARE, SQUARE)
    assert not field.any()
    assert (valid[5:27, 5:27] == 1).all()
    assert not valid[:1].any()


@settings(max_examples=30, deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.8, 1.2))
def test_an_affine_motion_is_reproduced_inside_its_triangles(dx: float, dy: float, scale: float) -> None:
    source = ((SQUARE - 15) * scale + 15 + (dx, dy)).astype(np.float32)
    field, valid = field_of(SQUARE, source)
    y, x = np.mgrid[0:32, 0:32]
    wanted = np.stack([(x - 15) * (scale - 1) + dx, (y - 15) * (scale - 1) + dy], axis=-1)
    inside = valid == 1
    assert np.abs(field - wanted)[inside].max() < 1e-3


def test_cracks_beside_triangles_take_their_neighbours_displacement() -> None:
    field, valid = field_of(SQUARE, SQUARE + np.float32(2))
    assert set(np.unique(valid)) == {0, 1, 2, 3}
    assert field[valid == 3] == pytest.approx(2)


def test_a_layer_is_blended_where_its_alpha_says() -> None:
    out = np.full((6, 6, 3), 100, np.uint8)
    alpha = np.array([[0.0, 0.5], [1.0, 0.25]], np.float32)
    blend(out, np.full((2, 2, 3), 200, np.float32), alpha, 3, 1)
    assert out[1, 3:5, 0].tolist() == [100, 150]
    assert out[2, 3:5, 0].tolist() == [200, 125]
    out[1:3, 3:5] = 100
    assert (out == 100).all()
