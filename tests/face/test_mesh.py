"""The mesh agrees with the original, does not depend on the picture's size, and is steadier when refined."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.face import topology
from lipwright.face.detector import FaceDetector
from lipwright.face.mesh import FaceMesher
from support.faces import GOLDEN

Image = NDArray[np.uint8]


def planar_error(points: NDArray[np.floating], expected: NDArray[np.floating]) -> float:
    return float(np.linalg.norm(points[:, :2] - expected[:, :2], axis=1).mean())


def test_tracked_mesh_agrees_with_the_original_within_half_a_pixel(
    portrait: Image, portrait_mesh: FaceMesh, mesher: FaceMesher
) -> None:
    golden = np.load(GOLDEN / "astronaut-landmarks.npy")
    mesh, tracked = portrait_mesh, []
    for _ in range(12):
        mesh = mesher.track(portrait, mesh)
        tracked.append(mesh.points)
    mean = np.mean(tracked[4:], axis=0)
    assert planar_error(mean, golden) <= 0.5
    assert np.abs(mean[:, 2] - golden[:, 2]).mean() <= 0.5


def test_lips_and_irises_agree_with_the_original_more_closely_still(portrait_mesh: FaceMesh) -> None:
    golden = np.load(GOLDEN / "astronaut-landmarks.npy")
    for group in (topology.ATTENTION_LIPS, topology.RIGHT_EYE.iris, topology.LEFT_EYE.iris):
        assert planar_error(portrait_mesh.points[list(group)], golden[list(group)]) <= 0.4


@pytest.mark.parametrize("factor", [2, 6])
def test_mesh_does_not_depend_on_the_size_of_the_picture(
    portrait: Image, portrait_mesh: FaceMesh, detector: FaceDetector, mesher: FaceMesher, factor: int
) -> None:
    size = (512 * factor, 512 * factor)
    large = np.asarray(cv2.resize(portrait, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    mesh = mesher.refine(large, mesher.mesh(large, detector.detect(large)[0]))
    assert planar_error((mesh.points + 0.5) / factor - 0.5, portrait_mesh.points) < 0.15


def test_fine_grain_in_a_large_picture_does_not_move_the_mesh(
    portrait: Image, portrait_mesh: FaceMesh, detector: FaceDetector, mesher: FaceMesher
) -> None:
    large = cv2.resize(portrait, (3072, 3072), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    grain = np.random.default_rng(0).normal(0, 40, large.shape[:2]).astype(np.float32)
    noisy = np.clip(large + grain[..., None], 0, 255).astype(np.uint8)
    mesh = mesher.refine(noisy, mesher.mesh(noisy, detector.detect(noisy)[0]))
    assert planar_error((mesh.points + 0.5) / 6 - 0.5, portrait_mesh.points) < 0.3


def test_refined_mesh_is_at_least_twice_as_steady_as_a_tracked_one(
    portrait: Image, portrait_mesh: FaceMesh, mesher: FaceMesher
) -> None:
    tracked, refined = [], []
    for shift_x, shift_y in ((0.0, 0.0), (1.7, 0.4), (-0.6, 2.3), (2.2, -1.1), (-2.5, -0.3), (0.5, 1.5)):
        shift = np.array([[1, 0, shift_x], [0, 1, shift_y]])
        moved = np.asarray(cv2.warpAffine(portrait, shift, (512, 512), flags=cv2.INTER_CUBIC), np.uint8)
        back = np.array([shift_x, shift_y, 0])
        once = mesher.track(moved, portrait_mesh)
        tracked.append(mesher.track(moved, once).points - back)
        refined.append(mesher.refine(moved, once).points - back)
    noise = [float(np.std(points, axis=0)[:, :2].mean()) for points in (tracked, refined)]
    assert noise[1] < noise[0] / 2


def test_face_beyond_the_edge_is_still_fitted(portrait: Image, portrait_mesh: FaceMesh, mesher: FaceMesher) -> None:
    cut = np.ascontiguousarray(portrait[:, 190:])
    mesh = mesher.track(cut, FaceMesh(portrait_mesh.points - np.array([190, 0, 0], np.float32), 1.0))
    inner = portrait_mesh.points[:, 0] > 210
    assert mesh.presence > 0.5
    assert planar_error(mesh.points[inner] + np.array([190, 0, 0]), portrait_mesh.points[inner]) < 3


def test_presence_tells_a_face_from_none(portrait_mesh: FaceMesh, faceless: Image, mesher: FaceMesher) -> None:
    assert portrait_mesh.presence > 0.99
    assert mesher.track(faceless, portrait_mesh).presence < 0.5


def test_mesh_far_outside_the_picture_has_no_presence(
    portrait: Image, portrait_mesh: FaceMesh, mesher: FaceMesher
) -> None:
    away = FaceMesh((portrait_mesh.points * 4 + 9000).astype(np.float32), 1.0)
    assert mesher.track(portrait, away).presence < 0.5
