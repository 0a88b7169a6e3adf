"""The engine `rewrite`, judged by what its pictures show."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from lipwright.contracts.lipsync import FaceFrame
from lipwright.motion.shapes import load_shape_basis
from lipwright.render.lipsync.base import LipSyncSession
from lipwright.render.rewrite.engine import Rewrite
from lipwright.render.rewrite.session import AHEAD_FRAMES, COMMITTED_FRAMES
from support.rewriting import Talker, drawn_gaps, window_of

GAPS = 0.065 * (1 - np.cos(np.arange(36) * 2 * np.pi / 12))
"""Three syllables, each from closed lips to closed lips."""


def test_lips_part_as_far_as_the_track_says(talker: Talker, session: LipSyncSession) -> None:
    drawn = list(session.render(window_of(talker.weighted(np.ones(36)), GAPS)))
    asked, found = np.array([face.gap for face in drawn]), drawn_gaps(drawn)
    assert len(drawn) == 36
    assert np.isfinite(found).all()
    assert np.corrcoef(asked, found)[0, 1] > 0.95
    assert np.corrcoef(GAPS, asked)[0, 1] > 0.98


def test_closed_lips_meet_although_the_clip_has_them_open(talker: Talker, session: LipSyncSession) -> None:
    drawn = list(session.render(window_of(talker.weighted(np.ones(30)), np.zeros(30))))
    found = drawn_gaps(drawn)
    assert [face.gap for face in drawn] == [0.0] * 30
    assert found.mean() < 0.004
    assert found.max() < 0.012


def test_weight_zero_gives_back_every_pixel(talker: Talker, session: LipSyncSession) -> None:
    drawn = list(session.render(window_of(talker.weighted(np.zeros(5)), np.full(5, 0.1))))
    for before, after in zip(talker.frames, drawn, strict=False):
        np.testing.assert_array_equal(after.image, before.image)
        assert after.image is not before.image


def test_a_little_weight_changes_little(talker: Talker, session: LipSyncSession) -> None:
    change = []
    for weight in (0.02, 0.3, 1.0):
        drawn = next(iter(session.render(window_of(talker.weighted(np.array([weight])), np.array([0.12])))))
        change.append(float(np.abs(drawn.image.astype(int) - talker.frames[0].image).mean()))
    assert change[0] < 0.1 * change[2]
    assert change[0] < change[1] < change[2]


def test_nothing_changes_about_the_eyes_and_beside_the_face(talker: Talker, session: LipSyncSession) -> None:
    drawn = list(session.render(window_of(talker.weighted(np.ones(12)), np.full(12, 0.12))))
    for before, after in zip(talker.frames, drawn, strict=False):
        points = before.points[:468, :2]
        unit = float(np.linalg.norm(points[263] - points[33]))
        may = np.zeros(before.image.shape[:2], np.uint8)
        cv2.fillConvexPoly(may, cv2.convexHull(points[points[:, 1] > points[195, 1]].astype(np.int32)), 1)
        away = cv2.distanceTransform(1 - may, cv2.DIST_L2, 5) / unit
        may[away < 0.7] = 1
        may[: int(points[[145, 374], 1].max())] = 0
        changed = (after.image != before.image).any(axis=2)
        assert changed.any()
        assert not (changed & (may == 0)).any()


def test_the_same_window_gives_the_same_pixels_whatever_came_before(talker: Talker, session: LipSyncSession) -> None:
    def first() -> list[bytes]:
        window = window_of(talker.weighted(np.linspace(0.5, 1, 24)), GAPS[:24])
        return [face.image.tobytes() for face in session.render(window)]

    once = first()
    list(session.render(window_of(talker.weighted(np.ones(10)), np.full(10, 0.05))))
    fresh = Rewrite(load_shape_basis()).begin(talker.frames)
    assert first() == once
    window = window_of(talker.weighted(np.linspace(0.5, 1, 24)), GAPS[:24])
    assert [face.image.tobytes() for face in fresh.render(window)] == once


def test_it_reads_only_a_little_ahead_of_what_it_draws(talker: Talker, session: LipSyncSession) -> None:
    read = 0

    def counted() -> Iterator[FaceFrame]:
        nonlocal read
        for frame in talker.frames:
            read += 1
            yield frame

    faces = session.render(window_of(counted(), np.full(len(talker.frames), 0.05)))
    for drawn, _ in enumerate(faces, 1):
        assert read - drawn < AHEAD_FRAMES + COMMITTED_FRAMES
    assert drawn == len(talker.frames)


def test_a_face_that_the_picture_cuts_off_is_still_drawn(talker: Talker, session: LipSyncSession) -> None:
    whole = talker.frames[0]
    bottom = int(whole.points[17, 1])
    cut = replace(whole, image=np.ascontiguousarray(whole.image[:bottom]))
    drawn = next(iter(session.render(window_of(iter([cut]), np.array([0.1])))))
    assert drawn.image.shape == cut.image.shape
    assert (drawn.image != cut.image).any()


def test_a_face_outside_of_the_picture_changes_nothing(talker: Talker, session: LipSyncSession) -> None:
    whole = talker.frames[0]
    away = replace(whole, points=whole.points + np.array([0, 4000, 0], np.float32))
    drawn = next(iter(session.render(window_of(iter([away]), np.array([0.1])))))
    np.testing.assert_array_equal(drawn.image, whole.image)


def test_one_frame_is_enough_to_begin(talker: Talker) -> None:
    session = Rewrite(load_shape_basis()).begin(talker.frames[:1])
    drawn = list(session.render(window_of(talker.weighted(np.ones(3)), np.array([0.0, 0.06, 0.12]))))
    assert drawn[2].gap > drawn[1].gap > drawn[0].gap == 0


def test_beginning_without_frames_says_so() -> None:
    with pytest.raises(ValueError, match="no frame"):
        Rewrite(load_shape_basis()).begin([])
