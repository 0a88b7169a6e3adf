"""The matte agrees with the original's outline, is solid on the face, clean off the person, and exact at edges."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.face import topology
from lipwright.face.foreground import estimate_foreground
from lipwright.face.matte import PersonMatte
from lipwright.face.matting import ColourWindows, colour_evidence, solve_coverage
from support.faces import GOLDEN

Image = NDArray[np.uint8]


@pytest.fixture(scope="module")
def matter() -> PersonMatte:
    return PersonMatte()


@pytest.fixture(scope="module")
def coverage(matter: PersonMatte, portrait: Image, portrait_mesh: FaceMesh) -> NDArray[np.float32]:
    return matter.matte(portrait, portrait_mesh)


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())


def soft_disk() -> tuple[Image, NDArray[np.float32], NDArray[np.float32]]:
    """A striped disk with a soft rim over a smooth background: picture, true coverage, true colours of the disk."""
    y, x = np.mgrid[0:160, 0:160].astype(np.float32)
    distance = np.hypot(x - 80, y - 80) + 4 * np.sin(np.arctan2(y - 80, x - 80) * 9)
    alpha = np.clip((50 - distance) / 8 + 0.5, 0, 1).astype(np.float32)
    stripes = 20 * np.sin(x / 3)
    disk = np.stack([170 + stripes, 90 + stripes, 60 + stripes / 2], axis=-1)
    background = np.stack([30 + y / 5, 60 + x / 4, 150 + y / 6], axis=-1)
    picture = alpha[..., None] * disk + (1 - alpha[..., None]) * background
    return np.rint(picture).astype(np.uint8), alpha, disk.astype(np.float32)


def test_outline_overlaps_the_original_s(matter: PersonMatte, portrait: Image, coverage: NDArray[np.float32]) -> None:
    golden = np.unpackbits(np.load(GOLDEN / "astronaut-person.npy"), axis=1) > 0
    assert overlap(matter.outline(portrait)[2::4, 2::4] > 0.5, golden) > 0.97
    assert overlap(coverage[2::4, 2::4] > 0.5, golden) > 0.95


def test_matte_has_the_shape_and_range_of_coverage(coverage: NDArray[np.float32]) -> None:
    assert coverage.shape == (512, 512)
    assert coverage.dtype == np.float32
    assert coverage.min() == 0
    assert coverage.max() == 1


def test_face_is_solid_and_background_is_clear(coverage: NDArray[np.float32], portrait_mesh: FaceMesh) -> None:
    oval = np.zeros((512, 512), np.uint8)
    cv2.fillPoly(oval, [np.rint(portrait_mesh.points[list(topology.FACE_OVAL), :2]).astype(np.int32)], 1)
    assert (coverage[cv2.erode(oval, np.ones((5, 5), np.uint8)) > 0] == 1).all()
    assert (coverage[:60, 340:] == 0).all()
    assert (coverage[:90, 60:130] == 0).all()


def test_person_has_no_holes(coverage: NDArray[np.float32]) -> None:
    # Suit and collar, well inside: patches, straps and the dark neck lie here.
    assert coverage[230:480, 110:290].min() > 0.95


def test_edge_of_the_hair_is_narrow(coverage: NDArray[np.float32]) -> None:
    rows = coverage[20:110, 120:330]
    veiled = ((rows > 0.02) & (rows < 0.98)).sum(axis=1)
    assert np.median(veiled) <= 16


def test_matte_of_a_large_picture_is_that_of_the_small_one(
    matter: PersonMatte, portrait: Image, portrait_mesh: FaceMesh, coverage: NDArray[np.float32]
) -> None:
    large = np.asarray(cv2.resize(portrait, (1536, 1536), interpolation=cv2.INTER_CUBIC), np.uint8)
    mesh = FaceMesh(((portrait_mesh.points + 0.5) * 3 - 0.5).astype(np.float32), 1.0)
    shrunk = cv2.resize(matter.matte(large, mesh), (512, 512), interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk[:200] - coverage[:200]).mean() < 0.01


def test_picture_without_a_person_is_clear(matter: PersonMatte) -> None:
    assert matter.matte(np.full((120, 200, 3), 90, np.uint8)).max() == 0


def test_soft_rim_is_recovered_from_colours_alone() -> None:
    picture, alpha, _ = soft_disk()
    colours = picture.astype(np.float32) / 255
    y, x = np.mgrid[0:160, 0:160]
    distance = np.hypot(x - 80, y - 80)
    person, background = distance < 38, distance > 62
    evidence, confidence = colour_evidence(colours, np.full((160, 160), 0.5, np.float32), person, background, 30)
    known = person | background
    assert (confidence[known] == 1).all()
    weight = np.where(known, 10, 0.15 * confidence + 0.006).astype(np.float32)
    start = np.where(known, evidence, confidence * evidence + (1 - confidence) * 0.5).astype(np.float32)
    solved = solve_coverage(ColourWindows.of(colours, 2, 1e-4), start, weight, 60)
    assert np.abs(solved - alpha)[~known].mean() < 0.06
    assert np.abs(solved - alpha)[known].max() < 0.02


def test_foreground_keeps_its_colour_at_a_soft_rim() -> None:
    picture, alpha, disk = soft_disk()
    foreground = estimate_foreground(picture, alpha)
    rim = (alpha > 0.2) & (alpha < 0.9)
    assert np.abs(foreground[rim] - disk[rim]).mean() < 12
    assert np.abs(picture[rim].astype(float) - disk[rim]).mean() > 30
    assert (foreground[alpha == 1] == picture[alpha == 1]).all()


def test_new_background_shows_nothing_of_the_old_one() -> None:
    picture, alpha, disk = soft_disk()
    white = np.full(3, 255.0)
    cover = alpha[..., None]
    made = cover * estimate_foreground(picture, alpha) + (1 - cover) * white
    right = cover * disk + (1 - cover) * white
    assert np.abs(made - right).mean() < 1.5
