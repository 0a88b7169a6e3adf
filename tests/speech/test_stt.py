"""What is believed of a recogniser's words, which language they are in, and when they are said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.speech import Transcript, Utterance, Word
from lipwright.media.audio import resample
from lipwright.speech.pauses import Stretch, Window
from lipwright.speech.stt.refined import brought_together, refined
from lipwright.speech.stt.tongue import Tongues, main_language
from lipwright.speech.stt.whisper import taken_until_s
from lipwright.speech.stt.written import Scrap, Written, is_stuck, until, utterance
from lipwright.speech.tts.hibari import Hibari

RATE_HZ = 16_000


def scrap(
    *texts: str, chance: float = 0.9, log_chance: float = -0.3, silence: float = 0.1, repetition: float = 1.2
) -> Scrap:
    words = tuple(Written(text, at / 2, at / 2 + 0.4, chance) for at, text in enumerate(texts))
    return Scrap(words, log_chance, silence, repetition)


def said(language: str, *words: Word) -> Utterance:
    text = " ".join(word.text for word in words)
    return Utterance(text, words[0].start_s, words[-1].end_s, language, words, 0.9)


def test_pieces_without_a_space_between_them_are_one_word() -> None:
    found = utterance(scrap(" A", " well", "-", "known", " fact", "."), "en", 10.0)
    assert found is not None
    assert [word.text for word in found.words] == ["A", "well-known", "fact."]
    assert found.words[1] == Word("well-known", 10.5, 11.9)
    assert found.text == "A well-known fact."


def test_languages_without_spaces_keep_their_pieces() -> None:
    found = utterance(scrap("今日", "は", "。"), "ja", 0.0)
    assert found is not None
    assert [word.text for word in found.words] == ["今日", "は。"]
    assert found.text == "今日は。"


@pytest.mark.parametrize(
    "doubtful",
    [
        scrap(" Thanks", " for", " watching", silence=0.8, log_chance=-1.2),
        scrap(" Hm", log_chance=-1.7),
        scrap(" you", chance=0.1),
        scrap(" la", " la", " la", repetition=9.0),
        scrap("...", " ♪"),
        scrap(),
    ],
    ids=["silence", "unlikely", "uncertain", "stuck", "no letters", "no words"],
)
def test_words_that_nobody_said_are_left_out(doubtful: Scrap) -> None:
    assert utterance(doubtful, "en", 0.0) is None


@pytest.mark.parametrize(
    ("text", "stuck"),
    [
        ("no no no no no", False),
        ("New York, New York, it is", False),
        ("la " * 8, True),
        ("and then a car. A car, a car, a car!", True),
        ("we go to the sea " * 4, True),
        ("one two three four five six seven eight", False),
    ],
)
def test_a_phrase_in_a_row_is_noticed(text: str, stuck: bool) -> None:
    assert is_stuck(scrap(*(f" {word}" for word in text.split()))) == stuck


def test_an_utterance_does_not_begin_before_the_one_before_ends() -> None:
    found = utterance(scrap(" Yes", " no"), "en", 0.0, floor_s=0.7)
    assert found is not None
    assert found.words == (Word("Yes", 0.7, 0.7), Word("no", 0.7, 0.9))


def test_only_words_before_a_time_are_kept() -> None:
    found = utterance(scrap(" one", " two", " three"), "en", 0.0)
    assert found is not None
    assert until(found, 0.6).text == "one two"
    assert until(found, 0.6).end_s == 0.9
    assert until(found, 5.0) is found


@pytest.mark.parametrize(
    ("words", "speech", "in_pause", "taken_s"),
    [
        ((Word("one", 3.0, 24.0),), Stretch(2.0, 24.5), True, 25.0),
        ((Word("one", 3.0, 6.0),), Stretch(2.0, 20.0), True, 6.0),
        ((Word("one", 0.0, 1.0),), Stretch(0.0, 20.0), True, 25.0),
        ((Word("one", 3.0, 20.0), Word("cut", 24.0, 24.9)), Stretch(2.0, 25.0), False, 20.0),
        ((), Stretch(2.0, 25.0), False, 25.0),
    ],
    ids=["all said", "stopped in the middle", "stopped at the start", "cut at the end", "no words"],
)
def test_the_next_window_begins_behind_what_was_heard(
    words: tuple[Word, ...], speech: Stretch, in_pause: bool, taken_s: float
) -> None:
    window = Window(0.0, np.zeros(25 * RATE_HZ, np.float32), RATE_HZ, ends_in_pause=in_pause)
    assert taken_until_s(window, [said("en", *words)] if words else [], [speech]) == taken_s


def test_a_language_changes_only_when_the_other_one_is_sure() -> None:
    tongues = Tongues(None)
    assert tongues.settle({"en": 0.4, "nl": 0.3}, 10.0).language == "en", "something has to be assumed"
    assert tongues.settle({"nl": 0.45, "en": 0.4}, 10.0).language == "en"
    assert tongues.settle({"cy": 0.7, "en": 0.2}, 1.0).language == "en", "a word is no proof"
    assert tongues.settle({"de": 0.7, "en": 0.2}, 10.0).language == "de"
    assert tongues.settle({"en": 0.9}, 1.0).probability == 0.9


def test_main_language_is_the_one_that_lasts() -> None:
    long, short = said("de", Word("lange", 0.0, 9.0)), said("en", Word("short", 9.0, 10.0))
    assert main_language([(long, 0.8), (short, 1.0)]) == ("de", 0.8)
    assert main_language([]) == ("und", 0.0)


WORDS = st.lists(st.tuples(st.sampled_from("ab c dd e".split()), st.floats(0, 0.5), st.floats(0, 1)), min_size=1)


def in_a_row(parts: list[tuple[str, float, float]]) -> tuple[Word, ...]:
    words: list[Word] = []
    for text, pause_s, length_s in parts:
        start_s = (words[-1].end_s if words else 0.0) + pause_s
        words.append(Word(text, start_s, start_s + length_s))
    return tuple(words)


@given(heard=WORDS, found=WORDS)
def test_better_times_change_neither_words_nor_their_order(
    heard: list[tuple[str, float, float]], found: list[tuple[str, float, float]]
) -> None:
    words = in_a_row(heard)
    transcript = Transcript("en", 1.0, 1000.0, (said("en", *words),))
    better = brought_together(transcript, in_a_row(found))
    assert [word.text for word in better.words] == [word.text for word in words]
    times = [t for word in better.words for t in (word.start_s, word.end_s)]
    assert times == sorted(times)


def test_english_words_get_the_aligner_s_times_and_others_keep_their_own() -> None:
    speech = Hibari().speak("Peter bought six big maps from my mother.", "heart")
    sound = np.concatenate(list(resample([speech.samples], speech.sample_rate_hz, RATE_HZ)))
    rough = tuple(Word(word.text, round(word.start_s, 1) + 0.1, round(word.end_s, 1) + 0.1) for word in speech.words)
    heard = Transcript("en", 1.0, speech.duration_s, (said("en", *rough[:7]), said("fr", rough[7])))
    better = refined(heard, [sound], RATE_HZ)
    errors_s = [abs(a.start_s - b.start_s) for a, b in zip(better.words[:7], speech.words, strict=False)]
    assert np.mean(errors_s) < 0.03
    assert better.words[7].text == rough[7].text
    nobody = Transcript("fr", 1.0, 1.0, (said("fr", Word("rien", 0.0, 0.5)),))
    assert refined(nobody, [sound], RATE_HZ) is nobody
