"""Each speaker of a video gets a voice that suits, and another one than the others while there are enough."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.errors import LanguageUnknown
from lipwright.speech.speakers.base import Speaker
from lipwright.speech.speakers.cards import card_of
from lipwright.speech.speakers.voices import _assigned, choose_voices
from lipwright.speech.tts.base import Gender, Voice
from lipwright.speech.tts.hibari import Hibari
from lipwright.speech.tts.voices import KOKORO_VOICES

VOICE = {voice.id: voice for voice in KOKORO_VOICES}


def speaker(number: int, pitch_hz: float | None, spoken_s: float = 10.0, like: str | None = None) -> Speaker:
    embedding = card_of(VOICE[like]).embedding if like else ()
    return Speaker(number, spoken_s, embedding, pitch_hz, None)


def voice(name: str, gender: Gender, language: str = "xx") -> Voice:
    return Voice(name, language, gender, "remote", "")


def test_every_packaged_voice_has_a_card_of_its_gender() -> None:
    for one in (*KOKORO_VOICES, *Hibari().voices()):
        card = card_of(one)
        assert np.linalg.norm(card.embedding) == pytest.approx(1, abs=1e-2)
        # A whispering woman, and a man who speaks high, lie between.
        assert card.pitch_hz > 135 if one.gender is Gender.FEMALE else card.pitch_hz < 150


@pytest.mark.parametrize("identifier", ["bf_isabella", "am_puck", "af_nicole", "bm_george"])
def test_speaker_who_sounds_like_a_voice_gets_it(identifier: str) -> None:
    known = speaker(1, card_of(VOICE[identifier]).pitch_hz, like=identifier)
    assert choose_voices([known], KOKORO_VOICES, "en").voices == {1: identifier}


def test_voice_speaks_the_language_of_the_dub() -> None:
    choice = choose_voices([speaker(1, 120, like="am_puck"), speaker(2, 200, like="af_heart")], KOKORO_VOICES, "pt-BR")
    assert choice.voices == {1: "pm_alex", 2: "pf_dora"}
    assert choice.notes == ()


def test_two_men_get_two_voices_and_a_note_where_only_one_is_a_mans() -> None:
    men = [speaker(1, 110, 60, like="am_michael"), speaker(2, 100, 20, like="bm_george")]
    choice = choose_voices(men, KOKORO_VOICES, "pt")
    assert choice.voices == {1: "pm_alex", 2: "pf_dora"}
    (note,) = choice.notes
    assert note.startswith("Speaker 2 speaks at about 100 Hz, the voice pf_dora at 173 Hz")


def test_third_speaker_shares_the_nearest_voice_and_the_notes_say_so() -> None:
    people = [speaker(1, 115, 5), speaker(2, 210, 40), speaker(3, 120, 60)]
    choice = choose_voices(people, KOKORO_VOICES, "pt-BR")
    assert choice.voices == {1: "pm_alex", 2: "pf_dora", 3: "pm_alex"}
    (note,) = choice.notes
    assert note == ("Speakers 1 and 3 have the same voice, pm_alex: there are 2 voices for pt-BR and 3 speakers.")


def test_voices_without_a_card_are_judged_by_their_gender() -> None:
    ready = [voice("anna", Gender.FEMALE), voice("ben", Gender.MALE), voice("carl", Gender.MALE)]
    assert choose_voices([speaker(1, 105), speaker(2, 215)], ready, "xx").voices == {1: "ben", 2: "anna"}


def test_speaker_of_whom_nothing_is_known_gets_the_default_voice() -> None:
    assert choose_voices([speaker(1, None)], KOKORO_VOICES, "es").voices == {1: "ef_dora"}
    assert choose_voices([], KOKORO_VOICES, "es").voices == {}


def test_language_that_no_voice_speaks_is_refused() -> None:
    with pytest.raises(LanguageUnknown, match=r"^de: no voice speaks it\. The voices speak en-US, en-GB, es"):
        choose_voices([speaker(1, 120)], KOKORO_VOICES, "de")


@given(st.lists(st.lists(st.integers(-50, 50), min_size=4, max_size=4), min_size=1, max_size=6))
def test_assignment_has_the_greatest_sum(rows: list[list[int]]) -> None:
    worth = np.array(rows, float)
    found = _assigned(worth)
    pairs = min(worth.shape)
    assert len(found) == len(set(found.values())) == pairs
    tall = worth if len(rows) >= 4 else worth.T
    best = max(sum(tall[row, at] for at, row in enumerate(order)) for order in permutations(range(len(tall)), pairs))
    assert sum(worth[row, column] for row, column in found.items()) == pytest.approx(best)


@given(st.lists(st.floats(70, 300), min_size=1, max_size=12))
def test_speakers_share_no_voice_while_there_are_enough(pitches: list[float]) -> None:
    people = [speaker(number, pitch) for number, pitch in enumerate(pitches, 1)]
    choice = choose_voices(people, KOKORO_VOICES, "en")
    assert len(set(choice.voices.values())) == min(len(people), 10)
    assert choice == choose_voices(people, KOKORO_VOICES, "en")
