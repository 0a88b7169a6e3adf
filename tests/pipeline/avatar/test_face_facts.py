"""A face is measured before it becomes an avatar: advice where it could be better, a refusal where it cannot work."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from lipwright.contracts.avatar import FaceFacts
from lipwright.contracts.face import FaceMesh
from lipwright.errors import FaceError, FaceNotFound, FaceTooSmall
from lipwright.pipeline.avatar.face_facts import measure, only_face

Image = NDArray[np.uint8]


@pytest.fixture(scope="module")
def photo() -> Image:
    return np.asarray(data.astronaut()[:256, 96:352])


@pytest.fixture(scope="module")
def face(photo: Image) -> FaceMesh:
    return only_face(photo, "photo.png")


def facts(image: Image, face: FaceMesh) -> FaceFacts:
    return measure(image, face, "photo.png")


def scaled(image: Image, factor: float) -> Image:
    return np.asarray(np.clip(image.astype(np.float32) * factor, 0, 255), np.uint8)


def test_a_small_smiling_face_is_measured_and_advised(photo: Image, face: FaceMesh) -> None:
    measured = facts(photo, face)

    assert (measured.width_px, measured.height_px) == (256, 256)
    assert measured.sharpness > 0.8
    assert 0.5 < measured.brightness < 0.8
    assert abs(measured.yaw_degrees) < 10
    said = " ".join(measured.advice)
    assert "the face is small: 6" in said
    assert "the mouth is open" in said


def test_sharpness_falls_with_blur_until_it_is_refused(photo: Image, face: FaceMesh) -> None:
    soft = np.asarray(cv2.GaussianBlur(photo, (0, 0), 1.0), np.uint8)

    measured = facts(soft, face)
    assert measured.sharpness < 0.5
    assert any("soft" in advice for advice in measured.advice)
    with pytest.raises(FaceError, match=r"photo\.png: the face is blurred"):
        facts(np.asarray(cv2.GaussianBlur(photo, (0, 0), 4), np.uint8), face)


def test_light_is_advised_on_and_too_little_is_refused(photo: Image, face: FaceMesh) -> None:
    assert any("dark" in advice for advice in facts(scaled(photo, 0.3), face).advice)
    with pytest.raises(FaceError, match=r"too dark.*more light"):
        facts(scaled(photo, 0.06), face)
    with pytest.raises(FaceError, match=r"too bright.*less light"):
        facts(np.maximum(photo, 250), face)


def test_light_from_one_side_is_advised_on(photo: Image, face: FaceMesh) -> None:
    middle = int(face.points[:, 0].mean())
    lit = photo.copy()
    lit[:, :middle] = scaled(lit[:, :middle], 0.3)

    assert any("left side" in advice for advice in facts(lit, face).advice)


def test_two_faces_of_one_size_are_refused(photo: Image) -> None:
    with pytest.raises(FaceError, match=r"two\.png: there are 2 faces.*nobody can tell"):
        only_face(np.hstack([photo, photo]), "two.png")


def test_of_a_large_and_a_small_face_the_large_one_is_meant(photo: Image) -> None:
    large = np.asarray(cv2.resize(photo, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    beside = np.zeros((512, 256, 3), np.uint8)
    beside[:256] = photo

    assert only_face(np.hstack([beside, large]), "two.png").points[:, 0].min() > 256


def test_a_picture_without_a_face_and_one_with_a_tiny_one_are_refused(photo: Image) -> None:
    with pytest.raises(FaceNotFound, match="no face found"):
        only_face(np.full((256, 256, 3), 128, np.uint8), "wall.png")
    tiny = np.full((256, 256, 3), 128, np.uint8)
    tiny[64:192, 64:192] = cv2.resize(photo, (128, 128), interpolation=cv2.INTER_AREA)
    with pytest.raises(FaceTooSmall, match=r"tiny\.png"):
        only_face(tiny, "tiny.png")
