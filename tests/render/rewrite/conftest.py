"""One filmed talker for all tests of the rewriting engines."""

import numpy as np
import pytest

from lipwright.motion.shapes import load_shape_basis
from lipwright.render.lipsync.base import LipSyncSession
from lipwright.render.portrait.portrait import Portrait
from lipwright.render.rewrite.bank import Bank, build_bank
from lipwright.render.rewrite.engine import Rewrite
from support.rewriting import Talker, filmed


@pytest.fixture(scope="session")
def portrait(sitter: object) -> Portrait:
    drawn = sitter.portrait  # type: ignore[attr-defined]
    assert isinstance(drawn, Portrait)
    return drawn


@pytest.fixture(scope="session")
def talker(portrait: Portrait) -> Talker:
    """Two seconds of syllables, some of which begin with closed lips."""
    time = np.arange(48)
    beat = np.abs(np.sin(time * np.pi / 9)) * (0.6 + 0.4 * np.sin(time / 5))
    return filmed(portrait, np.where(beat < 0.2, 0.0, 0.13 * beat))


@pytest.fixture(scope="session")
def mute(portrait: Portrait) -> Talker:
    """A second in which the mouth stays shut."""
    return filmed(portrait, np.zeros(24))


@pytest.fixture(scope="session")
def bank(talker: Talker) -> Bank:
    return build_bank(talker.frames, load_shape_basis())


@pytest.fixture(scope="session")
def session(talker: Talker) -> LipSyncSession:
    return Rewrite(load_shape_basis()).begin(talker.frames)
