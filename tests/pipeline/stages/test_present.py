"""A photo as the presenter of a scene."""

import dataclasses
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from lipwright.contracts.motion import IdleTrack, MouthTrack
from lipwright.contracts.sidecar import Span
from lipwright.contracts.story import Framing, Place
from lipwright.errors import FaceNotFound
from lipwright.pipeline.stages.move import Motion
from lipwright.pipeline.stages.prepare import load_person
from lipwright.pipeline.stages.present import PhotoPresenter, turned_by
from lipwright.render.backgrounds.backdrop import Backdrop
from lipwright.render.staging import HeadTurn
from lipwright.render.staging_scene import Person

FPS, WIDTH, HEIGHT = Fraction(25), 480, 270
GAPS = (0.0, 0.05, 0.1, 0.05, 0.0)
GREY = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Person:
    photo = tmp_path_factory.mktemp("photo") / "astronaut.png"
    Image.fromarray(data.astronaut()).save(photo)
    return load_person(photo)


def motion(gaps: tuple[float, ...] = GAPS) -> Motion:
    gap = np.array(gaps, np.float32)
    controls = np.zeros((len(gap), 8), np.float32)
    controls[:, 0], controls[:, 1], controls[:, 2] = 0.6 * gap, -0.25 * gap, 0.8 * gap
    nothing = np.zeros(len(gap), np.float32)
    rest = np.zeros((len(gap), 3), np.float32), np.zeros((len(gap), 2), np.float32)
    mouth = MouthTrack(FPS, controls, gap, (gap == 0).astype(np.float32))
    return Motion(mouth, IdleTrack(FPS, *rest, nothing, nothing, nothing), (Span(start_s=0, end_s=0.04),))


def still(picture: np.ndarray) -> Backdrop:
    return Backdrop(picture, lambda: iter([picture] * len(GAPS)))


def moving(levels: Sequence[int]) -> Backdrop:
    def frames() -> Iterator[np.ndarray]:
        return (np.full((HEIGHT, WIDTH, 3), level, np.uint8) for level in levels)

    return Backdrop(None, frames)


def presenter(person: Person, behind: Backdrop | str, **choices: object) -> PhotoPresenter:
    given = {"framing": Framing.MEDIUM, "place": Place.LEFT, "motion": motion(), **choices}
    return PhotoPresenter(person, WIDTH, HEIGHT, behind=behind, **given)  # type: ignore[arg-type]


def all_of(shown: PhotoPresenter) -> list[np.ndarray]:
    frames = list(shown.frames([True] * shown.frame_count))
    return [frame for frame in frames if frame is not None]


def test_the_background_is_untouched_beside_the_person(person: Person) -> None:
    shown = presenter(person, still(GREY))
    box = shown.person_box
    for picture in [shown.still(), *all_of(shown)]:
        assert picture.shape == (HEIGHT, WIDTH, 3)
        beside = np.ones((HEIGHT, WIDTH), bool)
        beside[box.top : box.bottom, box.left : box.right] = False
        assert beside.any()
        assert (picture[beside] == 120).all()
        assert (picture != 120).any()
    assert (GREY == 120).all()


def test_frames_own_their_pixels(person: Person) -> None:
    shown = presenter(person, still(GREY))
    frames = shown.frames([True] * 5)
    first = next(frames)
    assert first is not None
    kept = first.copy()
    first[:] = 0
    assert np.array_equal(all_of(shown)[0], kept)


def test_a_still_and_a_moving_background_of_the_same_pictures_look_the_same(person: Person) -> None:
    one = all_of(presenter(person, still(GREY)))
    other = all_of(presenter(person, moving([120] * 5)))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_moving_background_goes_on_behind_a_cut_away(person: Person) -> None:
    shown = presenter(person, moving(range(10, 60, 10)))
    whole = all_of(shown)
    frames = list(shown.frames([True, False, False, True, True]))
    assert [frame is None for frame in frames] == [False, True, True, False, False]
    assert frames[3] is not None
    assert np.array_equal(frames[3], whole[3])
    assert frames[3][0, -1, 0] == 40
    assert shown.gap[[1, 2]].tolist() == [0, 0]
    assert shown.gap[3] > 0.02


def test_what_was_drawn_is_told(person: Person) -> None:
    shown = presenter(person, still(GREY))
    all_of(shown)
    assert shown.gap[0] == shown.gap[4] == 0
    assert shown.gap[2] > shown.gap[1] > 0.02
    assert shown.closed.tolist() == [1, 0, 0, 0, 1]
    box = shown.face_box
    assert 0 <= box.left < box.right <= WIDTH
    assert box.left < WIDTH / 2 - 30
    assert shown.eye_distance_px == pytest.approx(0.5 * (box.right - box.left), rel=0.4)


def test_the_resting_picture_has_its_mouth_shut(person: Person) -> None:
    shown = presenter(person, still(GREY), motion=motion(gaps=(0.0,) * 5))
    assert np.array_equal(shown.still(), all_of(shown)[0])


@pytest.mark.parametrize("behind", ["keep", "blur"])
def test_the_photos_own_background_fills_the_canvas(person: Person, behind: str) -> None:
    shown = presenter(person, behind)
    picture = shown.still()
    assert picture[0].std() > 2
    assert np.array_equal(picture, presenter(person, behind).still())
    frames = all_of(shown)
    assert np.abs(frames[0].astype(int) - picture).mean() < 0.5
    assert not np.array_equal(frames[2], picture)


def test_a_storyboard_needs_no_motion(person: Person) -> None:
    shown = presenter(person, still(GREY), motion=None)
    assert shown.frame_count == 0
    assert list(shown.frames([])) == []
    assert shown.still().shape == (HEIGHT, WIDTH, 3)


def test_the_wrong_number_of_frames_is_refused(person: Person) -> None:
    with pytest.raises(ValueError, match="scene has 5"):
        presenter(person, still(GREY)).frames([True])


def test_a_turned_head_looks_to_its_side(person: Person) -> None:
    left, ahead, right = (
        presenter(person, still(GREY), turn=turn).still() for turn in (HeadTurn.LEFT, HeadTurn.AHEAD, HeadTurn.RIGHT)
    )
    assert not np.array_equal(left, ahead)
    assert not np.array_equal(right, left)
    assert turned_by(HeadTurn.LEFT, person.mesh) < 0 == turned_by(HeadTurn.AHEAD, person.mesh)


def test_a_head_that_looks_to_the_side_already_is_not_turned_further(person: Person) -> None:
    points = person.mesh.points.astype(np.float64)
    angle = np.radians(30)
    middle = points.mean(axis=0)
    x, z = points[:, 0] - middle[0], points[:, 2] - middle[2]
    points[:, 0], points[:, 2] = (
        middle[0] + x * np.cos(angle) - z * np.sin(angle),
        x * np.sin(angle) + z * np.cos(angle),
    )
    turned = dataclasses.replace(person.mesh, points=points.astype(np.float32))
    assert turned_by(HeadTurn.RIGHT, turned) == 0
    assert turned_by(HeadTurn.LEFT, turned) < -0.05


def test_a_transparent_face_cannot_be_shown(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "nobody.png"
    alpha = np.full(person.alpha.shape, 110, np.uint8)
    Image.fromarray(np.dstack([person.image, alpha])).save(path)
    with pytest.raises(FaceNotFound, match="transparent"):
        load_person(path)


def test_a_picture_with_alpha_says_itself_who_is_in_it(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    alpha = np.zeros(person.alpha.shape, np.uint8)
    alpha[:400, 100:400] = 255
    Image.fromarray(np.dstack([person.image, alpha])).save(path)
    cut = load_person(path)
    assert cut.alpha.dtype == np.float32
    assert np.array_equal(cut.alpha > 0, alpha > 0)
