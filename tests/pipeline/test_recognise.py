"""Words of a recording are recognised part by part, each once; and a mouth follows those that can be aligned."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.speech import Transcript
from lipwright.contracts.sync import SyncRequest
from lipwright.errors import Cancelled, LanguageUnknown, ProviderUnavailable
from lipwright.media.spool import AudioSpool
from lipwright.motion.recording import RecordingToMouth
from lipwright.pipeline.stages.hear import Driver, hear
from lipwright.pipeline.stages.recognise import PART_S, recognise
from lipwright.speech.stt.fake import FakeStt
from lipwright.speech.tts.hibari import Hibari
from lipwright.store.stages import StageStore
from support.wav import write_wav

RATE_HZ = 8_000
SPOKEN = "Peter bought six big maps from my mother."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StageStore]:
    with StageStore(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def two_parts() -> Iterator[AudioSpool]:
    """Noise with a pause where the first part ends, longer than one part."""
    with AudioSpool(RATE_HZ) as spool:
        noise = 0.1 * np.random.default_rng(1).standard_normal(int(RATE_HZ * PART_S[1] * 1.2)).astype(np.float32)
        noise[RATE_HZ * 200 : RATE_HZ * 204] = 0
        spool.append(noise)
        yield spool


def test_long_recording_is_heard_in_parts_with_times_of_the_whole(two_parts: AudioSpool, store: StageStore) -> None:
    stt = FakeStt(text="one two")
    heard = recognise(two_parts, stt, None, store, SilentProgress())
    assert [word.text for word in heard.words] == ["one", "two", "one", "two"]
    first, second = heard.utterances
    assert (first.start_s, first.end_s) == (pytest.approx(0, abs=0.1), pytest.approx(200, abs=0.1))
    assert (second.start_s, second.end_s) == (
        pytest.approx(204, abs=0.1),
        pytest.approx(two_parts.duration_s, abs=0.1),
    )
    assert (heard.language, heard.duration_s) == ("en", two_parts.duration_s)


def test_what_was_heard_before_a_run_broke_off_is_not_heard_again(two_parts: AudioSpool, store: StageStore) -> None:
    broken = FakeStt(failures=[None, Cancelled("stopped")])
    with pytest.raises(Cancelled):
        recognise(two_parts, broken, None, store, SilentProgress())
    again = FakeStt()
    heard = recognise(two_parts, again, None, store, SilentProgress())
    assert len(again.calls) == 1
    third = FakeStt(failures=[ProviderUnavailable("nobody may call")])
    assert recognise(two_parts, third, None, store, SilentProgress()) == heard
    other = FakeStt(text="otro")
    assert recognise(two_parts, other, "es", store, SilentProgress()).language == "es"
    assert other.calls == ["es", "es"]


def test_nothing_is_heard_in_an_empty_recording(store: StageStore) -> None:
    with AudioSpool(RATE_HZ) as empty:
        assert recognise(empty, FakeStt(), None, store, SilentProgress()) == Transcript("und", 0.0, 0.0, ())


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    speech = Hibari().speak(SPOKEN, "heart")
    path = tmp_path_factory.mktemp("recording") / "new.wav"
    write_wav(path, speech.samples, speech.sample_rate_hz)
    return path


Listen = Callable[..., Driver]


@pytest.fixture
def listen(recording: Path, tmp_path: Path, store: StageStore) -> Iterator[Listen]:
    """`listen(FakeStt(...), language=..., recognise=...)` gives what drives the mouth."""
    drivers: list[Driver] = []

    def run(stt: FakeStt | None, *, language: str | None = None, recognise: bool | None = None) -> Driver:
        request = SyncRequest(
            tmp_path / "in.mp4", tmp_path / "out.mp4", audio=recording, language=language, recognise=recognise
        )
        build = (lambda: stt) if stt is not None else None
        drivers.append(
            hear(
                request,
                None,
                build,
                Fraction(25),
                listener=RecordingToMouth(),
                store=store,
                progress=SilentProgress(),
            )
        )
        return drivers[-1]

    yield run
    for driver in drivers:
        driver.close()


def note_of(notes: Sequence[str]) -> str:
    (note,) = notes
    return note


def test_mouth_follows_english_words_that_are_recognised(listen: Listen) -> None:
    driver = listen(FakeStt(text=SPOKEN))
    assert driver.heard == "recognition"
    assert [word.text for word in driver.words] == SPOKEN.split()
    assert driver.text == SPOKEN
    assert driver.language == "en-US"
    assert note_of(driver.notes) == (
        "8 words are recognised in the recording (language en, 100% sure): the mouth follows them"
    )


@pytest.mark.parametrize(
    ("stt", "told"),
    [
        (
            FakeStt(text="Nobody knew why all those lights went out yesterday."),
            "not found again when they were aligned",
        ),
        (FakeStt(text="Pierre a acheté six cartes.", spoken="fr"), "language fr, 100% sure): only English"),
        (FakeStt(text=""), "no words are recognised in the recording"),
    ],
    ids=["wrong words", "another language", "no words"],
)
def test_mouth_follows_the_sound_and_a_note_says_so(listen: Listen, stt: FakeStt, told: str) -> None:
    driver = listen(stt)
    assert driver.heard == "sound"
    assert driver.phonemes == ()
    assert told in note_of(driver.notes)
    assert "the mouth follows" in note_of(driver.notes)
    alone = listen(None)
    assert alone.notes == ()
    assert np.array_equal(driver.mouth.gap, alone.mouth.gap)


def test_language_that_cannot_be_recognised_is_refused_only_when_recognition_is_asked_for(listen: Listen) -> None:
    driver = listen(FakeStt(), language="ja")
    assert driver.heard == "sound"
    assert note_of(driver.notes) == "fake does not recognise the language ja: the mouth follows the sound"
    with pytest.raises(LanguageUnknown, match="ja"):
        listen(FakeStt(), language="ja", recognise=True)
