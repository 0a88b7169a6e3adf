"""Meshes: lips that part exactly, skin that stays off them, and what a person does at rest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.contracts.face import FaceMesh, HeadPose
from lipwright.face.pose import fit_pose, rotation_of, to_canonical
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER, LOWER_LIP, UPPER_LIP
from lipwright.render.rewrite.bank import Bank
from lipwright.render.rewrite.lips import PRESS, SHUT_BELOW_GAP, ThinLips, part_lips
from lipwright.render.rewrite.measure import measure_gap, to_pixels, turn_of
from support.rewriting import Talker, track_of


@settings(deadline=None, max_examples=30)
@given(gap=st.floats(0.013, 0.2), seed=st.integers(0, 100))
def test_lips_lie_as_far_apart_as_they_are_told(gap: float, seed: int) -> None:
    mesh = np.random.default_rng(seed).random((478, 3)) * 0.02
    mesh[INNER_LOWER, 1] += 0.05
    part_lips(mesh, gap)
    assert float(measure_gap(mesh)) == pytest.approx(gap, rel=1e-6)


def test_lips_that_touch_overlap_a_little(bank: Bank) -> None:
    mesh = bank.neutral.copy()
    part_lips(mesh, 0.0)
    below = mesh[INNER_LOWER[3:8], 1] - mesh[INNER_UPPER[3:8], 1]
    np.testing.assert_allclose(below, -2 * PRESS, atol=1e-9)


def test_lips_without_any_gap_can_be_opened(bank: Bank) -> None:
    mesh = bank.neutral.copy()
    mesh[INNER_LOWER] = mesh[INNER_UPPER]
    part_lips(mesh, 0.1)
    assert float(measure_gap(mesh)) == pytest.approx(0.1)


def height_of(mesh: np.ndarray) -> float:
    return float((mesh[LOWER_LIP[0][3:8], 1] - mesh[UPPER_LIP[0][3:8], 1]).mean())


def test_lips_whose_shape_is_shut_part_downwards(bank: Bank) -> None:
    canonical = bank.neutral.copy()
    canonical[INNER_LOWER] = canonical[INNER_UPPER] + (0.01, -0.002, 0.02)
    part_lips(canonical, 0.04)
    apart = canonical[INNER_LOWER[3:8]] - canonical[INNER_UPPER[3:8]]
    assert (apart[:, 1] > 0.03).all()
    assert (np.abs(apart[:, 2]) < 0.021).all()


def test_lips_that_touch_are_as_thin_as_the_person_showed_them(bank: Bank) -> None:
    pressed = bank.neutral.copy()
    for rows, way in ((UPPER_LIP, 1), (LOWER_LIP, -1)):
        pressed[rows[0], 1] += way * 0.01
    pressed[INNER_UPPER] = pressed[INNER_LOWER] = (pressed[INNER_UPPER] + pressed[INNER_LOWER]) / 2
    assert measure_gap(pressed) < SHUT_BELOW_GAP
    thin = ThinLips(bank.neutral, np.repeat(pressed[None], 6, axis=0))
    asked = bank.neutral.copy()
    part_lips(asked, 0.0)
    thin.apply(asked, bank.neutral, 0.0)
    assert height_of(asked) == pytest.approx(height_of(pressed), abs=2 * PRESS)
    assert height_of(asked) < height_of(bank.neutral) - 0.01
    ajar = bank.neutral.copy()
    part_lips(ajar, 0.1)
    before = ajar.copy()
    thin.apply(ajar, bank.neutral, 0.1)
    np.testing.assert_array_equal(ajar, before)


def test_skin_follows_lips_that_become_thin_and_the_nose_does_not(bank: Bank) -> None:
    thin = ThinLips(bank.neutral, bank.neutral[None])
    thick = bank.neutral.copy()
    thick[UPPER_LIP[0], 1] -= 0.03
    mesh = thick.copy()
    thin.apply(mesh, bank.neutral, 0.0)
    moved = mesh[:, 1] - thick[:, 1]
    assert moved[0] > 0.02
    assert 0.003 < moved[164] < moved[0]
    assert moved[[1, 4, 33, 152]].tolist() == [0, 0, 0, 0]


def test_a_person_at_rest_has_no_controls(bank: Bank) -> None:
    at_rest = bank.mouth.own_controls(bank.neutral, bank.turns.mean(axis=0))
    np.testing.assert_allclose(at_rest, 0, atol=1e-6)


def test_a_frame_that_is_asked_for_its_own_mouth_hardly_moves(bank: Bank) -> None:
    exemplar, turn = bank.exemplars[10], bank.turns[10]
    own = exemplar.canonical.astype(np.float64)
    shaped = bank.mouth.shape(own, turn, bank.mouth.own_controls(own, turn), float(measure_gap(own)))
    assert np.linalg.norm(shaped - own, axis=1).mean() < 0.01


def test_a_performance_keeps_rests_shut_and_openings_in_bounds(bank: Bank) -> None:
    performed = bank.mouth.perform(track_of(np.array([0.0, 0.05, 0.1, 0.6])))
    assert performed.gap[0] == 0
    assert (np.diff(performed.gap) > 0).all()
    assert performed.gap[3] <= 0.24


def test_skin_is_pushed_off_the_lips_and_left_alone_elsewhere(bank: Bank) -> None:
    np.testing.assert_array_equal(bank.mouth.unfold(bank.neutral), bank.neutral)
    folded = bank.neutral.copy()
    folded[18] = folded[17]
    mended = bank.mouth.unfold(folded)
    assert mended[18, 1] > mended[17, 1]
    assert (np.flatnonzero((mended != folded).any(axis=1)) == [18]).all()


def test_pixels_and_canonical_points_are_each_others_reverse(talker: Talker, bank: Bank) -> None:
    mesh = FaceMesh(talker.frames[0].points, 1.0)
    pose = fit_pose(bank.reference.astype(np.float64), mesh)
    np.testing.assert_allclose(to_pixels(to_canonical(mesh, pose), pose), mesh.points, atol=1e-3)


@given(st.floats(-40, 40), st.floats(-30, 30))
def test_a_turn_is_as_long_as_its_angle(yaw: float, roll: float) -> None:
    rotation = rotation_of(yaw, 0, 0)
    pose = HeadPose(1.0, rotation, np.zeros(3), yaw, 0, roll)
    assert np.linalg.norm(turn_of(pose)) == pytest.approx(abs(np.radians(yaw)), abs=1e-9)
