from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.contracts.speech import Word
from lipwright.media.cues import CueRules, cues_from_words

LETTERS = st.text("abcdefghijklmnopqrstuvwxyzéñßωд.,!?", min_size=1, max_size=14)
SPOKEN = st.tuples(LETTERS, st.floats(0.02, 1.2), st.floats(0, 1.5))
RULES = st.sampled_from(
    [CueRules(), CueRules(fps=Fraction(24000, 1001)), CueRules(line_characters=32, fps=Fraction(60)), CueRules(lines=1)]
)


def timed(spoken: list[tuple[str, float, float]]) -> list[Word]:
    """Lay words one after the other: text, length, pause after it."""
    words, clock_s = [], 0.0
    for text, length_s, pause_s in spoken:
        words.append(Word(text, clock_s, clock_s + length_s))
        clock_s += length_s + pause_s
    return words


def at_speed(text: str, characters_per_s: float = 14.0, pause_s: float = 0.0) -> list[Word]:
    return timed(
        [(word, (len(word) + 1) / characters_per_s, pause_s if word[-1] in ".?!" else 0.0) for word in text.split()]
    )


@settings(max_examples=150, deadline=None)
@given(spoken=st.lists(SPOKEN, max_size=40), rules=RULES, cut=st.floats(0.3, 1.2))
def test_rules_that_never_give_way(spoken: list[tuple[str, float, float]], rules: CueRules, cut: float) -> None:
    words = timed(spoken)
    duration_s = (words[-1].end_s if words else 1.0) * cut
    cues = cues_from_words(words, duration_s, rules)
    shown = " ".join(cue.text.replace("\n", " ") for cue in cues).split()
    assert shown == [word.text for word in words if word.start_s < duration_s]
    for cue in cues:
        lines = cue.text.split("\n")
        assert len(lines) <= rules.lines
        assert all(len(line) <= rules.line_characters for line in lines)
        assert 0 <= cue.start_s < cue.end_s <= duration_s
        assert cue.end_s - cue.start_s <= rules.longest_s + 1e-9
    for before, after in pairwise(cues):
        assert before.end_s < after.start_s
        assert after.start_s - before.end_s >= min(rules.gap_s, (after.start_s - before.start_s) / 2) - 1e-9


@settings(max_examples=40, deadline=None)
@given(words=st.lists(st.text("abcdefghij", min_size=2, max_size=9), min_size=3, max_size=60))
def test_calm_speech_is_never_too_fast_or_too_short(words: list[str]) -> None:
    spoken = at_speed(" ".join(words) + ".", 12.0)
    for cue in cues_from_words(spoken, spoken[-1].end_s + 2):
        assert cue.end_s - cue.start_s >= 1.0 - 1e-9
        assert len(cue.text) / (cue.end_s - cue.start_s) <= 17.0 + 1e-6


def test_cues_break_at_sentences_and_clauses() -> None:
    words = at_speed(
        "The boat left the harbour before the sun came up. Nobody had seen the storm, and when it finally broke "
        "over the bay, the crew had already reached the open sea."
    )
    assert [cue.text.replace("\n", " ") for cue in cues_from_words(words, 60.0)] == [
        "The boat left the harbour before the sun came up.",
        "Nobody had seen the storm,",
        "and when it finally broke over the bay, the crew had already reached the open sea.",
    ]


def test_a_title_stays_with_its_name() -> None:
    words = at_speed("The prices moved by 12.5 percent, and Dr. Brown and J. Smith paid for a map. Yes. It rained.")
    cues = cues_from_words(words, words[-1].end_s, CueRules(line_characters=26))
    assert not any(cue.text.endswith(("Dr.", "J.")) for cue in cues)
    assert any(cue.text.endswith("map.") for cue in cues)


def test_lines_break_after_punctuation_and_stay_even() -> None:
    words = at_speed("When the rain stopped, we walked home along the river.")
    assert cues_from_words(words, 60.0)[0].text == "When the rain stopped,\nwe walked home along the river."


def test_long_pause_starts_a_new_cue() -> None:
    words = timed([("Wait", 0.5, 2.0), ("for", 0.3, 0.0), ("me", 0.5, 0.0)])
    assert [cue.text for cue in cues_from_words(words, 10.0)] == ["Wait", "for me"]


def test_cue_stays_until_it_was_read_but_not_into_the_next() -> None:
    words = timed([("Incomprehensibilities!", 0.4, 3.0), ("Yes.", 0.3, 0.0)])
    first, second = cues_from_words(words, 10.0)
    assert first.end_s == pytest.approx(22 / 17)
    assert (second.start_s, second.end_s) == (3.4, 4.4)


def test_web_address_is_cut_at_the_line() -> None:
    words = [Word("https://example.com/" + "x" * 100, 0.0, 6.0)]
    assert all(len(line) <= 42 for cue in cues_from_words(words, 10.0) for line in cue.text.split("\n"))


def test_japanese_words_are_joined_without_spaces() -> None:
    words = timed([("今日は", 0.5, 0.0), ("いい", 0.4, 0.0), ("天気です。", 0.8, 0.0)])
    assert cues_from_words(words, 10.0)[0].text == "今日はいい天気です。"


def test_silence_has_no_cues() -> None:
    assert cues_from_words([], 10.0) == []
    assert cues_from_words([Word("  ", 0.0, 1.0), Word("late", 11.0, 12.0)], 10.0) == []
