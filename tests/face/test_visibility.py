from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.face.features import FaceFeatures
from lipwright.face.visibility import COVERED, CUT_OFF, NO_FACE, TOO_SMALL, TURNED_AWAY, covered, visibility
from support.rows import face_rows

FPS = Fraction(25)


def weighed(features: FaceFeatures, enters: bool = False, leaves: bool = False) -> NDArray[np.float32]:
    return visibility(features, FPS, enters=enters, leaves=leaves).weight


def test_a_clear_face_has_full_weight_in_all_frames() -> None:
    assert weighed(face_rows(40)).min() == 1


def test_a_face_that_enters_and_leaves_is_eased() -> None:
    weight = weighed(face_rows(40), enters=True, leaves=True)
    np.testing.assert_array_equal(weight, weight[::-1])
    assert 0 < weight[0] < 0.1
    assert weight[5:35].min() == 1
    assert np.diff(weight[:6]).min() > 0


def test_a_gap_is_left_and_entered_smoothly() -> None:
    features = face_rows(60)
    features.values[25:30] = np.nan
    features.values[25:30, 0] = 0
    seen = visibility(features, FPS, enters=False, leaves=False)
    assert set(np.flatnonzero(seen.weight == 0)) == set(range(25, 30))
    assert set(seen.reason[25:30]) == {NO_FACE}
    assert np.abs(np.diff(seen.weight)).max() < 0.35
    assert seen.weight[:19].min() == 1


def test_a_head_at_the_edge_of_turning_away_does_not_flap() -> None:
    away = np.full(80, 20.0)
    away[20:60] = 43 + 2.9 * (-1.0) ** np.arange(40)
    seen = visibility(face_rows(80, away_degrees=away), FPS, enters=False, leaves=False)
    assert set(seen.reason[20:60]) == {TURNED_AWAY}
    assert set(seen.reason[60:]) == {0}


def test_a_face_that_comes_nearer_is_drawn_from_64_px_on_and_given_up_below_56() -> None:
    width = np.concatenate([np.linspace(50, 80, 31), np.linspace(80, 50, 31)])
    seen = visibility(face_rows(62, width_px=width), FPS, enters=False, leaves=False)
    usable = width[seen.reason == 0]
    assert usable[0] == pytest.approx(64)
    assert usable[-1] == pytest.approx(56)
    assert set(seen.reason) == {0, TOO_SMALL}


def test_a_mouth_that_leaves_the_frame_is_left_alone() -> None:
    inside = np.concatenate([np.linspace(1, -0.3, 40), np.linspace(-0.3, 1, 40)])
    seen = visibility(face_rows(80, lips_inside=inside), FPS, enters=False, leaves=False)
    usable = inside[seen.reason == 0]
    assert set(seen.reason) == {0, CUT_OFF}
    assert usable.min() > 0.02


def test_a_hand_before_the_mouth_is_told_by_its_colour() -> None:
    features = face_rows(100, grain=2.0)
    features.look[40:60, 1:3] = features.look[40:60, :1]
    seen = visibility(features, FPS, enters=False, leaves=False)
    assert set(np.flatnonzero(seen.reason == COVERED)) == set(range(40, 60))
    assert covered(features, FPS)[:40].max() < 1


def test_light_that_changes_slowly_covers_nothing() -> None:
    features = face_rows(3000, grain=2.0)
    features.look[:, :, 1:] += np.linspace(0, 60, 3000)[:, None, None] * np.array([[0], [1], [1], [0], [0]])
    assert COVERED not in visibility(features, FPS, enters=False, leaves=False).reason


def test_a_moment_between_two_turns_is_left_alone() -> None:
    away = np.full(40, 60.0)
    away[:10] = away[30:] = 10
    away[18:22] = 10
    seen = visibility(face_rows(40, away_degrees=away), FPS, enters=False, leaves=False)
    assert set(seen.reason[10:30]) == {TURNED_AWAY}


@given(
    st.lists(st.sampled_from(["clear", "gone", "small", "away"]), min_size=1, max_size=80), st.booleans(), st.booleans()
)
def test_weights_never_jump_and_reasons_say_why(kinds: list[str], enters: bool, leaves: bool) -> None:
    features = face_rows(len(kinds))
    for frame, kind in enumerate(kinds):
        if kind == "gone":
            features.values[frame] = np.nan
            features.values[frame, 0] = 0
        features.width_px[frame] = 30 if kind == "small" else features.width_px[frame]
        features.away_degrees[frame] = 70 if kind == "away" else features.away_degrees[frame]
    seen = visibility(features, FPS, enters=enters, leaves=leaves)
    assert np.abs(np.diff(seen.weight)).max(initial=0) < 0.35
    assert ((seen.weight == 0) == (seen.reason != 0)).all()
    assert not seen.weight[[kind != "clear" for kind in kinds]].any()
    if enters:
        assert seen.weight[0] < 0.1
    if leaves:
        assert seen.weight[-1] < 0.1
