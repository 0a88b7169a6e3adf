from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.render.portrait.appearance import Appearance, measure_appearance
from lipwright.render.portrait.interior import Layer
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER
from lipwright.render.rewrite.exemplar import Exemplar
from lipwright.render.rewrite.interior import AtlasInterior, FilmedInterior, person_interior
from lipwright.render.rewrite.interior_drawn import DrawnInterior
from lipwright.render.rewrite.opening import Interior
from support import drawn_mouths as mouths


@pytest.fixture(scope="module")
def frames() -> list[Exemplar]:
    return mouths.talk()


@pytest.fixture(scope="module")
def appearance() -> Appearance:
    face, pose = mouths.open_face(0.0), mouths.pose_of()
    return measure_appearance(mouths.draw(face, pose), mouths.placed(face, pose))


@pytest.fixture(scope="module")
def inside(frames: list[Exemplar], appearance: Appearance) -> Interior:
    return person_interior(frames, mouths.neutral_face(), appearance)


def layer_of(inside: Interior, wanted: mouths.Wanted) -> Layer:
    layer = inside.layer(wanted.opening, wanted.image)
    assert layer is not None
    return layer


def over(layer: Layer, image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The picture with the layer on it."""
    out = image.astype(np.float64)
    height, width = layer.alpha.shape
    box = np.s_[layer.top : layer.top + height, layer.left : layer.left + width]
    out[box] += layer.alpha[..., None] * (layer.colour - out[box])
    return out


def profile(picture: NDArray[np.float64], opening: mouths.Opening, y: float) -> NDArray[np.float64]:
    """Brightness along a line `y` IOD below the middle of the closed lips, from corner to corner."""
    middle = mouths.neutral_face()[[13, 14]].mean(axis=0)
    start, end = (np.array([x, middle[1] + y, middle[2]]) for x in (-0.15, 0.15))
    ends = mouths.placed(np.stack([start, end]), opening.pose)
    row = round(float(ends[:, 1].mean()))
    return np.asarray(picture[row, round(ends[0, 0]) : round(ends[1, 0]), :].mean(axis=-1))


def count_teeth(bright: NDArray[np.float64]) -> int:
    """Bright stretches between darker ones."""
    light = bright > (bright.max() + np.median(np.sort(bright)[: len(bright) // 8])) / 2
    return int((np.diff(light.astype(int)) == 1).sum() + light[0])


def test_people_who_show_their_teeth_get_an_atlas(inside: Interior) -> None:
    assert isinstance(inside, AtlasInterior)


def test_people_who_never_open_the_mouth_get_a_drawn_inside(frames: list[Exemplar], appearance: Appearance) -> None:
    shut = [frame for frame in frames if frame.gap < 0.03]
    assert isinstance(person_interior(shut, mouths.neutral_face(), appearance), DrawnInterior)
    assert isinstance(person_interior([], mouths.neutral_face(), appearance), DrawnInterior)


def test_people_whose_teeth_are_never_seen_keep_the_inside_that_was_filmed(appearance: Appearance) -> None:
    toothless = mouths.talk(teeth=False)
    inside = person_interior(toothless, mouths.neutral_face(), appearance)
    assert isinstance(inside, FilmedInterior)
    wanted = mouths.wanted(toothless, 0.12)
    assert inside.layer(wanted.opening, wanted.image) is None


def test_lips_that_touch_hide_the_inside(inside: Interior, frames: list[Exemplar]) -> None:
    wanted = mouths.wanted(frames, 0.0)
    assert inside.layer(wanted.opening, wanted.image) is None


def test_nothing_is_painted_outside_the_lips(inside: Interior, frames: list[Exemplar]) -> None:
    wanted = mouths.wanted(frames, 0.12)
    layer = layer_of(inside, wanted)
    assert layer.left >= 0
    assert layer.top >= 0
    changed = np.argwhere(np.abs(over(layer, wanted.image) - wanted.image).max(axis=-1) > 3)
    rims = wanted.opening.points[np.r_[INNER_UPPER, INNER_LOWER], :2]
    assert changed[:, 1].min() >= rims[:, 0].min() - 2
    assert changed[:, 1].max() <= rims[:, 0].max() + 2
    assert changed[:, 0].min() >= rims[:, 1].min() - 2
    assert changed[:, 0].max() <= rims[:, 1].max() + 2


def test_an_opening_beside_the_picture_paints_nothing(inside: Interior, frames: list[Exemplar]) -> None:
    wanted = mouths.wanted(frames, 0.12, x=-400.0)
    assert inside.layer(wanted.opening, wanted.image) is None


def test_frames_that_are_as_far_open_tell_what_is_inside(inside: Interior, frames: list[Exemplar]) -> None:
    wanted = mouths.wanted(frames, 0.12)
    opened = np.argsort([frame.gap for frame in frames])
    narrow = next(int(row) for row in opened if frames[row].gap > 0.045)
    wide = int(np.argmin([abs(frame.gap - 0.12) for frame in frames]))

    def seen_by(rows: list[int]) -> NDArray[np.float64]:
        shares = np.full(len(rows), 1 / len(rows), np.float32)
        asked = replace(wanted.opening, exemplars=np.array(rows, np.int32), shares=shares)
        layer = inside.layer(asked, wanted.image)
        assert layer is not None
        return np.asarray(layer.colour, np.float64)

    both, alike, unlike = (seen_by(rows) for rows in ([narrow, wide], [wide], [narrow]))
    assert np.abs(both - alike).mean() < 0.5 * np.abs(both - unlike).mean()


def test_the_middle_of_an_open_mouth_is_covered(inside: Interior, frames: list[Exemplar]) -> None:
    wanted = mouths.wanted(frames, 0.12)
    layer = layer_of(inside, wanted)
    x, y = wanted.opening.points[[13, 14], :2].mean(axis=0)
    assert layer.alpha[round(y) - layer.top, round(x) - layer.left] > 0.98


def test_the_drawn_frame_comes_back(inside: Interior, frames: list[Exemplar]) -> None:
    gap = 0.13
    wanted = mouths.wanted(frames, gap)
    true = mouths.draw(mouths.open_face(gap), mouths.pose_of())
    made = over(layer_of(inside, wanted), wanted.image)
    mask = np.abs(true.astype(float) - wanted.image).max(axis=-1) > 0
    mask |= np.abs(made - wanted.image).max(axis=-1) > 1
    error = (made - true)[mask]
    assert 10 * np.log10(255**2 / np.mean(error**2)) > 20


def test_the_number_of_teeth_does_not_change_while_the_mouth_opens(inside: Interior, frames: list[Exemplar]) -> None:
    counts = []
    for gap in np.linspace(0.10, 0.16, 13):
        wanted = mouths.wanted(frames, float(gap))
        made = over(layer_of(inside, wanted), wanted.image)
        counts.append(count_teeth(profile(made, wanted.opening, 0.008)))
    assert len(set(counts)) == 1
    assert counts[0] == pytest.approx(0.30 / mouths.TOOTH_WIDTH, abs=1)


def test_teeth_move_with_the_head(inside: Interior, frames: list[Exemplar]) -> None:
    here = mouths.wanted(frames, 0.13)
    there = mouths.wanted(frames, 0.13, x=mouths.SIDE_PX / 2 + 7, y=23.0)
    one, other = layer_of(inside, here), layer_of(inside, there)
    assert (other.left - one.left, other.top - one.top) == (7, 3)
    assert other.colour == pytest.approx(one.colour, abs=1.0)


def test_teeth_stay_with_the_skull_while_jaw_and_lip_sink(inside: Interior, frames: list[Exemplar]) -> None:
    bright = []
    for lip in (0.0, 0.02, 0.04):
        wanted = mouths.wanted(frames, 0.13, lip=lip)
        made = over(layer_of(inside, wanted), wanted.image)
        bright.append(profile(made, wanted.opening, 0.005))
    dark = [np.argmin(line[40:60]) for line in bright]
    assert max(dark) - min(dark) <= 1
    assert np.corrcoef(bright[0], bright[-1])[0, 1] > 0.97


def test_the_same_question_has_the_same_answer_in_any_order(inside: Interior, frames: list[Exemplar]) -> None:
    asked = [mouths.wanted(frames, gap, yaw=yaw) for gap, yaw in ((0.05, 0.0), (0.12, 4.0), (0.09, -4.0))]
    first = [layer_of(inside, wanted) for wanted in asked]
    again = [layer_of(inside, wanted) for wanted in reversed(asked)][::-1]
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one.colour, other.colour)
        assert np.array_equal(one.alpha, other.alpha)


def test_teeth_are_hidden_while_the_frames_around_hide_them(frames: list[Exemplar], appearance: Appearance) -> None:
    hidden = mouths.exemplar(len(frames), 0.13, teeth=False)
    inside = person_interior([*frames, hidden], mouths.neutral_face(), appearance)
    shown = mouths.wanted(frames, 0.13)
    rows = np.array([len(frames)], np.int32)
    without = replace(shown.opening, exemplars=rows, shares=np.ones(1, np.float32))
    bright = profile(over(layer_of(inside, shown), shown.image), shown.opening, 0.005).mean()
    layer = inside.layer(without, shown.image)
    assert layer is not None
    assert profile(over(layer, shown.image), without, 0.005).mean() < bright - 40


def test_less_light_on_the_face_is_less_light_in_the_mouth(inside: Interior, frames: list[Exemplar]) -> None:
    wanted = mouths.wanted(frames, 0.13)
    dim = inside.layer(mouths.at_skin(wanted, mouths.SKIN * 0.6), wanted.image)
    bright = layer_of(inside, wanted)
    assert dim is not None
    assert dim.colour.mean() == pytest.approx(0.6 * bright.colour.mean(), rel=0.05)


def test_teeth_are_never_blue(inside: Interior, frames: list[Exemplar]) -> None:
    for gap in (0.02, 0.05, 0.13):
        layer = layer_of(inside, mouths.wanted(frames, gap))
        seen = layer.colour[layer.alpha > 0.5]
        assert (seen[:, 2] <= seen[:, 0] + 1).all()


def test_nothing_jumps_while_the_mouth_opens(inside: Interior, frames: list[Exemplar]) -> None:
    before = None
    for gap in np.linspace(0.004, 0.16, 40):
        wanted = mouths.wanted(frames, float(gap))
        steady = replace(wanted.opening, exemplars=np.array([2], np.int32), shares=np.ones(1, np.float32))
        layer = inside.layer(steady, wanted.image)
        made = over(layer, wanted.image) if layer else wanted.image.astype(float)
        if before is not None:
            assert np.abs(made - before).mean() < 1.5
        before = made


def test_a_drawn_inside_follows_the_size_of_the_face(appearance: Appearance) -> None:
    inside = DrawnInterior(mouths.neutral_face(), appearance, seed=1)
    near, far = mouths.wanted([], 0.12), mouths.wanted([], 0.12, scale=mouths.UNIT_PX / 2)
    large, small = layer_of(inside, near), layer_of(inside, far)
    assert small.alpha.sum() == pytest.approx(large.alpha.sum() / 4, rel=0.2)


def test_a_drawn_inside_is_as_bright_as_the_light_on_the_face(appearance: Appearance) -> None:
    inside = DrawnInterior(mouths.neutral_face(), appearance, seed=1)
    wanted = mouths.wanted([], 0.12)
    dim = inside.layer(mouths.at_skin(wanted, appearance.skin * 0.5), wanted.image)
    assert dim is not None
    full = inside.layer(mouths.at_skin(wanted, appearance.skin), wanted.image)
    assert full is not None
    assert dim.colour.mean() == pytest.approx(0.5 * full.colour.mean(), rel=0.02)
