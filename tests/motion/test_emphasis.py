"""Loud and long vowels stand out."""

import numpy as np
import pytest

from lipwright.contracts.speech import Phoneme, Speech
from lipwright.motion.emphasis import accents_of, emphasis_in, phone_emphasis

RATE = 24_000


def speech_of(*phones: tuple[str, float, float]) -> Speech:
    """Phones with a length in seconds and a loudness; a tone of that loudness is the sound."""
    samples: list[np.ndarray] = []
    phonemes: list[Phoneme] = []
    now_s = 0.0
    for symbol, length_s, loudness in phones:
        count = round(length_s * RATE)
        samples.append(loudness * np.sin(np.arange(count) * 0.05))
        phonemes.append(Phoneme(symbol, now_s, now_s + length_s))
        now_s += length_s
    return Speech("", "en-US", np.concatenate(samples).astype(np.float32), RATE, tuple(phonemes), ())


def test_equal_vowels_and_all_consonants_are_usual() -> None:
    emphasis = phone_emphasis(speech_of(("a", 0.1, 0.2), ("t", 0.1, 0.9), ("a", 0.1, 0.2), ("a", 0.1, 0.2)))
    np.testing.assert_allclose(emphasis, 0.5, atol=0.01)
    assert emphasis.dtype == np.float32


def test_louder_and_longer_vowels_are_stronger() -> None:
    emphasis = phone_emphasis(
        speech_of(("a", 0.1, 0.2), ("a", 0.1, 0.4), ("a", 0.2, 0.2), ("a", 0.1, 0.1), ("a", 0.1, 0.2))
    )
    assert emphasis[1] == pytest.approx(0.8, abs=0.02)  # 6 dB
    assert emphasis[2] == pytest.approx(0.7, abs=0.02)  # twice as long
    assert emphasis[3] == pytest.approx(0.2, abs=0.02)


def test_silent_vowel_is_weak_and_finite() -> None:
    emphasis = phone_emphasis(speech_of(("a", 0.1, 0.2), ("a", 0.1, 0.0), ("a", 0.1, 0.2)))
    assert emphasis[1] == 0.0


def test_sentence_without_vowels_is_usual() -> None:
    np.testing.assert_array_equal(phone_emphasis(speech_of(("s", 0.2, 0.1))), [0.5])


def test_accents_are_the_strongest_vowels_and_keep_their_distance() -> None:
    phonemes = [Phoneme("a", i * 0.3, i * 0.3 + 0.2) for i in range(6)]
    accents = accents_of(phonemes, [0.5, 0.7, 0.9, 0.7, 0.4, 0.8], least=0.6, apart_s=0.7)
    assert [round(accent.time_s, 2) for accent in accents] == [0.7, 1.6]
    assert [accent.strength for accent in accents] == [0.9, 0.8]


def test_of_equal_vowels_the_first_is_the_accent() -> None:
    phonemes = [Phoneme("a", i * 0.3, i * 0.3 + 0.2) for i in range(3)]
    assert [round(a.time_s, 2) for a in accents_of(phonemes, [0.8] * 3, least=0.6, apart_s=1.0)] == [0.1]


@pytest.mark.parametrize("chunk", [137, 100_000])
def test_recording_has_the_emphasis_of_the_sentence(chunk: int) -> None:
    speech = speech_of(("a", 0.1, 0.2), ("t", 0.1, 0.9), ("a", 0.1, 0.4), ("a", 0.2, 0.2), ("a", 0.1, 0.2))
    chunks = [speech.samples[at : at + chunk] for at in range(0, len(speech.samples), chunk)]
    emphasis = emphasis_in(chunks, RATE, speech.phonemes)
    np.testing.assert_allclose(emphasis, phone_emphasis(speech), atol=0.02)
    assert emphasis.dtype == np.float32


def test_vowels_are_compared_with_those_around_them() -> None:
    quiet, loud = [("a", 0.1, 0.02)] * 200, [("a", 0.1, 0.5)] * 200
    speech = speech_of(*quiet, *loud)
    emphasis = emphasis_in([speech.samples], RATE, speech.phonemes)
    np.testing.assert_allclose(emphasis[[10, 60, 340, 390]], 0.5, atol=0.02)


def test_recording_without_phones_has_no_emphasis() -> None:
    assert emphasis_in([], RATE, ()).shape == (0,)
