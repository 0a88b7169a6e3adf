"""Recordings of any length: heard piece by piece, with no seam between the pieces."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.media.audio import resample
from lipwright.motion.curves import MouthCurves, joined
from lipwright.motion.recording import RecordingToMouth
from lipwright.speech.tts.hibari import Hibari

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def engine() -> RecordingToMouth:
    return RecordingToMouth()


@pytest.fixture(scope="module")
def talk() -> NDArray[np.float32]:
    """21 s of speech: three pieces."""
    said = Hibari().speak("Maybe my brother bought a small blue boat, but nobody saw him before summer.", "heart")
    sound = np.concatenate(list(resample([said.samples], said.sample_rate_hz, RATE_HZ)))
    return np.tile(sound, 21 * RATE_HZ // len(sound) + 1)[: 21 * RATE_HZ]


def heard(engine: RecordingToMouth, sound: NDArray[np.float32], size: int) -> MouthCurves:
    engine.reset()
    return joined([*(engine.push(sound[at : at + size]) for at in range(0, len(sound), size)), engine.finish()])


def test_long_recording_is_the_same_in_chunks_of_any_size(engine: RecordingToMouth, talk: NDArray[np.float32]) -> None:
    whole = heard(engine, talk, len(talk))
    chunked = heard(engine, talk, 33_333)
    assert len(whole) == len(chunked) == 21 * 50
    for name in ("opening", "width", "height", "shut", "awake"):
        np.testing.assert_array_equal(getattr(chunked, name), getattr(whole, name))


def test_what_follows_later_than_four_seconds_changes_nothing(
    engine: RecordingToMouth, talk: NDArray[np.float32]
) -> None:
    """A piece is heard with 2 s beside it."""
    whole = heard(engine, talk, RATE_HZ)
    cut = heard(engine, talk[: 18 * RATE_HZ], RATE_HZ)
    np.testing.assert_array_equal(cut.opening[: 8 * 50], whole.opening[: 8 * 50])


def test_mouth_does_not_jump_where_pieces_meet(engine: RecordingToMouth, talk: NDArray[np.float32]) -> None:
    opening = heard(engine, talk, RATE_HZ).opening
    steps = np.abs(np.diff(opening))
    seams = [400 * piece - 1 for piece in (1, 2)]
    assert steps[seams].max() <= np.quantile(steps, 0.99)


def test_frames_come_as_soon_as_their_piece_is_heard(engine: RecordingToMouth, talk: NDArray[np.float32]) -> None:
    engine.reset()
    frames = [len(engine.push(talk[at : at + RATE_HZ])) for at in range(0, len(talk), RATE_HZ)]
    assert [second for second, count in enumerate(frames, start=1) if count] == [10, 18]
    assert set(frames) == {0, 400}
    engine.reset()
