"""Who speaks is found once for a sound and its words."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.speech import Transcript, Utterance, Word
from lipwright.errors import Cancelled
from lipwright.media.audio import resample
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.diarise import diarise
from lipwright.speech.speakers.embed import SpeakerEmbedder
from lipwright.speech.tts.hibari import Hibari
from lipwright.store.stages import StageStore

RATE_HZ = 48_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StageStore]:
    with StageStore(tmp_path / "store") as opened:
        yield opened


@pytest.fixture(scope="module")
def talk() -> tuple[NDArray[np.float32], Transcript]:
    """One voice, and the same played a third lower and slower, at 48 kHz: a conversation of two."""
    speech = Hibari().speak("Nobody knew why the lights went out during dinner.", "heart")
    high = np.concatenate([*resample([speech.samples], speech.sample_rate_hz, RATE_HZ)])
    low = np.concatenate([*resample([speech.samples], round(speech.sample_rate_hz * 0.62), RATE_HZ)])
    sounds, words, clock_s = [], [], 0.0
    for sound, slower in ((high, 1.0), (low, 1 / 0.62), (high, 1.0)):
        words += [Word(w.text, clock_s + w.start_s * slower, clock_s + w.end_s * slower) for w in speech.words]
        sounds += [sound, np.zeros(RATE_HZ // 2, np.float32)]
        clock_s = sum(map(len, sounds)) / RATE_HZ
    said = Utterance("", words[0].start_s, words[-1].end_s, "en", tuple(words), 1.0)
    return np.concatenate(sounds), Transcript("en", 1.0, clock_s, (said,))


def spooled(sound: NDArray[np.float32]) -> AudioSpool:
    spool = AudioSpool(RATE_HZ, channels=sound.ndim)
    spool.append(sound)
    return spool


class Stopped(SilentProgress):
    def check_cancelled(self) -> None:
        raise Cancelled("stopped")


def test_speakers_of_a_stereo_sound_are_found_and_kept(
    talk: tuple[NDArray[np.float32], Transcript], store: StageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, transcript = talk
    with spooled(np.stack([sound, sound], axis=1)) as stereo:
        who = diarise(stereo, transcript, store, SilentProgress())
        each = len(transcript.words) // 3
        assert who.words == (1,) * each + (2,) * each + (1,) * each
        high, low = who.speakers
        assert high.pitch_hz is not None
        assert low.pitch_hz == pytest.approx(high.pitch_hz * 0.62, rel=0.05)

        monkeypatch.setattr(SpeakerEmbedder, "slide", None)
        assert diarise(stereo, transcript, store, SilentProgress()) == who
        with pytest.raises(TypeError):
            diarise(stereo, transcript, store, SilentProgress(), count=1)


def test_mono_and_stereo_of_one_sound_have_the_same_speakers(
    talk: tuple[NDArray[np.float32], Transcript], store: StageStore
) -> None:
    sound, transcript = talk
    with spooled(sound) as mono, spooled(np.stack([sound, sound], axis=1)) as stereo:
        one, other = (diarise(spool, transcript, store, SilentProgress()) for spool in (mono, stereo))
    assert one == other


def test_somebody_can_stop_it(talk: tuple[NDArray[np.float32], Transcript], store: StageStore) -> None:
    sound, transcript = talk
    with spooled(sound) as mono, pytest.raises(Cancelled):
        diarise(mono, transcript, store, Stopped())


def test_nobody_speaks_where_no_words_are(store: StageStore) -> None:
    with spooled(np.zeros(RATE_HZ, np.float32)) as silence:
        who = diarise(silence, Transcript("und", 0.0, 1.0, ()), store, SilentProgress())
    assert (who.speakers, who.turns, who.words) == ((), (), ())
