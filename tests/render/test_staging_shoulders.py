"""Shoulders that a photo cuts off."""

import numpy as np
import pytest

from lipwright.contracts.face import FaceMesh
from lipwright.face import topology
from lipwright.render.staging_shoulders import whole_shoulders

from .conftest import Sitter


def face(x: float, y: float, width: float, height: float) -> FaceMesh:
    points = np.full((478, 3), (x, y, 0), np.float32)
    oval = list(topology.FACE_OVAL)
    angle = np.linspace(0, 2 * np.pi, len(oval), endpoint=False)
    points[oval, 0] += width / 2 * np.cos(angle)
    points[oval, 1] += height / 2 * np.sin(angle)
    return FaceMesh(points, 1.0)


def bust(slope: float, *, chin: int = 110, neck: int = 20, width: int = 160, height: int = 200) -> np.ndarray:
    """Shoulders that fall by `slope` from the neck outward; a head above them."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    off = np.abs(x - width / 2)
    body = (y > chin) & (y > chin + 5 + slope * (off - neck))
    head = ((x - width / 2) / 30) ** 2 + ((y - 70) / 42) ** 2 < 1
    return np.asarray(body | head, np.float32)


def test_cut_shoulders_go_on_down_to_the_photos_lower_edge() -> None:
    alpha = bust(0.5)
    image = np.repeat((80 + 100 * alpha)[..., None], 3, axis=2).astype(np.uint8)
    wide = whole_shoulders(image, alpha, face(80, 70, 60, 80))
    left = wide.added_left
    assert left > 20
    assert np.array_equal(wide.image[:, left : left + 160], image)
    assert np.array_equal(wide.alpha[:, left : left + 160], alpha)
    outline = np.argmax(wide.alpha > 0.5, axis=0)[left - 20 : left + 1]
    assert (np.diff(outline) <= 0).all()
    assert wide.alpha[:-2, 0].max() < 0.5
    beside = wide.alpha[:, left - 10] > 0.9
    assert wide.image[beside, left - 10, 0].min() > 120
    assert wide.mesh.points[1, 0] == pytest.approx(80 + left)


def test_shoulders_that_are_whole_are_left_alone() -> None:
    alpha = bust(3.0)
    assert alpha[:, [0, -1]].max() == 0
    image = np.zeros((200, 160, 3), np.uint8)
    wide = whole_shoulders(image, alpha, face(80, 70, 60, 80))
    assert wide.image.shape == image.shape
    assert wide.added_left == 0


def test_a_photo_ends_above_an_elbow_that_its_side_cuts_off(sitter: Sitter) -> None:
    alpha = np.asarray(sitter.scene.alpha, np.float32)
    assert alpha[-40:, 0].max() > 0.5
    wide = whole_shoulders(sitter.photo, alpha, sitter.mesh)
    assert wide.added_left == 0
    assert 300 < len(wide.alpha) < 512
    assert wide.alpha[:, :2].max() < 0.6


def test_somebody_who_fills_the_whole_photo_gets_sides_as_well() -> None:
    alpha = np.ones((120, 100), np.float32)
    wide = whole_shoulders(np.full((120, 100, 3), 90, np.uint8), alpha, face(50, 45, 60, 80))
    assert np.isfinite(wide.alpha).all()
    assert wide.alpha.shape == wide.image.shape[:2]
