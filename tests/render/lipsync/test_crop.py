"""What is cut out comes back where it was, and nothing else changes."""

import numpy as np
import pytest

from lipwright.contracts.lipsync import FaceFrame
from lipwright.face.topology import MOUTH_CORNERS, RIGHT_EYE
from lipwright.render.lipsync.crop import between, cut, place, put_back
from support.faces import placed

SIDE_PX = 128
ANGLES = [(0, 0, 0), (25, 5, 30), (-20, -10, -40)]


def smooth_frame(yaw: float, pitch: float, roll: float, scale: float = 70) -> FaceFrame:
    y, x = np.mgrid[0:260, 0:240].astype(np.float32)
    channels = [128 + 100 * np.sin(x / 19 + phase) * np.cos(y / 23 - phase) for phase in (0, 1, 2)]
    points = placed(yaw, pitch, roll, scale, at=(120, 90)).points
    return FaceFrame(np.stack(channels, axis=2).astype(np.uint8), points, 1.0, 3)


@pytest.mark.parametrize("angles", ANGLES)
def test_face_is_upright_and_whole_in_its_square(angles: tuple[float, float, float]) -> None:
    frame = smooth_frame(*angles)
    square = cut(frame, place(frame.points, SIDE_PX))
    assert square.image.shape == (SIDE_PX, SIDE_PX, 3)
    assert (square.weight, square.number) == (1.0, 3)
    assert square.points[:, :2].min() > 0.05 * SIDE_PX
    assert square.points[:, :2].max() < 0.95 * SIDE_PX
    across = square.points[263, :2] - square.points[RIGHT_EYE.outer_corner, :2]
    assert abs(np.degrees(np.arctan2(across[1], across[0]))) < 10  # yaw and pitch together lean the eye line
    shown = square.image[tuple(np.round(square.points[1, 1::-1]).astype(int))].astype(int)
    meant = frame.image[tuple(np.round(frame.points[1, 1::-1]).astype(int))].astype(int)
    assert np.abs(shown - meant).max() < 12


def test_square_that_an_engine_left_alone_changes_nothing() -> None:
    frame = smooth_frame(5, 5, 20)
    square = cut(frame, place(frame.points, 64))
    back = put_back(frame, square.image, square.image.copy(), place(frame.points, 64).matrix)
    np.testing.assert_array_equal(back, frame.image)
    assert back is not frame.image


@pytest.mark.parametrize("angles", ANGLES)
@pytest.mark.parametrize("side_px", [48, 300])
def test_changed_square_changes_the_lower_face_alone(angles: tuple[float, float, float], side_px: int) -> None:
    frame = smooth_frame(*angles)
    before = frame.image.copy()
    placement = place(frame.points, side_px)
    square = cut(frame, placement)
    back = put_back(frame, square.image, np.zeros_like(square.image), placement.matrix)
    np.testing.assert_array_equal(frame.image, before)
    changed = (back != before).any(axis=2)
    mouth = frame.points[list(MOUTH_CORNERS), :2].mean(axis=0)
    assert not back[round(float(mouth[1])), round(float(mouth[0]))].any()
    upper = frame.points[[33, 133, 263, 362, 168, 10, 105, 334], :2]
    for x, y in np.round(upper).astype(int):
        assert not changed[max(0, y), max(0, x)]
    height, width = changed.shape
    corners = changed[[0, 0, height - 1, height - 1], [0, width - 1, 0, width - 1]]
    assert not corners.any()
    assert 0.1 < changed.mean() < 0.4


def test_same_content_comes_back_nearly_unchanged() -> None:
    frame = smooth_frame(0, 0, 15)
    placement = place(frame.points, 256)
    square = cut(frame, placement)
    brighter = np.where(square.image < 250, square.image + 1, square.image).astype(np.uint8)
    back = put_back(frame, square.image, brighter, placement.matrix)
    assert np.abs(back.astype(int) - frame.image).max() <= 4


def test_edge_is_soft() -> None:
    frame = smooth_frame(0, 0, 0)
    flat = FaceFrame(np.full_like(frame.image, 100), frame.points, 1.0)
    square = cut(flat, place(flat.points, SIDE_PX))
    back = put_back(flat, square.image, np.full_like(square.image, 200), place(flat.points, SIDE_PX).matrix)
    steps = np.abs(np.diff(back[..., 0].astype(int), axis=0))
    assert steps.max() < 30


def test_face_beyond_the_edge_of_the_picture_is_put_back_as_far_as_it_is_seen() -> None:
    frame = smooth_frame(0, 0, 0)
    points = frame.points + np.array([0, 120, 0], np.float32)
    beyond = FaceFrame(frame.image, points, 1.0)
    square = cut(beyond, place(points, 64))
    back = put_back(beyond, square.image, np.zeros_like(square.image), place(points, 64).matrix)
    assert (back != frame.image).any()
    away = FaceFrame(frame.image, points + np.array([900, 0, 0], np.float32), 1.0)
    far = put_back(away, square.image, np.zeros_like(square.image), place(away.points, 64).matrix)
    np.testing.assert_array_equal(far, frame.image)


def test_frames_of_different_times_are_laid_over_each_other_by_the_face() -> None:
    one, other = smooth_frame(0, 0, 10), smooth_frame(0, 0, -15, scale=55)
    matrix = between(one, other)
    moved = one.points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(moved, other.points[:, :2], atol=0.01)
