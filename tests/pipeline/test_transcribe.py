"""What is said becomes a file; what cannot be written down is told."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.transcription import TranscriptionReport, TranscriptionRequest
from lipwright.errors import LanguageUnknown, MediaUnreadable, OutputNotWritable, SpeechNotHeard, UsageError
from lipwright.pipeline.transcribe import transcribe
from lipwright.speech.stt.fake import FakeStt
from lipwright.speech.tts.hibari import Hibari
from lipwright.store.stages import StageStore
from support.wav import write_wav

SPOKEN = "Peter bought six big maps from my mother."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StageStore]:
    with StageStore(tmp_path / "store") as opened:
        yield opened


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    speech = Hibari().speak(SPOKEN, "heart")
    path = tmp_path_factory.mktemp("recording") / "talk.wav"
    write_wav(path, speech.samples, speech.sample_rate_hz)
    return path


def run(
    source: Path, output: Path, store: StageStore, stt: FakeStt, language: str | None = None
) -> TranscriptionReport:
    request = TranscriptionRequest(source, output, language=language)
    return transcribe(request, stt=stt, store=store, progress=SilentProgress())


@pytest.mark.parametrize(("suffix", "start"), [(".srt", "1\n00:00:0"), (".vtt", "WEBVTT\n"), (".ass", "[Script Info]")])
def test_subtitles_are_written_in_the_format_of_the_suffix(
    recording: Path, tmp_path: Path, store: StageStore, suffix: str, start: str
) -> None:
    report = run(recording, tmp_path / f"talk{suffix}", store, FakeStt(text=SPOKEN))
    text = (tmp_path / f"talk{suffix}").read_text("utf-8")
    assert text.startswith(start)
    assert SPOKEN in text
    assert (report.words, report.cues, report.language, report.notes) == (8, 1, "en", ())


def test_document_holds_every_word_with_its_time(recording: Path, tmp_path: Path, store: StageStore) -> None:
    report = run(recording, tmp_path / "talk.json", store, FakeStt(text=SPOKEN, spoken="en"))
    document = json.loads((tmp_path / "talk.json").read_text("utf-8"))
    assert (document["source"], document["engine"], document["language"]) == ("talk.wav", "fake", "en")
    (said,) = document["utterances"]
    assert said["text"] == SPOKEN
    assert [word["text"] for word in said["words"]] == SPOKEN.split()
    assert report.cues == 1


def test_recording_without_words_is_refused_and_leaves_no_file(tmp_path: Path, store: StageStore) -> None:
    rng = np.random.default_rng(3)
    write_wav(tmp_path / "silent.wav", np.zeros(16_000, np.float32), 16_000)
    write_wav(tmp_path / "noise.wav", 0.1 * rng.standard_normal(16_000).astype(np.float32), 16_000)
    with pytest.raises(SpeechNotHeard, match="there is nothing to hear in it"):
        run(tmp_path / "silent.wav", tmp_path / "talk.srt", store, FakeStt())
    with pytest.raises(SpeechNotHeard, match=r"noise\.wav.*no words are recognised in it.*--language"):
        run(tmp_path / "noise.wav", tmp_path / "talk.srt", store, FakeStt(text=""))
    assert not (tmp_path / "talk.srt").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_cannot_be_written_is_told_before_anything_is_heard(
    recording: Path, tmp_path: Path, store: StageStore
) -> None:
    stt = FakeStt()
    with pytest.raises(UsageError, match=r"talk\.doc.*\.srt, \.vtt, \.ass, \.json"):
        run(recording, tmp_path / "talk.doc", store, stt)
    with pytest.raises(OutputNotWritable, match="there is no folder"):
        run(recording, tmp_path / "nowhere" / "talk.srt", store, stt)
    with pytest.raises(LanguageUnknown, match="tlh"):
        run(recording, tmp_path / "talk.srt", store, stt, "tlh")
    assert stt.calls == []


def test_picture_is_no_recording(tmp_path: Path, drawn_portrait: Path, store: StageStore) -> None:
    with pytest.raises(MediaUnreadable):
        run(drawn_portrait, tmp_path / "talk.srt", store, FakeStt())
