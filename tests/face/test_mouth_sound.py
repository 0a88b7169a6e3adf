from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.face.mouth_sound import mouth_evidence
from support.rows import face_rows, loudness

FPS = Fraction(25)
RATE_HZ = 16_000


def syllables(seconds: float, seed: int) -> NDArray[np.float64]:
    """How wide a mouth is open in speech with pauses, 0 to 1, per frame."""
    random = np.random.default_rng(seed)
    count = round(seconds * FPS)
    phase = np.cumsum(2 * np.pi * random.uniform(3, 6, count) / float(FPS))
    talks = np.repeat(random.random(count // 12 + 1) < 0.6, 12)[:count]
    return np.asarray(talks * (0.5 - 0.5 * np.cos(phase)))


def voice_of(opening: NDArray[np.float64]) -> NDArray[np.float32]:
    loud = np.repeat(opening, RATE_HZ // 25)
    return (0.3 * loud * np.random.default_rng(0).standard_normal(len(loud))).astype(np.float32)


def evidence_of(mouth: NDArray[np.float64], sound: NDArray[np.float32] | None, widest: float = 0.2) -> float:
    count = len(mouth)
    energy = None if sound is None else loudness(sound, RATE_HZ // 25, count)
    return mouth_evidence(face_rows(count, gap=widest * mouth), np.ones(count, bool), energy, FPS).speaks


@pytest.mark.parametrize("seed", range(6))
def test_the_mouth_that_made_the_sound_has_more_evidence_than_another_that_speaks(seed: int) -> None:
    mine, other = syllables(8, seed), syllables(8, seed + 100)
    sound = voice_of(mine)
    assert evidence_of(mine, sound) > evidence_of(other, sound) + 0.1


def test_a_sound_that_comes_a_little_late_still_belongs_to_the_mouth() -> None:
    mouth = syllables(8, 3)
    late = np.concatenate([np.zeros(round(0.12 * RATE_HZ), np.float32), voice_of(mouth)])
    assert evidence_of(mouth, late) > 0.8


def test_a_mouth_that_rests_never_speaks() -> None:
    mouth = syllables(8, 4)
    assert evidence_of(mouth, voice_of(mouth), widest=0.02) == 0


def test_without_a_sound_that_tells_something_only_the_movement_counts() -> None:
    mouth = syllables(8, 5)
    assert evidence_of(mouth, None) == pytest.approx(0.4)
    assert evidence_of(mouth, np.zeros(10, np.float32)) == pytest.approx(0.4)
    assert evidence_of(mouth, voice_of(np.ones(200))) == pytest.approx(0.4)
