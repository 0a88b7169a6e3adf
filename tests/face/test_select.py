"""The right face is chosen; where none will do, the message names the picture, the cause and what would be right."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.face import FaceBox, FaceMesh
from lipwright.errors import FaceNotFound, FaceTooSmall, FaceTurnedAway
from lipwright.face.detector import FaceDetector
from lipwright.face.mesh import FaceMesher
from lipwright.face.select import face_width_px, find_face, find_faces
from support.faces import placed

Image = NDArray[np.uint8]


class OneBox:
    """A detector that always finds the same box."""

    def detect(self, image: Image) -> list[FaceBox]:
        return [FaceBox(100, 100, 200, 200, 0.9, np.zeros((6, 2), np.float32))]


class OneMesh:
    """A mesher that always fits the same mesh."""

    def __init__(self, mesh: FaceMesh) -> None:
        self._mesh = mesh

    def mesh(self, image: Image, box: FaceBox) -> FaceMesh:
        return self._mesh

    def track(self, image: Image, previous: FaceMesh) -> FaceMesh:
        return self._mesh

    refine = track


def collage(portrait: Image) -> Image:
    small = cv2.resize(portrait, None, fx=0.9, fy=0.9, interpolation=cv2.INTER_AREA)
    canvas = np.zeros((512, 1000, 3), np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small
    canvas[:, 480:992] = portrait
    return canvas


def test_largest_face_is_chosen_and_others_by_number(
    portrait: Image, portrait_mesh: FaceMesh, detector: FaceDetector, mesher: FaceMesher
) -> None:
    image = collage(portrait)
    first = find_face(image, "two.png", detector=detector, mesher=mesher)
    second = find_face(image, "two.png", 1, detector=detector, mesher=mesher)
    assert np.linalg.norm(first.points[:, :2] - (portrait_mesh.points[:, :2] + (480, 0)), axis=1).mean() < 0.5
    assert second.eye_distance_px == pytest.approx(0.9 * first.eye_distance_px, rel=0.03)


def test_number_that_no_face_has_says_how_many_there_are(
    portrait: Image, detector: FaceDetector, mesher: FaceMesher
) -> None:
    with pytest.raises(
        FaceNotFound, match=r"^two\.png: there is no face number 2\. The photo shows 2 faces, numbers 0 to 1"
    ):
        find_face(collage(portrait), "two.png", 2, detector=detector, mesher=mesher)
    with pytest.raises(FaceNotFound, match="one face, number 0"):
        find_face(portrait, "one.png", -1, detector=detector, mesher=mesher)


def test_picture_without_a_face_says_what_would_be_right(
    faceless: Image, detector: FaceDetector, mesher: FaceMesher
) -> None:
    with pytest.raises(FaceNotFound, match=r"^cup\.png: no face found\. Use a photo .* at least 80 px wide"):
        find_face(faceless, "cup.png", detector=detector, mesher=mesher)


def test_small_face_says_how_wide_it_is(portrait: Image, detector: FaceDetector, mesher: FaceMesher) -> None:
    small = np.asarray(cv2.resize(portrait, (300, 300), interpolation=cv2.INTER_AREA), np.uint8)
    with pytest.raises(FaceTooSmall, match=r"^tiny\.png: the face is 5[2-6] px wide\. .* at least 80 px wide"):
        find_face(small, "tiny.png", detector=detector, mesher=mesher)


@pytest.mark.parametrize("angles", [(52, 0), (-60, 0), (0, 50), (40, 35)])
def test_face_turned_away_says_by_how_much(angles: tuple[int, int]) -> None:
    turned = OneMesh(placed(*angles, 0, 200))
    with pytest.raises(
        FaceTurnedAway, match=r"^side\.png: the face is turned away by \d\d degrees\. .* within 45 degrees"
    ):
        find_face(np.zeros((9, 9, 3), np.uint8), "side.png", detector=OneBox(), mesher=turned)


@pytest.mark.parametrize("angles", [(0, 0, 0), (40, 0, 0), (-30, 20, 0), (0, -40, 0), (10, 0, 80)])
def test_face_turned_a_little_is_taken(angles: tuple[int, int, int]) -> None:
    mesh = placed(*angles, 200)
    assert find_face(np.zeros((9, 9, 3), np.uint8), "fine.png", detector=OneBox(), mesher=OneMesh(mesh)) is mesh


def test_boxes_that_the_mesh_does_not_confirm_are_no_faces() -> None:
    doubtful = OneMesh(FaceMesh(placed(0, 0, 0).points, 0.2))
    assert find_faces(np.zeros((9, 9, 3), np.uint8), detector=OneBox(), mesher=doubtful) == []


def test_width_of_a_face_does_not_depend_on_its_lean() -> None:
    widths = [face_width_px(placed(0, 0, roll, 100)) for roll in (0, 30, 90, 180)]
    assert np.allclose(widths, widths[0], rtol=1e-4)


def test_profile_in_a_real_crowd_is_turned_away(shared_media: Path, detector: FaceDetector, mesher: FaceMesher) -> None:
    import av

    with av.open(str(shared_media / "crowd-25fps.mp4")) as clip:
        image = next(clip.decode(video=0)).to_ndarray(format="rgb24")
    with pytest.raises(FaceTurnedAway):
        find_face(image, "crowd.png", detector=detector, mesher=mesher)
