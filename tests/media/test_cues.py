from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.contracts.dub import Fit, Line, SpokenLine, TargetLine
from lipwright.contracts.speech import Word
from lipwright.media.cues import CueRules, cues_from_lines, cues_from_words
from lipwright.media.text_width import display_width

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


def test_no_word_stands_lost_on_a_line() -> None:
    words = at_speed("Jeden, der diese Software und die dazugehörigen")
    assert cues_from_words(words, 60.0)[0].text == "Jeden, der diese Software\nund die dazugehörigen"


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


SCRIPTS = st.one_of(
    st.text("abcdefgéñß0123456789 .,!?%$-", min_size=1, max_size=120),
    st.text("今日はいい天気です。、「」テレビーっょ2024人A ", min_size=1, max_size=80),
    st.text("今天天气很好，。！？我们3元（） ", min_size=1, max_size=80),
    st.text("สวัดีครบเาะ่้ ไ", min_size=1, max_size=80),
    st.text("שלום عربيك، ABC 12.؟", min_size=1, max_size=80),
    st.text(max_size=60),
)
LINES = st.lists(st.tuples(SCRIPTS, st.integers(0, 9000), st.integers(-1000, 3000), st.integers(1, 2)), max_size=8)


@settings(max_examples=150, deadline=None)
@given(drawn=LINES, rules=RULES, cut=st.floats(0.3, 1.2))
def test_lines_of_every_script_keep_the_rules(
    drawn: list[tuple[str, int, int, int]], rules: CueRules, cut: float
) -> None:
    lines, clock_ms = [], 0
    for number, (text, length_ms, pause_ms, speaker) in enumerate(drawn, 1):
        lines.append(TargetLine(number, clock_ms / 1000, (clock_ms + length_ms) / 1000, speaker, "", text))
        clock_ms = max(clock_ms + length_ms + pause_ms, clock_ms)
    duration_s = max(round(clock_ms * cut), 100) / 1000
    cues = cues_from_lines(lines, duration_s, rules)
    shown = "".join("".join(cue.text.replace("\u200b", "").split()) for cue in cues)
    assert shown == "".join(
        "".join(line.text.replace("\u200b", "").split()) for line in lines if line.start_s < duration_s
    )
    for cue in cues:
        rows = cue.text.split("\n")
        assert len(rows) <= rules.lines
        assert all(display_width(row) <= rules.line_characters for row in rows)
        assert 0 <= cue.start_s < cue.end_s <= duration_s
        assert cue.end_s - cue.start_s <= rules.longest_s + 1e-9
    assert all(before.end_s < after.start_s for before, after in pairwise(cues))


def line(text: str, length_s: float, speaker: int = 1, start_s: float = 1.0, words: tuple[Word, ...] = ()) -> Line:
    return Line(1, start_s, start_s + length_s, speaker, text, "und", words)


def test_japanese_and_chinese_are_cut_where_their_rules_allow() -> None:
    japanese = line(
        "人工知能は私たちの生活を大きく変えつつあります。「でも、本当でしょうか？」と彼女は2024年に尋ねました。", 10.0
    )
    assert [cue.text for cue in cues_from_lines([japanese], 20.0)] == [
        "人工知能は私たちの生活を\n大きく変えつつあります。",
        "「でも、本当でしょうか？」",
        "と彼女は2024年に尋ねました。",
    ]
    chinese = line("她在2024年问道，价格上涨了百分之十二点五，约3000元人民币，这是真的吗？", 8.0)
    assert [cue.text for cue in cues_from_lines([chinese], 20.0)] == [
        "她在2024年问道，",
        "价格上涨了百分之十二点五，\n约3000元人民币，这是真的吗？",
    ]


def test_the_end_of_a_sentence_is_not_left_over_for_a_cue_of_its_own() -> None:
    spoken = line("人工智能正在迅速地改变我们每一个人的日常生活和工作方式而我们却还没有准备好迎接这样的变化", 5.0)
    assert [cue.text for cue in cues_from_lines([spoken], 20.0)] == [
        "人工智能正在迅速地改变我们每一个人的",
        "日常生活和工作方式而我们却\n还没有准备好迎接这样的变化",
    ]


def test_numbers_stay_with_their_units() -> None:
    spoken = line(
        "Prices rose by 12.5 percent to 3 million in May, and the tower is 330 m tall and weighs 10 000 t.", 9.0
    )
    for width in range(14, 43):
        rows = [row for cue in cues_from_lines([spoken], 60.0, CueRules(width)) for row in cue.text.split("\n")]
        assert not any(row.endswith(("12.5", "to 3", "330", "10", "000")) for row in rows), rows


def test_a_number_that_was_recognised_in_parts_is_whole_again() -> None:
    words = timed([("It", 0.2, 0.0), ("is", 0.2, 0.0), ("12", 0.4, 0.0), (".5", 0.4, 0.0), ("%.", 0.4, 0.0)])
    assert [cue.text for cue in cues_from_words(words, 9.0)] == ["It is 12.5%."]


def test_a_word_drawn_out_into_the_silence_does_not_linger() -> None:
    words = [Word("See", 0.0, 0.3), Word("you.", 0.3, 6.5), Word("Next.", 8.0, 8.4)]
    first, _ = cues_from_words(words, 20.0)
    assert first.end_s < 3.1


def test_speakers_have_their_own_cues_and_short_lines_of_one_share_them() -> None:
    said = [line("Yes.", 0.4), line("No.", 0.4, start_s=1.5), line("Why?", 0.5, 2, start_s=2.0)]
    assert [cue.text for cue in cues_from_lines(said, 20.0)] == ["Yes. No.", "Why?"]


def test_of_two_who_speak_at_once_one_is_shown_after_the_other() -> None:
    said = [line("I speak for quite a long time here.", 4.0), line("So do I, at the same time.", 2.0, 2, start_s=2.0)]
    first, second = cues_from_lines(said, 20.0)
    assert first.text.startswith("I speak")
    assert first.end_s < second.start_s <= 5.0


def test_times_of_words_are_used_when_they_say_the_line() -> None:
    words = (Word("Wait", 1.0, 1.4), Word("for", 4.0, 4.2), Word("me.", 4.2, 4.6))
    assert [cue.start_s for cue in cues_from_lines([line("Wait for me.", 3.6, words=words)], 20.0)] == [1.0, 4.0]
    other = cues_from_lines([line("Wait for us.", 3.6, words=words)], 20.0)
    assert [cue.text for cue in other] == ["Wait for us."]


def test_a_failed_line_is_shown_in_its_slot_and_an_empty_one_not() -> None:
    failed = SpokenLine(1, 1, "", "Too long.", 2.0, 3.5, 2.0, 2.0, 9.0, 1.0, 0.0, Fit.FAILED, "v", "e", 0)
    silent = SpokenLine(2, 1, "Hm.", "", 5.0, 6.0, 5.0, 5.0, 0.0, 1.0, 0.0, Fit.SILENT, "v", "e", 0)
    (cue,) = cues_from_lines([failed, silent], 20.0)
    assert (cue.text, cue.start_s) == ("Too long.", 2.0)
    assert cue.end_s >= 3.5


def test_thai_is_cut_at_its_spaces_and_before_vowels_that_begin_a_syllable() -> None:
    spoken = line("วันนี้อากาศดีมาก เราจะไปเดินเล่นที่สวนสาธารณะ", 4.0)
    assert cues_from_lines([spoken], 20.0, CueRules(24))[0].text == "วันนี้อากาศดีมาก\nเราจะไปเดินเล่นที่สวนสาธารณะ"
    narrow = cues_from_lines([spoken], 20.0, CueRules(16))
    assert all(row[0] not in "ะาำิีึืุู่้" for cue in narrow for row in cue.text.split("\n"))
