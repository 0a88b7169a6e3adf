import numpy as np
import pytest

from lipwright.face.tracker import FaceTracker
from lipwright.motion.shapes import load_shape_basis
from lipwright.render.portrait.mouth_shape import inner_gap
from lipwright.render.portrait.portrait import Portrait

from .conftest import Sitter, mouth, still

OPEN, WIDE = 0.06, 0.12


def seen_gap(image: np.ndarray) -> float:
    """The gap that our own tracker finds in a finished frame, IOD."""
    mesh = FaceTracker().track(image)
    assert mesh is not None
    return inner_gap(mesh.points) / mesh.eye_distance_px


def test_an_open_smile_closes_for_the_tracker_too(sitter: Sitter) -> None:
    track = mouth(0.0, OPEN, WIDE)
    performance = sitter.portrait.perform(track)
    frames = [sitter.portrait.frame(performance, still(3), i) for i in range(3)]
    gaps = [seen_gap(frame.image) for frame in frames]
    assert seen_gap(sitter.photo) > 0.08
    assert gaps[0] < 0.004
    assert gaps[0] + 0.02 < gaps[1] < gaps[2]
    assert frames[0].gap == 0
    assert frames[2].gap == pytest.approx(gaps[2], abs=0.02)


def test_the_same_seed_draws_the_same_pixels(sitter: Sitter) -> None:
    track = mouth(0.0, WIDE, OPEN)
    again = Portrait(sitter.scene, sitter.mesh, load_shape_basis(), seed=1)
    idle = still(3, yaw=0.02, blink=0.4)
    for i in (2, 1):
        one = sitter.portrait.frame(sitter.portrait.perform(track), idle, i).image
        other = again.frame(again.perform(track), idle, i).image
        assert np.array_equal(one, other)


def test_a_frame_does_not_depend_on_the_frames_before_it(sitter: Sitter) -> None:
    performance = sitter.portrait.perform(mouth(OPEN, WIDE, 0.0))
    first = sitter.portrait.frame(performance, still(3), 0).image
    sitter.portrait.frame(performance, still(3, blink=1.0, yaw=0.04), 1)
    assert np.array_equal(sitter.portrait.frame(performance, still(3), 0).image, first)


def test_nothing_outside_the_person_moves(sitter: Sitter) -> None:
    idle = still(1, yaw=0.05, shift=(0.03, 0.02), blink=1.0)
    image = sitter.portrait.frame(sitter.portrait.perform(mouth(WIDE)), idle, 0).image
    left, top, right, bottom = sitter.portrait.person_box
    outside = np.ones(image.shape[:2], bool)
    outside[top:bottom, left:right] = False
    outside |= sitter.scene.reach(sitter.mesh.eye_distance_px) == 0
    assert outside.any()
    assert np.array_equal(image[outside], sitter.photo[outside])


def test_a_resting_head_gives_back_the_photo_but_for_the_mouth(sitter: Sitter) -> None:
    image = sitter.portrait.frame(sitter.portrait.perform(mouth(0.0)), still(1), 0).image
    brow_line = int(sitter.mesh.points[[105, 334], 1].mean())
    assert np.abs(image[:brow_line].astype(int) - sitter.photo[:brow_line]).max() <= 1
    chin = int(sitter.mesh.points[152, 1] + sitter.mesh.eye_distance_px)
    assert np.abs(image[chin:].astype(int) - sitter.photo[chin:]).max() <= 1


def test_a_blink_changes_the_eyes_alone(sitter: Sitter) -> None:
    performance = sitter.portrait.perform(mouth(0.0))
    open_eyes = sitter.portrait.frame(performance, still(1), 0).image.astype(int)
    shut_eyes = sitter.portrait.frame(performance, still(1, blink=1.0), 0).image.astype(int)
    changed = np.abs(open_eyes - shut_eyes).max(axis=2) > 2
    rows, columns = np.nonzero(changed)
    points = sitter.mesh.points
    reach = 0.2 * sitter.mesh.eye_distance_px
    assert len(rows) > 50
    assert points[[159, 386], 1].min() - reach < rows.min()
    assert rows.max() < points[[145, 374], 1].max() + reach
    assert points[33, 0] - reach < columns.min()
    assert columns.max() < points[263, 0] + reach


def test_every_head_position_keeps_its_face(sitter: Sitter) -> None:
    performance = sitter.portrait.perform(mouth(OPEN))
    for yaw in (-0.05, 0.05):
        image = sitter.portrait.frame(performance, still(1, yaw=yaw), 0).image
        mesh = FaceTracker().track(image)
        assert mesh is not None
        nose = mesh.points[4, 0] - sitter.mesh.points[4, 0]
        assert np.sign(nose) == np.sign(yaw)


def test_a_moving_face_stays_as_sharp_as_the_photo(sitter: Sitter) -> None:
    import cv2

    def sharpness(image: np.ndarray) -> float:
        left, right = sitter.mesh.points[[33, 263], 0].astype(int)
        top, bottom = int(sitter.mesh.points[[111, 340], 1].mean()), int(sitter.mesh.points[4, 1])
        grey = cv2.cvtColor(image[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
        return float(cv2.Laplacian(grey, cv2.CV_32F).var())

    performance = sitter.portrait.perform(mouth(0.0))
    pixel = 1 / sitter.mesh.eye_distance_px
    shifts = [(0.5 * pixel, 0.5 * pixel), (0.3 * pixel, 0.0), (1.0 * pixel, 0.5 * pixel)]
    ratios = [
        sharpness(sitter.portrait.frame(performance, still(1, shift=shift), 0).image) / sharpness(sitter.photo)
        for shift in shifts
    ]
    # Half-way between pixels in both directions; Catmull-Rom alone keeps .45 there.
    assert min(ratios) > 0.75
    assert max(ratios) < 1.2


def test_smiles_relax_for_rounded_vowels(sitter: Sitter) -> None:
    track = mouth(OPEN, OPEN)
    track.controls[1, 3] = -0.08
    performance = sitter.portrait.perform(track)
    wide, round_ = (sitter.portrait.frame(performance, still(2), i).lips for i in range(2))
    assert np.linalg.norm(round_[61] - round_[291]) < np.linalg.norm(wide[61] - wide[291]) - 2
