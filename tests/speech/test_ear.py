"""What Whisper's encoder makes of sound: one state for each 20 ms, the same every time."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.speech.ear import STATE_SIZE, Ear


@pytest.fixture(scope="module")
def ear() -> Ear:
    return Ear()


def tone(seconds: float) -> NDArray[np.float32]:
    return np.asarray(0.1 * np.sin(np.arange(round(seconds * 16_000)) * 0.2), np.float32)


def test_there_is_a_state_for_each_20_ms(ear: Ear) -> None:
    assert ear.hear(tone(1.0)).shape == (50, STATE_SIZE)


def test_same_sound_is_heard_the_same_by_every_ear(ear: Ear) -> None:
    np.testing.assert_array_equal(ear.hear(tone(2.0)), Ear().hear(tone(2.0)))


@pytest.mark.parametrize("samples", [0, 100, 31 * 16_000])
def test_pieces_that_it_cannot_hear_at_once_are_refused(ear: Ear, samples: int) -> None:
    with pytest.raises(ValueError, match="whole frames of 320"):
        ear.hear(np.zeros(samples, np.float32))
