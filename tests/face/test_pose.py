"""A known placement is recovered exactly; angles have the signs that HeadPose promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.face import FaceMesh
from lipwright.face import pose, topology
from support.faces import canonical_points, placed

yaws = st.floats(-75, 75)
pitches = st.floats(-60, 60)
rolls = st.floats(-170, 170)


@given(yaw=yaws, pitch=pitches, roll=rolls, scale=st.floats(20, 900), x=st.floats(-500, 4000), y=st.floats(-500, 4000))
def test_known_placement_is_recovered(yaw: float, pitch: float, roll: float, scale: float, x: float, y: float) -> None:
    reference = canonical_points()
    mesh = placed(yaw, pitch, roll, scale, (x, y))
    found = pose.fit_pose(reference, mesh)
    assert found.scale == pytest.approx(scale, rel=1e-3)
    assert np.allclose(found.rotation, pose.rotation_of(yaw, pitch, roll), atol=2e-3)
    assert np.allclose(found.translation, (x, y, 0), atol=2e-3 * scale)
    assert (found.yaw_degrees, found.pitch_degrees) == pytest.approx((yaw, pitch), abs=0.2)
    assert found.roll_degrees == pytest.approx(roll, abs=0.2)
    assert np.allclose(pose.to_canonical(mesh, found), reference, atol=2e-3)


@given(yaw=yaws, pitch=pitches, roll=rolls)
def test_angles_and_rotation_are_inverse(yaw: float, pitch: float, roll: float) -> None:
    rotation = pose.rotation_of(yaw, pitch, roll)
    assert np.allclose(rotation @ rotation.T, np.eye(3))
    assert np.linalg.det(rotation) == pytest.approx(1)
    assert tuple(pose.angles_of(rotation)) == pytest.approx((yaw, pitch, roll), abs=1e-6)


def test_nose_that_points_right_in_the_picture_is_positive_yaw() -> None:
    mesh = placed(30, 0, 0)
    assert mesh.points[1, 0] > mesh.points[168, 0] + 10
    assert pose.head_angles(mesh).yaw_degrees == pytest.approx(30, abs=0.1)


def test_nose_that_points_up_is_positive_pitch() -> None:
    level, raised = placed(0, 0, 0), placed(0, 25, 0)
    assert raised.points[1, 1] < level.points[1, 1]
    assert pose.head_angles(raised).pitch_degrees == pytest.approx(25, abs=0.1)


def test_head_that_leans_clockwise_is_positive_roll() -> None:
    mesh = placed(0, 0, 20)
    assert mesh.points[263, 1] > mesh.points[33, 1]
    assert pose.head_angles(mesh).roll_degrees == pytest.approx(20, abs=0.1)


@given(yaw=st.floats(-80, 80))
def test_turned_head_is_measured_from_one_picture(yaw: float) -> None:
    assert pose.turned_away_degrees(placed(yaw, 0, 10)) == pytest.approx(abs(yaw), abs=1)


def test_profile_that_the_network_flattened_in_depth_counts_as_turned_away() -> None:
    mesh = placed(60, 0, 0)
    flattened = FaceMesh(mesh.points * np.array([1, 1, 0.3], np.float32), 1.0)
    assert pose.turned_away_degrees(flattened) > 55


def test_reference_is_frontal_and_of_unit_eye_distance() -> None:
    meshes = [placed(yaw, pitch, 3 * yaw, 80 + yaw) for yaw, pitch in ((-25, 5), (0, -10), (14, 3), (30, 12))]
    reference = pose.canonical_reference(meshes)
    assert np.allclose(reference[263] - reference[33], (1, 0, 0), atol=1e-6)
    assert np.allclose(reference[168], 0)
    assert abs(reference[152, 0] - reference[10, 0]) < 1e-4
    assert np.allclose(reference, pose.canonical_reference(meshes[::-1]), atol=1e-4)


def test_mouth_has_no_say_in_the_pose(portrait_mesh: FaceMesh) -> None:
    reference = pose.canonical_reference([portrait_mesh])
    opened = portrait_mesh.points.copy()
    opened[sorted({*topology.ATTENTION_LIPS, *topology.JAW}), 1] += 12
    still, open_mouthed = pose.fit_pose(reference, portrait_mesh), pose.fit_pose(reference, FaceMesh(opened, 1.0))
    assert np.allclose(still.rotation, open_mouthed.rotation)
    assert np.allclose(still.translation, open_mouthed.translation)


def test_one_photo_is_its_own_reference(portrait_mesh: FaceMesh) -> None:
    reference = pose.canonical_reference([portrait_mesh])
    found = pose.fit_pose(reference, portrait_mesh)
    assert np.allclose(pose.to_canonical(portrait_mesh, found), reference, atol=1e-9)
    assert np.linalg.det(found.rotation) == pytest.approx(1)
