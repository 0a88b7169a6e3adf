"""A script spoken: pauses to the sample, one sentence at a time."""

import itertools

import numpy as np
import pytest

from lipwright.contracts.speech import Speech
from lipwright.errors import LanguageUnknown, ProviderUnavailable, ScriptUnsupported, TextEmpty, VoiceUnknown
from lipwright.speech.finish import LEAD_S, TAIL_S
from lipwright.speech.narrate import Pauses, narrate
from lipwright.speech.tts.fake import FakeTts

VOICE = "tone_en-us"


def gaps_s(speeches: list[Speech]) -> list[float]:
    """Silence between the last phone of each sentence and the first one of the next."""
    starts = itertools.accumulate((speech.duration_s for speech in speeches), initial=0.0)
    spans = [(at + s.phonemes[0].start_s, at + s.phonemes[-1].end_s) for at, s in zip(starts, speeches, strict=False)]
    return [after[0] - before[1] for before, after in itertools.pairwise(spans)]


@pytest.mark.parametrize("milliseconds", [20, 70, 121, 500, 1500, 2345])
def test_pause_lasts_as_long_as_asked_for(milliseconds: int) -> None:
    speeches = list(narrate(f"One two. [pause {milliseconds}ms] Three.", FakeTts(), VOICE))
    expected_s = max(milliseconds / 1000, LEAD_S)
    assert gaps_s(speeches) == [pytest.approx(expected_s, abs=0.0005)]


def test_pauses_in_a_row_add_up() -> None:
    assert gaps_s(list(narrate("A. [pause 1s][pause 250ms] B.", FakeTts(), VOICE))) == [pytest.approx(1.25, abs=0.0005)]


def test_paragraphs_pause_longer_than_sentences() -> None:
    pauses = Pauses(sentence_s=0.3, paragraph_s=0.9)
    gaps = gaps_s(list(narrate("One. Two.\n\nThree.", FakeTts(), VOICE, pauses=pauses)))
    assert gaps == [pytest.approx(0.3, abs=0.0005), pytest.approx(0.9, abs=0.0005)]


def test_pauses_before_and_after_everything_are_kept() -> None:
    (speech,) = narrate("[pause 1s] One. [pause 2s]", FakeTts(), VOICE)
    assert speech.phonemes[0].start_s == pytest.approx(1.0, abs=0.0005)
    assert speech.duration_s - speech.phonemes[-1].end_s == pytest.approx(2.0, abs=0.0005)


def test_no_silence_is_added_behind_the_last_sentence() -> None:
    (speech,) = narrate("One.", FakeTts(), VOICE)
    assert speech.duration_s - speech.phonemes[-1].end_s == pytest.approx(TAIL_S, abs=0.0005)


def test_pauses_are_digital_silence_without_clicks() -> None:
    first, _ = narrate("One. [pause 500ms] Two.", FakeTts(), VOICE)
    assert not first.samples[round((first.phonemes[-1].end_s + TAIL_S) * 24_000) :].any()
    assert np.abs(np.diff(first.samples)).max() < 0.2


def test_long_script_streams_sentence_by_sentence() -> None:
    script = " ".join(f"Sentence {i} says hello to all of you." for i in range(250))
    assert len(script) > 9_000
    engine = FakeTts()
    narration = narrate(script, engine, VOICE)
    assert len(narration) == 250
    assert engine.spoken == []
    iterator = iter(narration)
    first = next(iterator)
    assert engine.spoken == [first.text] == ["Sentence 0 says hello to all of you."]


def test_lines_without_words_are_left_out() -> None:
    assert [s.text for s in narrate("One.\n\n* * *\n\nTwo.", FakeTts(), VOICE)] == ["One.", "Two."]


@pytest.mark.parametrize("script", ["", " \n ", "[pause 1s]", "...", "—"])
def test_script_without_words_is_refused(script: str) -> None:
    with pytest.raises(TextEmpty):
        narrate(script, FakeTts(), VOICE)


def test_wrong_voice_and_language_are_refused_at_once() -> None:
    with pytest.raises(VoiceUnknown):
        narrate("One.", FakeTts(), "nobody")
    with pytest.raises(LanguageUnknown):
        narrate("One.", FakeTts(), VOICE, language="fr")


def test_failure_of_the_engine_arrives_with_its_sentence() -> None:
    engine = FakeTts(failures=[None, ProviderUnavailable("down")])
    iterator = iter(narrate("One. Two.", engine, VOICE))
    assert next(iterator).text == "One."
    with pytest.raises(ProviderUnavailable):
        next(iterator)


def test_foreign_letters_are_refused_with_their_sentence() -> None:
    iterator = iter(narrate("Hello. Привет.", FakeTts(), VOICE))
    next(iterator)
    with pytest.raises(ScriptUnsupported, match="П"):
        next(iterator)
