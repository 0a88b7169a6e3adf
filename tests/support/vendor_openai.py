"""A server that speaks, hears and translates as OpenAI's API documents it.

Its speech is Hibari's, in a WAV file that is as long as can be by its header, as OpenAI sends it.
"""

import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.stt.fake import FakeStt
from lipwright.speech.tts.hibari import Hibari
from lipwright.speech.tts.received import SAMPLE_RATE_HZ, decode
from support.vendor import Received, Reply, Vendor, said

KEY = "sk-test-0123456789abcdef"
VOICES = {
    "alloy",
    "ash",
    "ballad",
    "coral",
    "echo",
    "fable",
    "nova",
    "onyx",
    "sage",
    "shimmer",
    "verse",
    "marin",
    "cedar",
}
STREAMED = 0xFFFFFFFF
LANGUAGE_NAMES = {
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "pt": "portuguese",
    "ja": "japanese",
}


def wav(samples: NDArray[np.float32], rate_hz: int = SAMPLE_RATE_HZ, length: int | None = None) -> bytes:
    """16 bits, mono; `length` is what the header says of the data."""
    data = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    length = len(data) if length is None else length
    header = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", min(length + 36, STREAMED), b"WAVE", b"fmt ", 16, 1, 1, rate_hz,
                         rate_hz * 2, 2, 16)  # fmt: skip
    return header + struct.pack("<4sI", b"data", length) + data


class OpenAi(Vendor):
    def __init__(
        self,
        *,
        ears: SpeechToText | None = None,
        translate: Callable[[str], str] = str.upper,
        structured: bool = True,
        tells_words: bool = True,
    ) -> None:
        """
        Args:
            ears: what it hears with.
            translate: one line of text.
            structured: whether it takes a schema for its answers, and a temperature.
            tells_words: whether it gives words their times.
        """
        super().__init__(self._respond)
        self.base = f"{self.url}/v1"
        self._voice = Hibari()
        self._spoken: dict[tuple[str, float], bytes] = {}
        self._ears = ears or FakeStt()
        self._translate, self._structured, self._tells_words = translate, structured, tells_words

    def _respond(self, request: Received) -> Reply:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _error(401, "Incorrect API key provided: sk-****", "invalid_api_key")
        routes = {
            "/v1/audio/speech": self._speech,
            "/v1/audio/transcriptions": self._transcription,
            "/v1/chat/completions": self._completion,
        }
        if request.method != "POST" or request.path not in routes:
            return _error(404, f"Invalid URL ({request.method} {request.path})", "not_found")
        return routes[request.path](request)

    def _speech(self, request: Received) -> Reply:
        asked = request.json
        if asked["voice"] not in VOICES:
            return _error(400, f"Input should be one of {sorted(VOICES)}", "invalid_voice")
        if not 0 < len(asked["input"]) <= 4096 or not 0.25 <= asked.get("speed", 1.0) <= 4.0:
            return _error(400, "Input is too long, or speed is out of range", "invalid_value")
        assert asked["response_format"] == "wav"
        key = (asked["input"], asked.get("speed", 1.0))
        if key not in self._spoken:
            self._spoken[key] = self._say(*key)
        return Reply(200, {"content-type": "audio/wav"}, self._spoken[key])

    def _say(self, text: str, speed: float) -> bytes:
        latin = text if text.isascii() else "This is a sentence in some other language."
        samples = self._voice.speak(latin, "heart", speed=min(speed, 2.0)).samples
        pause = np.zeros(SAMPLE_RATE_HZ // 5, np.float32)
        return wav(np.concatenate([pause, samples * np.float32(0.5), pause]), length=STREAMED)

    def _transcription(self, request: Received) -> Reply:
        form = request.form()
        content = form["file"][0]
        if len(content) > 25 << 20:
            return _error(413, "Maximum content size limit exceeded", "too_large")
        asked = form["response_format"][0].decode()
        wanted = {value.decode() for value in form.get("timestamp_granularities[]", [b"segment"])}
        assert asked == "verbose_json"
        language = form["language"][0].decode() if "language" in form else None
        heard = self._ears.transcribe([decode(content)], SAMPLE_RATE_HZ, language)
        document: dict[str, Any] = {
            "task": "transcribe",
            "language": LANGUAGE_NAMES.get(heard.language, "english"),
            "duration": heard.duration_s,
            "text": heard.text,
            "segments": [
                {
                    "id": number,
                    "seek": 0,
                    "start": part.start_s,
                    "end": part.end_s,
                    "text": f" {part.text}",
                    "tokens": [],
                    "temperature": 0.0,
                    "avg_logprob": -0.2,
                    "compression_ratio": 1.1,
                    "no_speech_prob": 0.01,
                }
                for number, part in enumerate(heard.utterances)
            ],
            "usage": {"type": "duration", "seconds": round(heard.duration_s)},
        }
        if self._tells_words and "word" in wanted:
            document["words"] = [
                {"word": word.text.strip(".,!?"), "start": round(word.start_s, 2), "end": round(word.end_s, 2)}
                for word in heard.words
            ]
        return said(document)

    def _completion(self, request: Received) -> Reply:
        asked = request.json
        if not self._structured and {"response_format", "temperature"} & asked.keys():
            return _error(400, "Unsupported parameter", "unsupported_parameter")
        task = json.loads(asked["messages"][-1]["content"])
        texts = [
            {"id": line["id"], "candidates": self._candidates(line["text"], task["candidates"])}
            for line in task["lines"]
        ]
        content = json.dumps({"lines": texts}, ensure_ascii=False)
        return completion(content if self._structured else f"Here is the translation:\n```json\n{content}\n```\nEnjoy!")

    def _candidates(self, text: str, count: int) -> list[str]:
        words = self._translate(text).split()
        return [" ".join(words[: max(len(words) - less, 1)]) for less in range(count)]


def completion(content: str | None, finish: str = "stop", refusal: str | None = None) -> Reply:
    """What a model wrote."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return said(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "test",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
            "usage": {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42},
        }
    )


def _error(status: int, message: str, code: str) -> Reply:
    return said({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}, status)
