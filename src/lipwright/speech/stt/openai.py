"""Recognition behind OpenAI's transcription API, at OpenAI or at any server that answers as it does."""

import io
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, FiniteFloat, SecretStr

from lipwright.contracts.speech import Transcript, Utterance
from lipwright.remote.answer import Answer
from lipwright.remote.client import Request
from lipwright.remote.cost import CostLedger
from lipwright.speech.openai import NO_KEY, TIMEOUT_S, URL, openai_client
from lipwright.speech.pauses import Feed, Window, loud_stretches
from lipwright.speech.stt.base import SpeechToText, SttCapability
from lipwright.speech.stt.language_names import LANGUAGES, tag_of
from lipwright.speech.stt.retold import Told, timed_words
from lipwright.speech.stt.tongue import main_language
from lipwright.speech.stt.written import SPACELESS, Scrap, until, utterance

SAMPLE_RATE_HZ: Final = 16_000
MODEL: Final = "whisper-1"
_WINDOW_S: Final = (180.0, 240.0)
"""Under 8 MB, where 25 MB are allowed: a request that fails costs little, and one that is cancelled ends soon."""
_CUT_S: Final = 0.5
"""Before the end of a window that ends in speech, words may be cut."""
_OTHER_NAMES: Final = {"nb": "no", "fil": "tl", "jv": "jw"}


class _Word(BaseModel):
    word: str
    start: FiniteFloat
    end: FiniteFloat


class _Segment(BaseModel):
    text: str
    start: FiniteFloat
    end: FiniteFloat
    avg_logprob: FiniteFloat = 0.0
    no_speech_prob: FiniteFloat = 0.0
    compression_ratio: FiniteFloat = 0.0


class _Heard(BaseModel):
    """https://platform.openai.com/docs/api-reference/audio/verbose-json-object"""

    text: str
    language: str = ""
    segments: list[_Segment] | None = None
    words: list[_Word] | None = None


class OpenAiStt(SpeechToText):
    """OpenAI's Whisper, or the recogniser of a server that answers as OpenAI does.

    The sound is sent in windows of three to four minutes that end in a pause, as FLAC; silence is not sent. Words have
    the times that the server tells; where it times segments alone, their words share that time by their letters.

    Licence: code Apache-2.0, as Lipwright; the model is the server's, under its terms.
    """

    capability = SttCapability(
        name="openai",
        languages=LANGUAGES,
        word_times=True,
        streaming=True,
        cost_unit="seconds",
        needs_gpu=False,
        code_licence="Apache-2.0",
        weights_licence="LicenseRef-Terms-Of-The-Server",
    )

    def __init__(
        self,
        *,
        openai_url: str = URL,
        openai_key: SecretStr = NO_KEY,
        openai_stt_model: str = MODEL,
        remote_timeout_s: float = TIMEOUT_S,
        remote_requests_per_minute: int = 0,
    ) -> None:
        """
        Args:
            remote_timeout_s: for one answer.
            remote_requests_per_minute: 0 sets no limit.
        """
        self.cost = CostLedger()
        """What its use has cost so far."""
        self._client = openai_client(openai_url, openai_key, remote_timeout_s, remote_requests_per_minute)
        self._model = openai_stt_model

    def find_language(self, language: str) -> str:
        primary = language.replace("_", "-").split("-", maxsplit=1)[0].lower()
        return super().find_language(_OTHER_NAMES.get(primary, language))

    def identity(self) -> str:
        return f"{super().identity()}, {self._model} at {self._client.server.url}"

    def transcribe(
        self, chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int, language: str | None = None
    ) -> Transcript:
        told = self.find_language(language) if language is not None else None
        feed = Feed(chunks, sample_rate_hz, SAMPLE_RATE_HZ)
        heard: list[tuple[Utterance, float]] = []
        while (window := feed.window(*_WINDOW_S)) is not None:
            said = self._hear(window, told) if loud_stretches(window) else []
            taken_s = _taken_until_s(window, said)
            floor_s = heard[-1][0].end_s if heard else 0.0
            for part in said:
                if part.words[0].start_s < taken_s and part.words[-1].end_s > floor_s:
                    heard.append((until(part, taken_s), 1.0 if told is not None else part.certainty))
            feed.go_on(taken_s)
        spoken, probability = main_language(heard)
        return Transcript(spoken, probability, feed.duration_s, tuple(part for part, _ in heard))

    def _hear(self, window: Window, told: str | None) -> list[Utterance]:
        """What is said in a window, with times of the whole stream."""
        length_s = len(window.sound) / SAMPLE_RATE_HZ
        form: dict[str, str | list[str]] = {
            "model": self._model,
            "response_format": "verbose_json",
            "timestamp_granularities[]": ["word", "segment"],
            "temperature": "0",
        }
        if told is not None:
            form["language"] = told
        files = {"file": ("speech.flac", _flac(window.sound), "audio/flac")}

        def read(answer: Answer) -> _Heard:
            self.cost.add("seconds", length_s)
            return answer.parsed(_Heard)

        answered = self._client.ask(Request("POST", "/audio/transcriptions", form=form, files=files), read)
        return _utterances(answered, told or tag_of(answered.language) or "und", window.start_s, length_s)


def _utterances(heard: _Heard, language: str, offset_s: float, length_s: float) -> list[Utterance]:
    """What a server wrote, without what nobody said; times are `offset_s` later, and inside the window."""
    segments = heard.segments
    if not segments:  # a server that knows no segments
        segments = [_Segment(text=heard.text, start=0.0, end=length_s)] if heard.text.strip() else []
    words = [Told(word.word, _inside(word.start, length_s), _inside(word.end, length_s)) for word in heard.words or ()]
    told = [Told(part.text.strip(), _inside(part.start, length_s), _inside(part.end, length_s)) for part in segments]
    said: list[Utterance] = []
    for segment, own in zip(segments, timed_words(told, words, spaced=language not in SPACELESS), strict=True):
        chance = math.exp(min(segment.avg_logprob, 0.0))
        scrap = Scrap(
            words=tuple(replace(word, chance=chance) for word in own),
            mean_log_chance=segment.avg_logprob,
            silence_chance=segment.no_speech_prob,
            repetition=segment.compression_ratio,
        )
        part = utterance(scrap, language, offset_s, said[-1].end_s if said else offset_s)
        if part is not None:
            said.append(part)
    return said


def _taken_until_s(window: Window, said: list[Utterance]) -> float:
    """Where the next window begins: behind this one, or behind its last whole word where a word may be cut."""
    if window.ends_in_pause:
        return window.end_s
    whole_s = [word.end_s for part in said for word in part.words if word.end_s < window.end_s - _CUT_S]
    return whole_s[-1] if whole_s else window.end_s


def _inside(time_s: float, length_s: float) -> float:
    return min(max(time_s, 0.0), length_s)


def _flac(samples: NDArray[np.float32]) -> bytes:
    """A FLAC file of mono sound at 16 kHz, 16 bits."""
    import av

    pcm = (np.clip(samples, -1.0, 1.0) * 32767).astype(np.int16)
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=SAMPLE_RATE_HZ, layout="mono", format="s16")
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return file.getvalue()
