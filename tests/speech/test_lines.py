"""A transcript becomes lines: whole sentences, short enough, and every word in one of them."""

import itertools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.speech import Transcript, Utterance, Word
from lipwright.speech.lines import LONGEST_S, joined, lines_from
from lipwright.speech.speakers.base import Diarisation


def said(*words: tuple[str, float, float], language: str = "en", after: str = "") -> Transcript:
    """One utterance; `after` begins another one."""
    timed = tuple(Word(*word) for word in words)
    cut = next((at for at, word in enumerate(timed) if word.text == after), len(timed)) if after else len(timed)
    groups = [group for group in (timed[:cut], timed[cut:]) if group]
    parts = tuple(
        Utterance(" ".join(w.text for w in group), group[0].start_s, group[-1].end_s, language, group, 1.0)
        for group in groups
    )
    return Transcript(language, 1.0, timed[-1].end_s + 1, parts)


def evenly(text: str, word_s: float = 0.4, language: str = "en") -> Transcript:
    words = text.split()
    return said(*((word, at * word_s, (at + 1) * word_s) for at, word in enumerate(words)), language=language)


def by(*speakers: int) -> Diarisation:
    return Diarisation((), (), speakers, (), ())


def alone(transcript: Transcript) -> Diarisation:
    return by(*[1] * len(transcript.words))


def texts(transcript: Transcript, who: Diarisation | None = None) -> list[str]:
    return [line.text for line in lines_from(transcript, who or alone(transcript))]


def test_each_sentence_is_a_line_with_the_times_of_its_words() -> None:
    heard = evenly("The lights went out. Nobody knew why.")
    first, second = lines_from(heard, alone(heard))
    assert (first.number, first.text, first.start_s, first.end_s) == (1, "The lights went out.", 0.0, 1.6)
    assert (second.number, second.text, second.start_s) == (2, "Nobody knew why.", 1.6)
    assert second.words == heard.words[4:]
    assert (second.speaker, second.language) == (1, "en")


def test_abbreviations_and_numbers_end_no_line() -> None:
    heard = evenly("Dr. Smith paid 3.50 dollars at 5 p.m. in St. Ives. He left.")
    assert texts(heard) == ["Dr. Smith paid 3.50 dollars at 5 p.m. in St. Ives.", "He left."]


def test_new_speaker_begins_a_line_inside_a_sentence() -> None:
    heard = evenly("and then he told me that I know")
    assert texts(heard, by(1, 1, 1, 1, 1, 1, 2, 2)) == ["and then he told me that", "I know"]


def test_long_pause_inside_a_sentence_ends_a_line() -> None:
    heard = said(("My", 0, 0.4), ("name,", 0.4, 0.9), ("as", 2.0, 2.4), ("you", 2.4, 2.8), ("know.", 2.8, 3.2))
    assert texts(heard) == ["My name,", "as you know."]


def test_fragment_joins_the_rest_of_its_sentence() -> None:
    heard = said(("So,", 0, 0.3), ("my", 1.3, 1.6), ("fellow", 1.6, 2.0), ("Americans.", 2.0, 2.6))
    assert texts(heard) == ["So, my fellow Americans."]


def test_short_sentence_joins_its_neighbour_when_it_is_near() -> None:
    near = said(("Okay.", 0, 0.3), ("Let", 0.4, 0.7), ("us", 0.7, 0.9), ("go.", 0.9, 1.3))
    assert texts(near) == ["Okay. Let us go."]
    far = said(("Okay.", 0, 0.3), ("Let", 1.0, 1.3), ("us", 1.3, 1.5), ("go.", 1.5, 1.9))
    assert texts(far) == ["Okay.", "Let us go."]


def test_sentence_without_an_end_is_cut_where_the_next_utterance_begins_with_a_capital() -> None:
    words = [("I", 0, 0.3), ("live", 0.3, 0.6), ("there", 0.6, 1.0), ("Well,", 1.4, 1.8), ("nearly", 1.8, 2.4)]
    assert texts(said(*words, after="Well,")) == ["I live there", "Well, nearly"]
    assert texts(said(*words)) == ["I live there Well, nearly"]


def test_long_sentence_is_cut_at_a_clause() -> None:
    heard = evenly(" ".join(["word"] * 16) + " here, " + " ".join(["word"] * 18) + " end.")
    first, second = lines_from(heard, alone(heard))
    assert first.text.endswith(" here,")
    assert second.end_s - second.start_s <= LONGEST_S


def test_letters_without_spaces_are_joined_right() -> None:
    heard = evenly("今日 は 晴れ です 。 明日 は 雨 です 。", language="ja")
    assert texts(heard) == ["今日は晴れです。", "明日は雨です。"]
    assert joined(["iPhone", "を", "買う", "New", "York"]) == "iPhone を買う New York"


def test_language_changes_at_a_line() -> None:
    english, french = evenly("Good morning to you"), evenly("Bonjour madame", language="fr")
    moved = tuple(Word(word.text, word.start_s + 1.6, word.end_s + 1.6) for word in french.words)
    other = Utterance("Bonjour madame", 1.6, 2.4, "fr", moved, 1.0)
    both = Transcript("en", 1.0, 3.0, (*english.utterances, other))
    assert [line.language for line in lines_from(both, alone(both))] == ["en", "fr"]


def test_nothing_said_gives_no_lines() -> None:
    assert lines_from(Transcript("und", 0.0, 5.0, ()), by()) == ()


@st.composite
def transcripts(draw: st.DrawFn) -> tuple[Transcript, Diarisation]:
    clock_s, words = 0.0, []
    for _ in range(draw(st.integers(1, 60))):
        start_s = clock_s + draw(st.sampled_from([0.0, 0.0, 0.1, 0.5, 0.9, 2.0, 30.0]))
        clock_s = start_s + draw(st.floats(0, 3, width=16))
        text = draw(st.sampled_from(["yes", "No.", "Dr.", "3.5", "well,", "何", "。", "J.", "...", "«Oui»!", " "]))
        words.append(Word(text, start_s, clock_s))
    cuts = sorted(draw(st.sets(st.integers(1, len(words)), max_size=4)) | {0, len(words)})
    groups = [words[a:b] for a, b in itertools.pairwise(cuts) if a < b]
    parts = tuple(
        Utterance("", group[0].start_s, group[-1].end_s, draw(st.sampled_from(["en", "ja"])), tuple(group), 1.0)
        for group in groups
    )
    duration_s = draw(st.floats(clock_s * 0.9, clock_s + 2))
    who = draw(st.lists(st.integers(1, 3), min_size=len(words), max_size=len(words)))
    return Transcript("en", 1.0, duration_s, parts), by(*who)


def kept(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words if word.text.strip()]


@given(transcripts())
def test_all_words_are_in_one_line_each_in_order_and_inside_the_recording(
    case: tuple[Transcript, Diarisation],
) -> None:
    transcript, who = case
    lines = lines_from(transcript, who)
    assert [word.text for line in lines for word in line.words] == kept(transcript.words)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    clock_s = 0.0
    for line in lines:
        assert clock_s <= line.start_s <= line.end_s <= max(transcript.duration_s, 0)
        assert (line.start_s, line.end_s) == (line.words[0].start_s, line.words[-1].end_s)
        assert line.end_s - line.start_s <= LONGEST_S or len(line.words) == 1
        clock_s = line.end_s


@given(transcripts())
def test_a_line_has_one_speaker(case: tuple[Transcript, Diarisation]) -> None:
    transcript, who = case
    speakers = [number for word, number in zip(transcript.words, who.words, strict=True) if word.text.strip()]
    lines = lines_from(transcript, who)
    assert [line.speaker for line in lines for _ in line.words] == speakers
