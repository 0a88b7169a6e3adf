"""Teeth, mouth shapes, lids and head motion, each alone."""

import numpy as np
import pytest

from lipwright.face import topology
from lipwright.motion.shapes import load_shape_basis
from lipwright.render.portrait.eyes import Eyelid
from lipwright.render.portrait.head import HeadMotion
from lipwright.render.portrait.mouth_shape import MouthShape, close_lips, inner_gap
from lipwright.render.portrait.shut import paint_shut
from lipwright.render.portrait.teeth import draw_row

from .conftest import Sitter, mouth


@pytest.mark.parametrize("upper", [True, False])
def test_a_row_of_teeth_is_reproducible_and_nearly_symmetric(upper: bool) -> None:
    row = draw_row(upper=upper, size=1.0, scale=200, seed=5)
    again = draw_row(upper=upper, size=1.0, scale=200, seed=5)
    assert np.array_equal(row.atlas, again.atlas)
    alpha = row.atlas[..., 0]
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert np.abs(alpha - alpha[:, ::-1]).mean() < 0.05
    edge = int(row.edge_row * alpha.shape[0])
    biting = alpha[edge - 20 : edge - 5] if upper else alpha[edge + 5 : edge + 20]
    beyond = alpha[edge + 8 :] if upper else alpha[: edge - 8]
    middle = alpha.shape[1] // 2
    assert biting[:, middle - 15 : middle + 15].mean() > 0.8
    assert beyond.max() < 0.05


@pytest.fixture(scope="module")
def shape(sitter: Sitter) -> MouthShape:
    return sitter.portrait._mouth


def test_closing_an_open_photo_leaves_no_gap(shape: MouthShape) -> None:
    assert shape.photo_gap > 0.08
    assert inner_gap(shape.neutral) == 0


def test_a_closed_mouth_stays_closed_whatever_the_controls_say(shape: MouthShape) -> None:
    for seed in range(20):
        controls = np.random.default_rng(seed).normal(0, 0.05, 8)
        assert inner_gap(shape.shape(controls, 0.0)) == 0


def test_the_drawn_gap_follows_the_wanted_one(shape: MouthShape) -> None:
    wanted = np.linspace(0.04, 0.12, 9)
    performance = shape.perform(mouth(*wanted))
    drawn = [inner_gap(shape.shape(c, g)) for c, g in zip(performance.controls, performance.gap, strict=True)]
    assert np.corrcoef(wanted, drawn)[0, 1] > 0.98
    assert (np.diff(drawn) > 0).all()


def test_openings_stay_speech_sized(shape: MouthShape) -> None:
    performance = shape.perform(mouth(0.5))
    assert performance.gap[0] <= 0.165
    assert inner_gap(shape.shape(performance.controls[0], float(performance.gap[0]))) < 0.2


def test_only_the_lips_of_a_closing_mouth_move(shape: MouthShape) -> None:
    opened = shape.shape(np.array([0.03, -0.01, 0.05, 0, 0, 0, 0, 0.0]), 0.05)
    shut = close_lips(opened, 0.0)
    moved = np.flatnonzero(np.abs(shut - opened).max(axis=1) > 1e-9)
    assert set(moved) <= set(topology.INNER_LIP_UPPER) | set(topology.INNER_LIP_LOWER)


def test_an_open_mouth_is_painted_over_and_the_rest_left_alone(sitter: Sitter, shape: MouthShape) -> None:
    points = sitter.mesh.points.astype(float)
    before = sitter.photo.copy()
    shut = paint_shut(sitter.photo, points, shape.photo_gap)
    assert np.array_equal(sitter.photo, before)
    rows, columns = np.nonzero((shut != sitter.photo).any(axis=2))
    lips = points[list(topology.LIP_RINGS[0]), :2]
    assert lips[:, 0].min() - 4 <= columns.min()
    assert columns.max() <= lips[:, 0].max() + 4
    teeth = points[[13, 14], :2].mean(axis=0).astype(int)
    luma = np.array([0.299, 0.587, 0.114])
    assert shut[teeth[1], teeth[0]] @ luma < sitter.photo[teeth[1], teeth[0]] @ luma - 20
    assert rows.size > 20


def test_a_closed_photo_is_not_painted() -> None:
    photo = np.zeros((4, 4, 3), np.uint8)
    assert paint_shut(photo, np.zeros((478, 3)), 0.01) is photo


def lid_of(sitter: Sitter) -> Eyelid:
    skin = np.array([220.0, 180.0, 160.0])
    plane = sitter.mesh.points[:, :2].astype(float)
    return Eyelid(sitter.photo, plane, topology.RIGHT_EYE, sitter.mesh.eye_distance_px, skin, 1.0, 3)


def test_an_open_lid_is_the_photo_and_a_closing_one_keeps_its_rim(sitter: Sitter) -> None:
    lid = lid_of(sitter)
    window = lid.closed(0.0)
    height, width = window.shape[:2]
    photo = sitter.photo[lid.top : lid.top + height, lid.left : lid.left + width]
    assert np.array_equal(window, photo)
    for blink in (0.3, 1.0):
        changed = np.abs(lid.closed(blink).astype(int) - photo).max(axis=2) > 1
        assert changed.any()
        assert not changed[[0, -1]].any()
        assert not changed[:, [0, -1]].any()


def test_a_shut_lid_hides_the_iris(sitter: Sitter) -> None:
    lid = lid_of(sitter)
    iris = sitter.mesh.points[topology.RIGHT_EYE.iris[0], :2].astype(int) - (lid.left, lid.top)
    luma = np.array([0.299, 0.587, 0.114])
    x, y = iris
    opened, shut = (lid.closed(blink)[y, x] @ luma for blink in (0.0, 1.0))
    assert shut > opened + 40


@pytest.fixture(scope="module")
def head(sitter: Sitter) -> HeadMotion:
    reach = np.ones(sitter.photo.shape[:2], np.float32)
    height, width = sitter.photo.shape[:2]
    return HeadMotion(sitter.mesh.points.astype(float), topology.triangles(), height, width, reach)


def test_a_head_at_rest_has_no_displacement(head: HeadMotion) -> None:
    assert not head.displacement(np.zeros(3), np.zeros(2), 0.0).any()


def test_the_way_back_undoes_the_way_there(head: HeadMotion, sitter: Sitter) -> None:
    field = head.displacement(np.radians([3, -2, 2]), np.array([0.02, 0.01]), 1.0)
    points = sitter.mesh.points[:, :2].astype(float)
    there = head.forward(field, points)
    back = head.forward(head.inverse(field), there)
    assert np.abs(there - points).max() > 0.5
    assert np.abs(back - points).max() < 0.1


def test_signs_of_head_motion_are_those_of_a_head_pose(head: HeadMotion, sitter: Sitter) -> None:
    nose = sitter.mesh.points[4:5, :2].astype(float)
    right = head.forward(head.displacement(np.radians([3, 0, 0]), np.zeros(2), 0.0), nose)
    up = head.forward(head.displacement(np.radians([0, 3, 0]), np.zeros(2), 0.0), nose)
    assert right[0, 0] > nose[0, 0] + 0.5
    assert up[0, 1] < nose[0, 1] - 0.5


def test_turning_fades_below_the_chin_and_breath_lifts_the_shoulders(head: HeadMotion, sitter: Sitter) -> None:
    bottom = np.array([[256.0, 505.0]])
    turned = head.displacement(np.radians([3, 3, 3]), np.array([0.03, 0.03]), 0.0)
    assert np.abs(head.forward(turned, bottom) - bottom).max() < 1e-3
    chest = sitter.mesh.points[152:153, :2] + np.array([0.0, 1.5 * sitter.mesh.eye_distance_px])
    lifted = head.forward(head.displacement(np.zeros(3), np.zeros(2), 1.0), chest)
    assert lifted[0, 1] < chest[0, 1] - 0.2


def test_the_shape_basis_has_one_motion_for_each_control() -> None:
    assert load_shape_basis().shape == (8, 478, 3)
