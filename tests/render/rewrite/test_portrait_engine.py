"""The engine `portrait`: a mouth that never moved learns to speak."""

import numpy as np
import pytest

from lipwright.motion.shapes import load_shape_basis
from lipwright.render.lipsync.base import LipSyncSession
from lipwright.render.rewrite.portrait_engine import PortraitLipSync
from support.rewriting import Talker, drawn_gaps, window_of

GAPS = 0.065 * (1 - np.cos(np.arange(24) * 2 * np.pi / 12))


@pytest.fixture(scope="module")
def session(mute: Talker) -> LipSyncSession:
    return PortraitLipSync(load_shape_basis()).begin(mute.frames)


def test_a_mouth_that_never_moved_speaks(mute: Talker, session: LipSyncSession) -> None:
    drawn = list(session.render(window_of(iter(mute.frames), GAPS)))
    asked, found = np.array([face.gap for face in drawn]), drawn_gaps(drawn)
    assert np.isfinite(found).all()
    assert np.corrcoef(asked, found)[0, 1] > 0.95
    assert found[asked == 0].max() < 0.015


def test_an_open_mouth_is_shut_first(talker: Talker) -> None:
    session = PortraitLipSync(load_shape_basis()).begin(talker.frames)
    found = drawn_gaps(list(session.render(window_of(iter(talker.frames[:18]), np.zeros(18)))))
    assert found.mean() < 0.006


def test_weight_zero_gives_back_every_pixel(mute: Talker, session: LipSyncSession) -> None:
    drawn = list(session.render(window_of(mute.weighted(np.zeros(3)), np.full(3, 0.1))))
    for before, after in zip(mute.frames, drawn, strict=False):
        np.testing.assert_array_equal(after.image, before.image)


def test_the_same_window_gives_the_same_pixels(mute: Talker, session: LipSyncSession) -> None:
    once, again = (
        [face.image.tobytes() for face in session.render(window_of(iter(mute.frames), GAPS))] for _ in range(2)
    )
    assert once == again
