"""Phoneme and word times: arithmetic, and against a forced alignment of the sound."""

import numpy as np
import pytest
from evaluate_word_times import HELD_OUT, word_start_errors_s
from hypothesis import given
from hypothesis import strategies as st

from lipwright.speech import timing
from lipwright.speech.tokens import Token
from lipwright.speech.tts.hibari import Hibari
from lipwright.speech.tts.kokoro import Kokoro


def symbols(*parts: tuple[str, float]) -> list[timing.Symbol]:
    """Symbols of one word, one after the other."""
    placed, clock_s = [], 0.0
    for text, length_s in parts:
        placed.append(timing.Symbol(text, 0, clock_s, clock_s + length_s))
        clock_s += length_s
    return placed


def phones(*parts: tuple[str, float]) -> list[tuple[str, float, float]]:
    return [(p.text, round(p.start_s, 6), round(p.end_s, 6)) for p in timing.join_phones(symbols(*parts))]


def test_durations_become_times() -> None:
    placed = timing.time_symbols("ab", [0, 0], np.array([4, 2, 3, 5], np.float32))
    first = 4 * timing.FRAME_S - timing.LATE_S
    assert [p.text for p in placed] == ["a", "b"]
    assert placed[0].start_s == pytest.approx(first)
    assert placed[1].start_s == pytest.approx(first + 0.05)
    assert placed[1].end_s == pytest.approx(first + 0.125)


def test_stress_joins_the_sound_behind_it_and_length_the_sound_before() -> None:
    assert phones(("ˈ", 0.02), ("ɑ", 0.1), ("ː", 0.05), ("ʧ", 0.1)) == [("ɑː", 0.0, 0.17), ("tʃ", 0.17, 0.27)]


def test_nasal_vowel_is_one_phone() -> None:
    assert phones(("b", 0.05), ("ɔ", 0.1), ("\u0303", 0.05)) == [("b", 0.0, 0.05), ("ɔ\u0303", 0.05, 0.2)]


def test_short_space_is_shared_and_long_one_is_silence() -> None:
    assert phones(("a", 0.1), (" ", 0.05), ("b", 0.1)) == [("a", 0.0, 0.125), ("b", 0.125, 0.25)]
    assert phones(("a", 0.1), (" ", 0.125), ("b", 0.1)) == [("a", 0.0, 0.175), ("b", 0.175, 0.325)]
    assert phones(("a", 0.1), (" ", 0.01), ("b", 0.1)) == [("a", 0.0, 0.11), ("b", 0.11, 0.21)]
    assert phones(("a", 0.1), (" ", 0.2), ("b", 0.1)) == [("a", 0.0, 0.1), ("b", 0.3, 0.4)]


def test_punctuation_is_silence() -> None:
    assert phones(("a", 0.1), (",", 0.2), (" ", 0.05), ("b", 0.1)) == [("a", 0.0, 0.1), ("b", 0.35, 0.45)]


def test_word_without_sound_joins_its_neighbour() -> None:
    tokens = [Token(text, 0, 0, ()) for text in ("—", "one", "-", "two")]
    said = [timing.Symbol("a", 1, 0.1, 0.2), timing.Symbol("b", 3, 0.3, 0.4)]
    assert [word.text for word in timing.to_words(tokens, said)] == ["— one -", "two"]


@given(st.lists(st.floats(0, 0.4), min_size=1, max_size=12), st.floats(0.05, 3))
def test_clipped_phones_keep_their_order_and_a_length(lengths: list[float], end_s: float) -> None:
    placed = symbols(*(("a", length) for length in lengths))
    clipped = timing.clip_phones(placed, 0.0, end_s)
    times = [t for p in clipped for t in (p.start_s, p.end_s)]
    assert len(clipped) == len(placed)
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= end_s + 1e-9
    assert all(p.end_s - p.start_s > 0.0009 for p in clipped)


@pytest.mark.parametrize(("voice", "count"), [("heart", 8), ("am_michael", 4), ("bf_emma", 4)])
def test_word_starts_are_within_20_ms_on_average(voice: str, count: int, kokoro: Kokoro) -> None:
    """On sentences that no constant was chosen on; the script that is imported measures every voice."""
    engine = Hibari() if voice == "heart" else kokoro
    sentences = HELD_OUT[:count]
    errors_s = np.abs(word_start_errors_s(engine, voice, sentences))
    assert len(errors_s) == len(" ".join(sentences).split())
    assert errors_s.mean() <= 0.020
    assert np.percentile(errors_s, 90) <= 0.050
