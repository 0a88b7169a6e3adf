"""A track follows its face, ends when the face goes, and begins again when one comes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.face.tracker import FaceTracker

Image = NDArray[np.uint8]


def test_track_follows_a_moving_face(portrait: Image, portrait_mesh: FaceMesh) -> None:
    tracker = FaceTracker()
    for step in range(12):
        motion = cv2.getRotationMatrix2D((224.0, 127.0), 2.0 * step, 1 + 0.01 * step)
        motion[:, 2] += (6 * step, 4 * step)
        mesh = tracker.track(np.asarray(cv2.warpAffine(portrait, motion, (512, 512)), np.uint8))
        expected = portrait_mesh.points[:, :2] @ motion[:, :2].T + motion[:, 2]
        assert mesh is not None
        assert np.linalg.norm(mesh.points[:, :2] - expected, axis=1).mean() < 1.5


def test_lost_face_is_none_and_found_again_elsewhere(portrait: Image, portrait_mesh: FaceMesh, faceless: Image) -> None:
    tracker = FaceTracker()
    assert tracker.track(portrait) is not None
    assert tracker.track(faceless) is None
    assert tracker.track(faceless) is None
    moved = np.roll(portrait, (120, 150), axis=(0, 1))
    mesh = tracker.track(moved)
    assert mesh is not None
    assert np.linalg.norm(mesh.points[:, :2] - (portrait_mesh.points[:, :2] + (150, 120)), axis=1).mean() < 1.5


def test_face_that_jumps_at_a_cut_is_found_in_its_new_place(portrait: Image, portrait_mesh: FaceMesh) -> None:
    tracker = FaceTracker()
    tracker.track(portrait)
    tracker.reset()
    mesh = tracker.track(np.roll(portrait, 200, axis=1))
    assert mesh is not None
    assert abs(float(mesh.points[1, 0] - portrait_mesh.points[1, 0]) - 200) < 2
