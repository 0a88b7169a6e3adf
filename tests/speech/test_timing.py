"""Phoneme and word times: arithmetic, and against a forced alignment of the sound."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketsphinx import Decoder

from lipwright.contracts.speech import Speech
from lipwright.media.audio import resample
from lipwright.speech import timing
from lipwright.speech.tokens import Token
from lipwright.speech.tts.hibari import Hibari
from lipwright.speech.tts.kokoro import Kokoro

SENTENCES = (
    "The new program translates training videos into many languages within a few minutes.",
    "Please send the report to the finance team before the end of Thursday.",
    "Peter bought six big maps from my mother.",
)


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
    assert phones(("a", 0.1), (" ", 0.1), ("b", 0.1)) == [("a", 0.0, 0.15), ("b", 0.15, 0.3)]
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


def aligned_starts_s(speech: Speech) -> list[float]:
    """Word starts that a speech recogniser finds when told the words."""
    samples = np.concatenate(list(resample([speech.samples], speech.sample_rate_hz, 16_000)))
    decoder = Decoder(lm=None, loglevel="FATAL", samprate=16_000)
    decoder.set_align_text(" ".join(re.findall(r"[a-z']+", speech.text.lower())))
    decoder.start_utt()
    decoder.process_raw((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    return [segment.start_frame / 100 for segment in decoder.seg() if segment.word[0] not in "<(["]


@pytest.mark.parametrize("voice", ["heart", "af_heart", "bf_emma"])
def test_word_starts_are_within_20_ms_on_average(voice: str, kokoro: Kokoro) -> None:
    engine = Hibari() if voice == "heart" else kokoro
    errors_s = []
    for sentence in SENTENCES:
        speech = engine.speak(sentence, voice)
        starts_s = aligned_starts_s(speech)
        assert len(starts_s) == len(speech.words)
        errors_s += [abs(word.start_s - start_s) for word, start_s in zip(speech.words, starts_s, strict=True)]
    assert np.mean(errors_s) <= 0.020
    assert np.percentile(errors_s, 90) <= 0.050
