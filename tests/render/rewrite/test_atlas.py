import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.render.rewrite.atlas import TeethAtlas
from lipwright.render.rewrite.atlas_align import Drift, align
from lipwright.render.rewrite.atlas_place import Rest
from lipwright.render.rewrite.atlas_row import relight_features
from lipwright.render.rewrite.atlas_sheet import Sheet
from lipwright.render.rewrite.exemplar import Exemplar
from lipwright.render.rewrite.measure import turn_of
from support import drawn_mouths as mouths


@pytest.fixture(scope="module")
def frames() -> list[Exemplar]:
    return mouths.talk()


@pytest.fixture(scope="module")
def atlas(frames: list[Exemplar]) -> TeethAtlas:
    built = TeethAtlas.build(frames, mouths.neutral_face())
    assert built is not None
    return built


def test_fewer_than_five_open_mouths_make_no_atlas(frames: list[Exemplar]) -> None:
    shut = [frame for frame in frames if frame.gap < 0.03]
    opened = [frame for frame in frames if frame.gap > 0.05]
    assert TeethAtlas.build([*shut, *opened[:4]], mouths.neutral_face()) is None
    assert TeethAtlas.build([], mouths.neutral_face()) is None


def test_the_row_ends_where_the_teeth_were_drawn(atlas: TeethAtlas) -> None:
    row, sheet = atlas.model.row, atlas.model.sheet
    assert row is not None
    place = row.expected(mouths.neutral_face(), row.rest.turn)
    x, y = sheet.places()
    for number in range(2, 6):
        middle = (number - mouths.TOOTH_COUNT / 2 + 0.5) * mouths.TOOTH_WIDTH
        column = row.row.picture[:, int(np.argmin(np.abs(x - middle))), 3]
        assert y[np.flatnonzero(column > 0.5)[-1]] + place[1] == pytest.approx(mouths.EDGE_Y, abs=0.008)


def test_teeth_have_the_colour_that_they_were_drawn_in(atlas: TeethAtlas) -> None:
    row, sheet = atlas.model.row, atlas.model.sheet
    assert row is not None
    x, y = sheet.places()
    tooth = int(np.argmin(np.abs(x - mouths.TOOTH_WIDTH / 2)))
    seen = row.row.picture[int(np.argmin(np.abs(y - 0.5 * mouths.EDGE_Y))), tooth, :3]
    assert seen == pytest.approx(mouths.TOOTH, abs=22)


def test_gaps_between_teeth_go_on_up_to_the_gum(atlas: TeethAtlas) -> None:
    row, sheet = atlas.model.row, atlas.model.sheet
    assert row is not None
    x, y = sheet.places()
    hidden = row.row.picture[int(np.argmin(np.abs(y + 0.03))), :, :3].mean(axis=-1)
    tooth = hidden[int(np.argmin(np.abs(x - 1.5 * mouths.TOOTH_WIDTH)))]
    between = hidden[np.abs(x - mouths.TOOTH_WIDTH) < 0.008].min()
    assert between < tooth - 15


def test_a_mouth_that_never_showed_teeth_has_no_row() -> None:
    built = TeethAtlas.build(mouths.talk(teeth=False), mouths.neutral_face())
    assert built is not None
    assert built.model.row is None
    assert "not seen" in built.note


def test_the_cavity_is_as_dark_as_it_was_drawn(atlas: TeethAtlas) -> None:
    middle = atlas.model.cavity.at(0.12)[4:8, 5:11].mean(axis=(0, 1))
    assert middle == pytest.approx(mouths.CAVITY, abs=20)


def test_the_same_frames_make_the_same_atlas(frames: list[Exemplar], atlas: TeethAtlas) -> None:
    again = TeethAtlas.build(frames, mouths.neutral_face())
    assert again is not None
    assert again.model.row is not None
    assert atlas.model.row is not None
    assert np.array_equal(again.model.row.row.picture, atlas.model.row.row.picture)
    assert np.array_equal(again.model.row.drift.weights, atlas.model.row.drift.weights)
    assert np.array_equal(again.evidence.behind, atlas.evidence.behind)
    assert np.array_equal(again.evidence.light, atlas.evidence.light)


def test_a_frame_without_teeth_says_that_they_are_hidden(frames: list[Exemplar]) -> None:
    hidden = mouths.exemplar(len(frames), 0.12, teeth=False)
    built = TeethAtlas.build([*frames, hidden], mouths.neutral_face())
    assert built is not None
    open_ones = [n for n, frame in enumerate(frames) if frame.gap > 0.1]
    assert built.evidence.presence[-1] < 0.1
    assert built.evidence.presence[open_ones].min() > 0.9


def test_a_darker_frame_is_brought_to_the_same_light(frames: list[Exemplar], atlas: TeethAtlas) -> None:
    dim = [*frames[:-6], *(mouths.exemplar(frame.number, frame.gap, light=0.7) for frame in frames[-6:])]
    built = TeethAtlas.build(dim, mouths.neutral_face())
    assert built is not None
    assert built.model.light.tooth == pytest.approx(atlas.model.light.tooth, rel=0.06)


def test_what_the_camera_sees_of_the_sheet_comes_back_to_its_place() -> None:
    sheet = Sheet.behind(mouths.neutral_face(), mouths.UNIT_PX)
    pose = mouths.pose_of(yaw=12)
    face = mouths.open_face(0.12)
    flat = sheet.rectify(mouths.draw(face, pose), pose, np.zeros(2))
    x, y = sheet.places()
    row = int(np.argmin(np.abs(y - 0.012)))
    brightness = flat[row].mean(axis=-1)
    for number in range(2, 6):
        middle = (number - mouths.TOOTH_COUNT / 2 + 0.5) * mouths.TOOTH_WIDTH
        edge = middle + mouths.TOOTH_WIDTH / 2
        assert brightness[int(np.argmin(np.abs(x - middle)))] > brightness[np.abs(x - edge) < 0.004].min() + 20


@settings(max_examples=20, deadline=None)
@given(x=st.floats(-6, 6), y=st.floats(-6, 6))
def test_a_moved_row_is_found_to_a_third_of_a_pixel(x: float, y: float) -> None:
    across, down = np.meshgrid(np.arange(120), np.arange(60))

    def row(at_x: float, at_y: float) -> np.ndarray:
        teeth = 120 + 60 * np.sin((across - at_x) / 2.3) + 30 * np.sin((across - at_x) / 7.1)
        return (teeth / (1 + np.exp(((down - at_y) - 30) / 1.5))).astype(np.float32)

    zone = np.zeros((60, 120), np.float32)
    zone[10:50, 10:110] = 1
    found = align(np.stack([row(0, 0), row(x, y)]), np.stack([zone, zone]), np.array([2.0, 1.0]), 240.0, (0.035, 0.035))
    apart = found.shift[1] - found.shift[0]
    assert apart == pytest.approx([x, y], abs=0.34)
    assert found.score[1] > 0.9


def test_a_rule_is_learnt_in_spite_of_wrong_frames() -> None:
    random = np.random.default_rng(3)
    features = np.concatenate([np.ones((80, 1)), random.standard_normal((80, 2))], axis=1)
    truth = np.array([[0.01, -0.02], [0.03, 0.0], [0.0, 0.05]])
    offsets = features @ truth
    offsets[::9] += 0.2
    rule = Drift.learn(features, offsets)
    assert rule is not None
    assert rule.offset(np.array([1.0, 0.5, -0.5])) == pytest.approx(np.array([1.0, 0.5, -0.5]) @ truth, abs=0.006)


def test_four_frames_teach_no_rule() -> None:
    assert Drift.learn(np.ones((4, 1)), np.zeros((4, 2))) is None


def test_teeth_follow_the_nose_and_not_the_jaw() -> None:
    neutral = mouths.neutral_face()
    rest = Rest(neutral, turn_of(mouths.pose_of()))
    opened = mouths.open_face(0.15, lip=0.05)
    assert np.array_equal(rest.features(opened, rest.turn), rest.features(neutral, rest.turn))


def test_shade_does_not_change_any_more_right_at_the_lips() -> None:
    lips = np.stack([np.linspace(-0.2, 0.2, 11), np.full(11, -0.05), np.full(11, 0.05)], axis=1)
    at_rim, below = relight_features(np.zeros(2), np.array([-0.05, -0.043]), lips, 0.0)
    assert np.array_equal(at_rim[:3], below[:3])
