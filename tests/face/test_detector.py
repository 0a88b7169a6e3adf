"""Faces are found whatever their size, place and turn; boxes come largest first and once per face."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.face.detector import FaceDetector

Image = NDArray[np.uint8]
NOSE = np.array([224, 127])


def resized(image: Image, factor: float) -> Image:
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=how), np.uint8)


def test_one_face_gives_one_box_with_keypoints_in_order(portrait: Image, detector: FaceDetector) -> None:
    (box,) = detector.detect(portrait)
    right_eye, left_eye, nose, mouth, right_ear, left_ear = box.keypoints
    assert right_ear[0] < right_eye[0] < nose[0] < left_eye[0] < left_ear[0]
    assert right_eye[1] < nose[1] < mouth[1]
    assert np.linalg.norm(nose - NOSE) < 6
    assert 80 < box.width_px < 110


def test_mirrored_face_is_found_in_the_mirrored_place(portrait: Image, detector: FaceDetector) -> None:
    (box,) = detector.detect(np.ascontiguousarray(portrait[:, ::-1]))
    assert np.linalg.norm(box.keypoints[2] - (511 - NOSE[0], NOSE[1])) < 6


@pytest.mark.parametrize("degrees", [-45, -20, 20, 45, 90])
def test_leaning_face_is_found(portrait: Image, detector: FaceDetector, degrees: int) -> None:
    turn = cv2.getRotationMatrix2D((float(NOSE[0]), float(NOSE[1])), degrees, 1)
    (box,) = detector.detect(np.asarray(cv2.warpAffine(portrait, turn, (512, 512)), np.uint8))
    assert np.linalg.norm(box.keypoints[2] - NOSE) < 12


@pytest.mark.parametrize("half_px", [45, 60, 90])
def test_close_up_is_found(portrait: Image, detector: FaceDetector, half_px: int) -> None:
    x, y = NOSE[0], 115
    close = resized(portrait[y - half_px : y + half_px, x - half_px : x + half_px], 700 / (2 * half_px))
    boxes = detector.detect(close)
    assert len(boxes) == 1
    assert np.linalg.norm(boxes[0].keypoints[2] - (350, 350 + 12 * 350 / half_px)) < 60


def test_small_face_in_a_large_picture_is_found(portrait: Image, detector: FaceDetector) -> None:
    large = np.full((2000, 3000, 3), 90, np.uint8)
    large[1300:1812, 2200:2712] = portrait
    nearest = min(np.linalg.norm(box.keypoints[2] - NOSE - (2200, 1300)) for box in detector.detect(large))
    assert nearest < 8


def test_face_in_a_tall_frame_is_found(portrait: Image, detector: FaceDetector) -> None:
    tall = np.full((1920, 1080, 3), 90, np.uint8)
    tall[1300:1812, 300:812] = portrait
    assert np.linalg.norm(detector.detect(tall)[0].keypoints[2] - NOSE - (300, 1300)) < 8


def test_several_faces_come_largest_first_and_once_each(portrait: Image, detector: FaceDetector) -> None:
    collage = np.zeros((512, 1400, 3), np.uint8)
    places = []
    for x, factor in ((0, 0.6), (400, 1.0), (950, 0.8)):
        part = resized(portrait, factor)
        collage[: part.shape[0], x : x + part.shape[1]] = part[:, : 1400 - x]
        places.append((factor, np.array([x, 0]) + NOSE * factor))
    boxes = detector.detect(collage)
    expected = [place for _, place in sorted(places, key=lambda pair: -pair[0])]
    assert len(boxes) == 3
    for box, place in zip(boxes, expected, strict=True):
        assert np.linalg.norm(box.keypoints[2] - place) < 8


def test_picture_without_a_face_gives_no_box(faceless: Image, detector: FaceDetector) -> None:
    assert detector.detect(faceless) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (40, 3), (500, 31)])
def test_odd_shapes_are_no_trouble(detector: FaceDetector, shape: tuple[int, int]) -> None:
    assert detector.detect(np.full((*shape, 3), 127, np.uint8)) == []


@pytest.mark.parametrize(("name", "nose"), [("painting.png", (347, 490)), ("full-body.png", (423, 285))])
def test_painted_and_generated_faces_are_found(
    shared_media: Path, detector: FaceDetector, name: str, nose: tuple[int, int]
) -> None:
    image = np.asarray(cv2.imread(str(shared_media / name)), np.uint8)[..., ::-1]
    (box,) = detector.detect(np.ascontiguousarray(image))
    assert np.linalg.norm(box.keypoints[2] - nose) < 0.15 * box.width_px
