"""A line is spoken without silence around it, and its phones and words stay with its sound."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.speech import Speech
from lipwright.errors import Cancelled, ProviderAnswerInvalid, VoiceUnknown
from lipwright.pipeline.stages.speak_lines import LineSpeaker, SpeakingVoice
from lipwright.speech.finish import sounding_range
from lipwright.speech.lexicon import Lexicon
from lipwright.speech.tts.fake import FakeTts
from lipwright.speech.tts.hibari import Hibari
from lipwright.speech.tts.kokoro import Kokoro
from lipwright.store.stages import StageStore

TWO_SENTENCES = "Peter bought six maps. My mother paid."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StageStore]:
    with StageStore(tmp_path / "store") as opened:
        yield opened


def hibari(store: StageStore) -> LineSpeaker:
    return LineSpeaker({1: SpeakingVoice(Hibari(), "heart")}, "en-US", None, store, SilentProgress())


def fake(store: StageStore, tts: FakeTts | None = None) -> LineSpeaker:
    return LineSpeaker({1: SpeakingVoice(tts or FakeTts(), "tone_en-us")}, "en-US", None, store, SilentProgress())


def test_line_begins_and_ends_with_its_sound(store: StageStore) -> None:
    spoken = hibari(store).speak(TWO_SENTENCES, 1)
    sounding = sounding_range(spoken.samples, spoken.sample_rate_hz)
    assert sounding is not None
    assert sounding[0] <= 0.06
    assert sounding[0] == 0 or spoken.phonemes[0].start_s == pytest.approx(0, abs=1e-3)
    assert sounding[1] == pytest.approx(spoken.duration_s, abs=0.006)


def test_words_of_all_sentences_are_in_order_inside_the_line(store: StageStore) -> None:
    spoken = hibari(store).speak(TWO_SENTENCES, 1)
    assert [word.text for word in spoken.words] == TWO_SENTENCES.split()
    assert len(spoken.emphasis) == len(spoken.phonemes)
    for timed in (spoken.words, spoken.phonemes):
        times = [time_s for one in timed for time_s in (one.start_s, one.end_s)]
        assert times == sorted(times)
        assert times[0] >= 0
        assert times[-1] <= spoken.duration_s
    pause_s = spoken.words[4].start_s - spoken.words[3].end_s
    assert 0.2 < pause_s < 0.5


def test_faster_line_is_shorter_in_its_pauses_too(store: StageStore) -> None:
    speaker = hibari(store)
    usual, fast = speaker.speak(TWO_SENTENCES, 1), speaker.speak(TWO_SENTENCES, 1, 1.2)
    assert fast.duration_s < usual.duration_s / 1.05
    pauses_s = [spoken.words[4].start_s - spoken.words[3].end_s for spoken in (usual, fast)]
    assert pauses_s[1] < pauses_s[0]


def test_what_was_spoken_is_read_again_as_it_was(store: StageStore) -> None:
    first = fake(store).speak(TWO_SENTENCES, 1)
    tts = FakeTts(failures=[ProviderAnswerInvalid("nobody may call")])
    again = fake(store, tts).speak(TWO_SENTENCES, 1)
    assert np.array_equal(first.samples, again.samples)
    assert (first.phonemes, first.words, first.digest) == (again.phonemes, again.words, again.digest)
    assert np.array_equal(first.emphasis, again.emphasis)
    assert tts.spoken == []


def test_takes_ask_the_engine_for_other_paces_within_its_bounds(store: StageStore) -> None:
    speaker, text = fake(store), " ".join(["seven eleven"] * 8)
    usual_s = speaker.speak(text, 1).duration_s
    for speed in (1 / 1.1, 1.0, 1.2):
        paces = [usual_s / speaker.speak(text, 1, speed, take).duration_s for take in range(8)]
        assert len({round(pace, 3) for pace in paces}) == 8
        assert all(0.79 <= pace <= 1.21 for pace in paces)
        assert all(0.84 <= pace / speed <= 1.16 for pace in paces)


class Silent(FakeTts):
    """Answers with silence, as a broken server may."""

    def speak(
        self,
        text: str,
        voice: str,
        *,
        language: str | None = None,
        speed: float = 1.0,
        lexicon: Lexicon | None = None,
    ) -> Speech:
        return Speech(text, "en-US", np.zeros(24_000, np.float32), 24_000, (), ())


def test_silence_is_no_answer(store: StageStore) -> None:
    with pytest.raises(ProviderAnswerInvalid, match="fake answers with silence"):
        fake(store, Silent()).speak("one", 1)


def test_voice_that_is_not_there_is_told_without_speaking(store: StageStore) -> None:
    speaker = LineSpeaker({1: SpeakingVoice(FakeTts(), "nobody")}, "en-US", None, store, SilentProgress())
    with pytest.raises(VoiceUnknown, match="nobody"):
        speaker.check(1)


class Thinking(FakeTts):
    """Thinks until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.free = threading.Event(), threading.Event()

    def speak(
        self,
        text: str,
        voice: str,
        *,
        language: str | None = None,
        speed: float = 1.0,
        lexicon: Lexicon | None = None,
    ) -> Speech:
        self.asked.set()
        assert self.free.wait(60)
        return super().speak(text, voice, language=language, speed=speed, lexicon=lexicon)


class StoppedOnceAsked(SilentProgress):
    """Somebody stops the work while the engine thinks."""

    def __init__(self, tts: Thinking) -> None:
        self.tts = tts

    def check_cancelled(self) -> None:
        if self.tts.asked.is_set():
            raise Cancelled("stopped")


def test_cancelling_does_not_wait_for_an_engine_that_thinks(store: StageStore) -> None:
    tts = Thinking()
    speaker = LineSpeaker({1: SpeakingVoice(tts, "tone_en-us")}, "en-US", None, store, StoppedOnceAsked(tts))
    with pytest.raises(Cancelled):
        speaker.speak("one", 1)
    tts.free.set()
    assert fake(store).speak("one", 1).words[0].text == "one"


def test_kokoro_speaks_a_line_of_a_dub_and_another_take_of_it(store: StageStore, tmp_path: Path) -> None:
    voices = {1: SpeakingVoice(Kokoro(cache=tmp_path, threads=2), "pf_dora")}
    speaker = LineSpeaker(voices, "pt-BR", None, store, SilentProgress())
    usual, take = speaker.speak("Tudo bem, minha mãe?", 1), speaker.speak("Tudo bem, minha mãe?", 1, take=1)
    assert [word.text for word in usual.words] == ["Tudo", "bem,", "minha", "mãe?"]
    assert [word.text for word in take.words] == [word.text for word in usual.words]
    assert not np.array_equal(take.samples, usual.samples)
    assert take.words[-1].end_s <= take.duration_s
