"""CPBD against the values of the authors' own method, and how it behaves."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from lipwright.quality.cpbd import cpbd


def blurred(sigma_px: float) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma_px) if sigma_px else grey, np.uint8)


@pytest.mark.parametrize(("sigma_px", "expected"), [(0.0, 0.384), (0.5, 0.298), (1.0, 0.126), (2.0, 0.006)])
def test_cpbd_is_that_of_the_reference(sigma_px: float, expected: float) -> None:
    # The package cpbd 1.0.7, a translation of the authors' MATLAB code, on the same picture.
    assert cpbd(blurred(sigma_px)) == pytest.approx(expected, abs=0.02)


def test_cpbd_falls_with_blur() -> None:
    found = [cpbd(blurred(sigma)) or 0.0 for sigma in (0, 0.4, 0.8, 1.2, 1.6, 2.4)]
    assert found == sorted(found, reverse=True)


def test_plain_picture_has_no_edges() -> None:
    assert cpbd(np.full((128, 128), 100, np.uint8)) is None
    assert cpbd(np.zeros((20, 20), np.uint8)) is None


def test_step_is_as_sharp_as_can_be() -> None:
    picture = np.zeros((128, 128), np.uint8)
    picture[:, 32::32] = 200
    assert cpbd(picture) == 1.0
