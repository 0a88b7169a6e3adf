"""Sampling, masks and light."""

import cv2
import numpy as np

from lipwright.render.rewrite.bank import Bank
from lipwright.render.rewrite.patch import NOSE_BASE, OUTLINE, fit_light, lay_patch, patch_alpha, patch_region
from lipwright.render.rewrite.sampling import sample


def texture(height: int, width: int) -> np.ndarray:
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 1.2)


def detail(image: np.ndarray) -> float:
    return float(cv2.Laplacian(image[8:-8, 8:-8].astype(np.float32), cv2.CV_32F).var())


def test_a_field_that_moves_nothing_shows_the_picture_itself() -> None:
    image = texture(60, 80)
    np.testing.assert_array_equal(sample(image, np.zeros((30, 40, 2), np.float32), 20, 10, 0.05), image[10:40, 20:60])


def test_whole_pixels_are_exact() -> None:
    image = texture(60, 80)
    field = np.zeros((30, 40, 2), np.float32)
    field[..., 0], field[..., 1] = 3, -5
    np.testing.assert_array_equal(sample(image, field, 20, 10, 0.05), image[5:35, 23:63])


def test_half_a_pixel_keeps_more_detail_than_plain_bicubic_sampling() -> None:
    image = texture(100, 100)
    field = np.full((100, 100, 2), 0.5, np.float32)
    rows, columns = np.mgrid[0:100, 0:100].astype(np.float32)
    plain = cv2.remap(image, columns + 0.5, rows + 0.5, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    assert detail(plain) < detail(sample(image, field, 0, 0, 0.05)) < 1.25 * detail(image)


def test_an_even_picture_stays_even() -> None:
    image = np.full((40, 40, 3), 117, np.uint8)
    field = np.random.default_rng(0).normal(0, 4, (40, 40, 2)).astype(np.float32)
    assert (sample(image, field, 0, 0, 0.05) == 117).all()


def test_a_patch_counts_nothing_at_its_rim_and_all_at_the_lips(bank: Bank) -> None:
    exemplar = bank.exemplars[0]
    points = exemplar.points[:, :2].astype(np.float64)
    region = patch_region(points, exemplar.image.shape)
    assert region is not None
    left, top, right, bottom = region
    alpha = patch_alpha(points, region, exemplar.unit_px)
    assert alpha.shape == (bottom - top, right - left)
    assert alpha[[0, -1]].max() < 0.05
    assert alpha[:, [0, -1]].max() < 0.05
    x, y = points[13] - (left, top)
    assert alpha[int(y), int(x)] == 1
    assert patch_region(points + 5000, exemplar.image.shape) is None


def test_light_is_fitted_at_the_rim(bank: Bank) -> None:
    exemplar = bank.exemplars[0]
    points = exemplar.points[:, :2].astype(np.float64)
    region = patch_region(points, exemplar.image.shape)
    assert region is not None
    left, top, right, bottom = region
    alpha = patch_alpha(points, region, exemplar.unit_px)
    base = exemplar.image[top:bottom, left:right]
    nose = points[NOSE_BASE] - (left, top)
    light = fit_light(base, base.astype(np.float32) - np.array([20, 10, -5], np.float32), alpha, nose, exemplar.unit_px)
    np.testing.assert_allclose(light.reshape(-1, 3).mean(axis=0), [20, 10, -5], atol=1)


def across(height: int, width: int) -> np.ndarray:
    """A patch that counts nothing at the left and all at the right."""
    return np.tile(np.linspace(0, 1, width, dtype=np.float32), (height, 1))


def test_light_turns_into_that_of_the_patch_all_over_its_rim() -> None:
    frame, alpha = np.full((80, 140, 3), 100, np.uint8), across(60, 120)
    lay_patch(frame, np.full((60, 120, 3), 140, np.float32), alpha, 10, 15, 100.0)
    np.testing.assert_allclose(frame[15:75, 10:130, 0], 100 + 40 * alpha, atol=0.51)
    assert (frame[:15] == 100).all()
    assert (frame[:, 130:] == 100).all()


def test_no_part_of_the_rim_is_softer_than_both_skins() -> None:
    one, other, alpha = texture(120, 240), texture(240, 240)[120:], across(120, 240)
    laid, mixed = one.copy(), (one + alpha[..., None] * (other.astype(np.float32) - one)).round().astype(np.uint8)
    lay_patch(laid, other.astype(np.float32), alpha, 0, 0, 200.0)
    np.testing.assert_array_equal(laid[:, -1], other[:, -1])
    middle = slice(90, 150)
    usual = min(detail(one[:, middle]), detail(other[:, middle]))
    assert detail(mixed[:, middle]) < 0.6 * usual
    assert detail(laid[:, middle]) > 0.9 * usual


def test_the_outline_goes_around_the_lips(bank: Bank) -> None:
    outline = bank.neutral[OUTLINE, :2].astype(np.float32)
    for point in (61, 291, 0, 17, 13, 14):
        inside = cv2.pointPolygonTest(outline, tuple(float(v) for v in bank.neutral[point, :2]), False)
        assert inside > 0
