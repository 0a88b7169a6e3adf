"""Where a person from a photo comes to lie on a canvas."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.story import Framing, Place
from lipwright.render.staging import (
    ENLARGED_AT_MOST,
    LOWEST_EYES,
    SOFT_FROM,
    Figure,
    Placement,
    measure_figure,
    place_person,
    place_shift,
)

CANVASES = st.sampled_from([(1920, 1080), (1080, 1920), (1080, 1080), (512, 512), (1280, 720), (720, 960)])
FRAMINGS, PLACES = st.sampled_from(Framing), st.sampled_from(Place)


@st.composite
def figures(draw: st.DrawFn) -> Figure:
    """People whose faces lie whole in their photos, seen at least to a little below the chin."""
    face = draw(st.floats(60, 900))
    above, below = draw(st.floats(0.0, 3.0)), draw(st.floats(0.25, 6.0))
    beside_left, beside_right = draw(st.floats(0.05, 3.0)), draw(st.floats(0.05, 3.0))
    hair = min(above, draw(st.floats(0.0, 0.5)))
    left, top = beside_left * face, above * face
    width, height = left + 0.75 * face + beside_right * face, top + face + below * face
    return Figure(
        width=width,
        height=height,
        eye_x=left + 0.375 * face,
        eye_y=top + 0.4 * face,
        face_left=left,
        face_right=left + 0.75 * face,
        face_height=face,
        left=draw(st.floats(0, left)),
        top=top - hair * face,
        right=draw(st.floats(left + 0.75 * face, width)),
        bottom=draw(st.floats(top + 1.2 * face, height)),
        top_cut=top - hair * face <= 1,
        left_cut=draw(st.booleans()),
        right_cut=draw(st.booleans()),
    )


def seen(placed: Placement, x: float, y: float) -> tuple[float, float]:
    """A place in the photo as one on the canvas, both from the top left corner."""
    fit = placed.fit
    return (x - fit.left) * fit.scale, (y - fit.top) * fit.scale


@given(figures(), CANVASES, FRAMINGS, PLACES, st.booleans())
def test_nobody_floats(figure: Figure, canvas: tuple[int, int], framing: Framing, place: Place, keeps: bool) -> None:
    placed = place_person(figure, *canvas, framing, place, keeps_background=keeps)
    width, height = canvas
    assert seen(placed, 0, figure.bottom)[1] >= height - 0.01
    if figure.top_cut:
        assert seen(placed, 0, figure.top - 1)[1] <= 0.01
    if figure.left_cut and not figure.right_cut and not keeps:
        assert seen(placed, 0, 0)[0] <= 0.01
    if figure.right_cut and not figure.left_cut and not keeps:
        assert seen(placed, figure.width, 0)[0] >= width - 0.01


@given(figures(), CANVASES, FRAMINGS, PLACES)
def test_the_eyes_are_never_in_the_lower_half(
    figure: Figure, canvas: tuple[int, int], framing: Framing, place: Place
) -> None:
    placed = place_person(figure, *canvas, framing, place)
    x, y = seen(placed, figure.eye_x, figure.eye_y)
    assert 0 < y <= LOWEST_EYES * canvas[1] + 0.01
    if not (figure.left_cut or figure.right_cut):
        assert 0 < x < canvas[0]


@given(figures(), CANVASES, FRAMINGS, PLACES)
def test_a_whole_face_stays_whole_where_there_is_room(
    figure: Figure, canvas: tuple[int, int], framing: Framing, place: Place
) -> None:
    assume(not (figure.left_cut or figure.right_cut))
    placed = place_person(figure, *canvas, framing, place)
    left, right = (seen(placed, x, 0)[0] for x in (figure.face_left, figure.face_right))
    assume(right - left <= canvas[0])
    assert left >= -0.01
    assert right <= canvas[0] + 0.01


def test_on_a_long_strip_the_face_stays_whole_although_both_sides_are_cut_off() -> None:
    figure = Figure(700, 700, 350, 280, 270, 430, 220, 0, 60, 700, 700, False, True, True)
    for keeps in (False, True):
        placed = place_person(figure, 1920, 400, Framing.MEDIUM, Place.RIGHT, keeps_background=keeps)
        assert placed.fit.scale * figure.face_height <= 0.81 * 400
        assert 0 < seen(placed, figure.eye_x, figure.eye_y)[1] <= LOWEST_EYES * 400


@given(figures(), CANVASES, PLACES)
def test_nearer_framings_are_nearer(figure: Figure, canvas: tuple[int, int], place: Place) -> None:
    wide, medium, close = (
        place_person(figure, *canvas, framing, place).fit.scale
        for framing in (Framing.WIDE, Framing.MEDIUM, Framing.CLOSE)
    )
    assert wide <= medium + 1e-9
    assert medium <= close + 1e-9


@given(figures(), CANVASES, FRAMINGS)
def test_left_is_left_of_centre_and_right_is_right_of_it(
    figure: Figure, canvas: tuple[int, int], framing: Framing
) -> None:
    left, centre, right = (
        seen(place_person(figure, *canvas, framing, place), figure.eye_x, 0)[0] for place in ("left", "centre", "right")
    )
    assert left <= centre + 1e-6
    assert centre <= right + 1e-6


@given(figures(), CANVASES, FRAMINGS, PLACES)
def test_what_is_enlarged_too_far_is_said(
    figure: Figure, canvas: tuple[int, int], framing: Framing, place: Place
) -> None:
    placed = place_person(figure, *canvas, framing, place)
    assert any("looks soft" in line for line in placed.advice) == (placed.fit.scale > SOFT_FROM)
    if placed.fit.scale > 1.2 * ENLARGED_AT_MOST:
        assert any("too little" in line for line in placed.advice)


@given(figures(), CANVASES, FRAMINGS, PLACES)
def test_a_photo_that_is_large_enough_covers_the_canvas_with_its_background(
    figure: Figure, canvas: tuple[int, int], framing: Framing, place: Place
) -> None:
    placed = place_person(figure, *canvas, framing, place, keeps_background=True)
    if placed.fit.scale * figure.width >= canvas[0]:
        assert seen(placed, 0, 0)[0] <= 0.5
        assert seen(placed, figure.width, 0)[0] >= canvas[0] - 0.5


def test_on_a_wide_canvas_left_is_the_left_third() -> None:
    assert place_shift(1920, 1080) == pytest.approx(1 / 6, abs=1e-3)
    assert 0.04 < place_shift(1080, 1920) < 0.06


def test_a_figure_is_measured_without_the_people_beside_it() -> None:
    alpha = np.zeros((200, 300), np.float32)
    alpha[40:200, 60:140] = 1
    alpha[100:200, 220:300] = 1
    points = np.zeros((478, 3), np.float32)
    points[:, 0] = 100 + 25 * np.cos(np.arange(478))
    points[:, 1] = 80 + 30 * np.sin(np.arange(478))
    figure = measure_figure(alpha, FaceMesh(points, 1.0))
    assert (figure.left, figure.right, figure.top, figure.bottom) == (60, 140, 40, 200)
    assert not any((figure.top_cut, figure.left_cut, figure.right_cut))
