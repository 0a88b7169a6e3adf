"""A transcript is brought to its recording: to the centisecond where it fits, and told apart where it does not."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.contracts.speech import Speech, Word
from lipwright.errors import LanguageUnknown, TextEmpty, TranscriptMismatch
from lipwright.media.audio import resample
from lipwright.speech.align import Alignment, align
from lipwright.speech.aligned_words import sought_words
from lipwright.speech.follower import Follower
from lipwright.speech.lexicon import read_lexicon
from lipwright.speech.pauses import Feed, loud_stretches
from lipwright.speech.tts.hibari import Hibari

RATE_HZ = 16_000
SENTENCES = (
    "Peter bought six big maps from my mother.",
    "On May 5 Dr. Smith paid $20 for a blue box.",
    "Please send the report to the finance team before Thursday.",
    "Several people waited under the bridge until the storm passed.",
    "Nobody knew why the lights went out during dinner.",
)
PAUSE_S = 0.5


@pytest.fixture(scope="module")
def spoken() -> tuple[Speech, ...]:
    engine = Hibari()
    return tuple(engine.speak(sentence, "heart") for sentence in SENTENCES)


def recording(spoken: Sequence[Speech]) -> tuple[NDArray[np.float32], list[Word]]:
    """The sentences one after the other at 16 kHz, and their words."""
    sound, words, clock_s = [], list[Word](), 0.0
    for speech in spoken:
        samples = np.concatenate(list(resample([speech.samples], speech.sample_rate_hz, RATE_HZ)))
        sound += [samples, np.zeros(round(PAUSE_S * RATE_HZ), np.float32)]
        words += [Word(word.text, word.start_s + clock_s, word.end_s + clock_s) for word in speech.words]
        clock_s += len(samples) / RATE_HZ + PAUSE_S
    return np.concatenate(sound), words


@pytest.fixture(scope="module")
def whole(spoken: tuple[Speech, ...]) -> tuple[Alignment, list[Word], NDArray[np.float32]]:
    sound, words = recording(spoken)
    return align([sound], RATE_HZ, " ".join(SENTENCES), "en-US"), words, sound


def test_every_word_is_found_as_written_where_the_voice_says_it(
    whole: tuple[Alignment, list[Word], NDArray[np.float32]],
) -> None:
    found, words, _ = whole
    assert [word.text for word in found.words] == " ".join(SENTENCES).split()
    errors_s = [abs(one.start_s - other.start_s) for one, other in zip(found.words, words, strict=True)]
    assert np.mean(errors_s) < 0.025
    assert max(errors_s) < 0.12
    assert found.unfound == ()
    assert found.unexplained == ()


def test_phones_are_ordered_inside_the_recording_and_leave_its_pauses(
    whole: tuple[Alignment, list[Word], NDArray[np.float32]],
) -> None:
    found, words, sound = whole
    assert found.duration_s == pytest.approx(len(sound) / RATE_HZ)
    clock_s = 0.0
    for phone in found.phonemes:
        assert clock_s <= phone.start_s <= phone.end_s <= found.duration_s
        assert phone.symbol.isalpha()
        clock_s = phone.end_s
    breaks = [b.start_s - a.end_s for a, b in zip(found.phonemes[:-1], found.phonemes[1:], strict=True)]
    assert sum(length_s > 0.3 for length_s in breaks) == len(SENTENCES) - 1
    assert len(words) == len(found.words)


def test_chunks_of_any_size_give_the_same_alignment(
    whole: tuple[Alignment, list[Word], NDArray[np.float32]],
) -> None:
    found, _, sound = whole
    again = align([sound[at : at + 3777] for at in range(0, len(sound), 3777)], RATE_HZ, " ".join(SENTENCES), "en")
    assert again == found


def test_words_that_nobody_says_are_named_with_their_place(spoken: tuple[Speech, ...]) -> None:
    sound, words = recording([spoken[0], spoken[1], spoken[4]])
    found = align([sound], RATE_HZ, " ".join(SENTENCES), "en-US")
    (missing,) = found.unfound
    assert missing.text == " ".join(SENTENCES[2:4])
    assert abs(missing.end_s - words[-9].start_s) < 0.1
    assert [word.text for word in found.words] == " ".join((*SENTENCES[:2], SENTENCES[4])).split()


def test_speech_that_no_word_explains_is_left_to_the_sound(spoken: tuple[Speech, ...]) -> None:
    sound, _ = recording(spoken)
    found = align([sound], RATE_HZ, " ".join((*SENTENCES[:2], SENTENCES[4])), "en-US")
    start_s = sum(speech.duration_s + PAUSE_S for speech in spoken[:2])
    end_s = start_s + sum(speech.duration_s + PAUSE_S for speech in spoken[2:4])
    inside_s = sum(min(s.end_s, end_s) - max(s.start_s, start_s) for s in found.unexplained if s.start_s < end_s)
    assert inside_s > 0.6 * (end_s - start_s)
    assert all(start_s <= s.start_s <= s.end_s <= end_s for s in found.unexplained)
    assert not any(start_s + 0.1 < phone.start_s < end_s - PAUSE_S for phone in found.phonemes)


def test_transcript_of_another_recording_is_refused(spoken: tuple[Speech, ...]) -> None:
    sound, _ = recording(spoken[:3])
    with pytest.raises(TranscriptMismatch, match=r"of its \d+ words are heard.*leave --transcript out"):
        align([sound], RATE_HZ, "The quick brown fox jumps over a lazy dog, and twelve wizards made them vanish.", "en")


def test_silence_has_no_words() -> None:
    with pytest.raises(TranscriptMismatch, match="only 0 of its 3 words"):
        align([np.zeros(2 * RATE_HZ, np.float32)], RATE_HZ, "Nobody says this.", "en")


def test_no_sound_at_all_is_refused() -> None:
    with pytest.raises(TranscriptMismatch):
        align([], RATE_HZ, "Nobody says this.", "en")


def test_other_languages_are_told_to_do_without() -> None:
    with pytest.raises(LanguageUnknown, match=r"only English.*follows the sound"):
        align([np.zeros(100, np.float32)], RATE_HZ, "Hola, qué tal", "es")


@pytest.mark.parametrize("transcript", ["", "  \n", "... - !"])
def test_transcript_without_words_is_refused(transcript: str) -> None:
    with pytest.raises(TextEmpty, match="no words"):
        align([np.zeros(100, np.float32)], RATE_HZ, transcript, "en")


def test_stereo_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="mix it down to mono"):
        align([np.zeros((100, 2), np.float32)], RATE_HZ, "Hello there.", "en")


def test_invented_words_are_found_by_their_spelling_or_their_entry() -> None:
    engine = Hibari()
    text = "We met Zanvorbel at the Lipwright office."
    speech = engine.speak(text, "heart")
    found = align([speech.samples], speech.sample_rate_hz, text, "en-US")
    assert [word.text for word in found.words] == text.split()
    assert abs(found.words[2].start_s - speech.words[2].start_s) < 0.1


def test_lexicon_goes_before_the_dictionary(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("lexicon") / "words.csv"
    path.write_text("word,say\ngif,/dʒˈɪf/\n", "utf-8")
    text = "Everybody sent the gif."
    lexicon = read_lexicon(path)
    speech = Hibari().speak(text, "heart", lexicon=lexicon)
    found = align([speech.samples], speech.sample_rate_hz, text, "en-US", lexicon=lexicon)
    last = [p.symbol for p in found.phonemes if p.start_s >= found.words[-1].start_s - 1e-6]
    assert last == ["dʒ", "ɪ", "f"]


def test_follower_finds_no_more_than_is_said(spoken: tuple[Speech, ...]) -> None:
    follower = Follower()
    sound, _ = recording(spoken[:1])
    _, words = sought_words(" ".join(SENTENCES), "en-US", None, follower.knows)
    assert [word.index for word in follower.follow(sound, words).words] == list(range(8))


@settings(max_examples=20, deadline=None)
@given(lengths=st.lists(st.floats(0.3, 5.0), min_size=1, max_size=8), seed=st.integers(0, 99))
def test_windows_tile_any_stream_and_cut_in_its_pauses(lengths: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    rate_hz = 2000
    pieces = []
    for length_s in lengths:
        pieces += [0.3 * rng.standard_normal(round(length_s * rate_hz)), np.zeros(round(0.4 * rate_hz))]
    sound = np.concatenate(pieces).astype(np.float32)
    feed = Feed(np.array_split(sound, 7), rate_hz, rate_hz)
    seen = []
    while (window := feed.window(6.0, 12.0)) is not None:
        assert len(window.sound) <= 12.0 * rate_hz
        assert window.ends_in_pause
        seen.append(window.sound)
        for stretch in loud_stretches(window):
            assert window.start_s <= stretch.start_s < stretch.end_s <= window.end_s + 0.01
        feed.go_on(window.end_s)
    np.testing.assert_array_equal(np.concatenate(seen), sound)
    assert feed.duration_s == pytest.approx(len(sound) / rate_hz)
