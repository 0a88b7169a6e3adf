"""Sharpness, flicker and stillness of pixels whose truth is drawn."""

import cv2
import numpy as np
import pytest

from lipwright.contracts.face import FaceMesh
from lipwright.face.select import find_face
from lipwright.quality.alignment import crop, crop_matrix
from lipwright.quality.picture import (
    Skin,
    Stillness,
    at_scale,
    blocks_of,
    blocks_outside,
    face_sharpness,
    grey_of,
    mouth_sharpness,
)
from support.faces import placed
from support.talking import close_up


@pytest.fixture(scope="module")
def photo() -> tuple[np.ndarray, FaceMesh]:
    image = close_up()
    return image, find_face(image, name="close-up")


def test_blur_lowers_sharpness_and_noise_raises_it(photo: tuple[np.ndarray, FaceMesh]) -> None:
    image, mesh = photo
    noisy = np.clip(image + np.random.default_rng(0).normal(0, 8, image.shape), 0, 255).astype(np.uint8)
    for measure in (face_sharpness, mouth_sharpness):
        plain, soft, grainy = (
            measure(grey_of(one), mesh) for one in (image, cv2.GaussianBlur(image, (0, 0), 1.0), noisy)
        )
        assert plain is not None
        assert soft is not None
        assert grainy is not None
        assert soft < 0.7 * plain
        assert grainy > 1.2 * plain


def test_teeth_do_not_count_as_sharpness(photo: tuple[np.ndarray, FaceMesh]) -> None:
    image, mesh = photo
    painted = grey_of(image).copy()
    inner = mesh.points[[78, 81, 13, 311, 308, 402, 14, 178], :2].round().astype(np.int32)
    before = mouth_sharpness(painted, mesh)
    cv2.fillPoly(painted, [inner], 0)
    assert mouth_sharpness(painted, mesh) == pytest.approx(before, rel=0.02)


def test_noise_of_compression_is_no_sharpness_of_an_enlarged_photo(photo: tuple[np.ndarray, FaceMesh]) -> None:
    image, mesh = photo
    grey = grey_of(image)
    large = cv2.resize(grey, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC)
    points = mesh.points * 2.5
    points[:, :2] += 0.75
    noisy = np.clip(large + np.random.default_rng(2).normal(0, 2, large.shape), 0, 255).astype(np.uint8)
    grown = FaceMesh(points, 1.0)
    at_full = [face_sharpness(one, grown) or 0 for one in (large, noisy)]
    at_detail = [face_sharpness(*at_scale(one, grown, 0.4)) or 0 for one in (large, noisy)]
    assert at_full[1] > 1.3 * at_full[0]
    assert at_detail[1] == pytest.approx(at_detail[0], rel=0.1)
    assert at_scale(grey, mesh, 1.0) == (grey, mesh)
    np.testing.assert_allclose(at_scale(large, grown, 0.4)[1].points[:, :2], mesh.points[:, :2], atol=0.1)


def test_face_outside_the_picture_has_no_sharpness() -> None:
    assert face_sharpness(np.zeros((64, 64), np.uint8), placed(0, 0, 0, 20, (500, 500))) is None


def test_moved_block_is_seen_and_compression_noise_is_not() -> None:
    rng = np.random.default_rng(1)
    scene = rng.uniform(40, 200, (128, 128))
    inside = np.zeros((128, 128), np.bool_)
    inside[40:90, 40:90] = True
    still, moving = Stillness(blocks_outside(inside)), Stillness(blocks_outside(inside))
    for index in range(5):
        noisy = np.clip(scene + rng.normal(0, 1.5, scene.shape), 0, 255).astype(np.uint8)
        noisy[45:85, 45:85] = 30 * index  # the person may do anything
        still.look(blocks_of(noisy))
        noisy[100:110, 4 * index : 4 * index + 10] = 255
        moving.look(blocks_of(noisy))
    assert still.largest < 1.0
    assert still.mean < 0.3
    assert moving.largest > 20


def test_blocks_that_touch_the_person_are_not_outside() -> None:
    inside = np.zeros((64, 64), np.bool_)
    inside[31, 31] = True
    outside = blocks_outside(inside)
    assert outside.shape == (8, 8)
    assert outside.sum() == 64 - 9


def test_head_that_moves_does_not_flicker_and_light_that_changes_does(photo: tuple[np.ndarray, FaceMesh]) -> None:
    image, mesh = photo
    grey = grey_of(image)
    turn = cv2.getRotationMatrix2D((128, 128), 3, 1.02)
    turned = cv2.warpAffine(grey, turn, (256, 256), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    flat = np.concatenate([mesh.points[:, :2], np.ones((478, 1))], axis=1) @ turn.T
    carried = FaceMesh(np.concatenate([flat, mesh.points[:, 2:]], axis=1).astype(np.float32), 1.0)
    skin = Skin()
    assert skin.flicker(grey, mesh) is None
    assert (skin.flicker(np.asarray(turned, np.uint8), carried) or 99) < 1.5
    brighter = np.clip(turned.astype(int) + 10, 0, 255).astype(np.uint8)
    assert skin.flicker(brighter, carried) == pytest.approx(10, abs=1.0)
    assert skin.flicker(grey, None) is None
    assert skin.flicker(grey, mesh) is None


@pytest.mark.parametrize("scale", [30.0, 100.0, 400.0])
def test_crop_brings_the_face_to_its_place(scale: float) -> None:
    mesh = placed(0, 0, 12, scale, (300, 200))
    matrix = crop_matrix(mesh, 100, (0.0, 0.0), 2.0)
    bridge = matrix @ (*mesh.points[168, :2], 1.0)
    eyes = mesh.points[[33, 263], :2] @ matrix[:, :2].T + matrix[:, 2]
    assert bridge == pytest.approx((49.5, 49.5), abs=0.5)
    assert eyes[1] - eyes[0] == pytest.approx((50, 0), abs=0.5)
    image = np.zeros((400, 600), np.uint8)
    cv2.circle(image, (300, 200), max(2, round(scale / 8)), 255, -1)
    cut = crop(image, matrix, 100)
    rows, columns = np.nonzero(cut > 128)
    assert (columns.mean(), rows.mean()) == pytest.approx((49.5, 49.5), abs=0.8)
