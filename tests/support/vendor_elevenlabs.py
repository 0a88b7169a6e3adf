"""A server that speaks and copies voices as ElevenLabs' API documents it.

Its speech is Hibari's; the times of its letters are spread over Hibari's own words.
"""

import base64

import numpy as np

from lipwright.contracts.speech import Speech
from lipwright.speech.tts.hibari import Hibari
from lipwright.speech.tts.received import SAMPLE_RATE_HZ, NoSpeech, decode
from support.vendor import Received, Reply, Vendor, said

KEY = "xi-test-0123456789abcdef"
RACHEL, ADAM = "21m00Tcm4TlvDq8ikWAM", "pNInz6obpgDQGcFmaJgB"
PAUSE_S = 0.25
"""Before the first sound."""


class ElevenLabsServer(Vendor):
    def __init__(self, *, tells_letters: bool = True) -> None:
        super().__init__(self._respond)
        self._voice = Hibari()
        self._tells_letters = tells_letters
        self._spoken: dict[tuple[str, float], Speech] = {}
        self.voices = [
            {"voice_id": RACHEL, "name": "Rachel", "category": "premade", "labels": {"gender": "female"}},
            {"voice_id": ADAM, "name": "Adam", "category": "premade", "labels": {"gender": "male", "age": None}},
        ]  # fmt: skip

    def spoken(self, text: str, speed: float = 1.0) -> Speech:
        """What its voices say, without the pause before it."""
        key = (text, speed)
        if key not in self._spoken:
            latin = text if text.isascii() else "This is a sentence in some other language."
            self._spoken[key] = self._voice.speak(latin, "heart", speed=speed)
        return self._spoken[key]

    def _respond(self, request: Received) -> Reply:
        if request.headers.get("xi-api-key") != KEY:
            return _error(401, "invalid_api_key", "Invalid API key")
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["v1", "voices"]:
                return said({"voices": self.voices})
            case "POST", ["v1", "voices", "add"]:
                return self._add(request)
            case "DELETE", ["v1", "voices", voice]:
                return self._delete(voice)
            case "POST", ["v1", "text-to-speech", voice, "with-timestamps"]:
                return self._speech(request, voice)
        return said({"detail": "Not Found"}, 404)

    def _speech(self, request: Received, voice: str) -> Reply:
        asked = request.json
        if voice not in {known["voice_id"] for known in self.voices}:
            return _error(404, "voice_not_found", f"A voice with the voice_id {voice} was not found.")
        if "language_code" in asked and asked["model_id"] == "eleven_multilingual_v2":
            return _error(400, "unsupported_language", "Model 'eleven_multilingual_v2' does not support language_code")
        speed = asked.get("voice_settings", {}).get("speed", 1.0)
        if not 0.7 <= speed <= 1.2:
            return said({"detail": [{"loc": ["body", "voice_settings", "speed"], "msg": "between 0.7 and 1.2"}]}, 422)
        assert request.query == {"output_format": f"pcm_{SAMPLE_RATE_HZ}"}
        return answer(asked["text"], self.spoken(asked["text"], speed), tells_letters=self._tells_letters)

    def _add(self, request: Received) -> Reply:
        form = request.form()
        try:
            decode(form["files"][0])
        except (KeyError, NoSpeech):
            return _error(400, "invalid_content", "Uploaded file is corrupted")
        voice = f"cloned{len(self.voices):014d}"
        self.voices.append({"voice_id": voice, "name": form["name"][0].decode(), "category": "cloned", "labels": {}})
        return said({"voice_id": voice, "requires_verification": False})

    def _delete(self, voice: str) -> Reply:
        kept = [known for known in self.voices if known["voice_id"] != voice]
        if len(kept) == len(self.voices):
            return _error(400, "voice_does_not_exist", f"A voice with voice_id {voice} does not exist.")
        self.voices = kept
        return said({"status": "ok"})


def answer(text: str, speech: Speech, *, tells_letters: bool = True, keep_s: float | None = None) -> Reply:
    """Sound and times, as `convert with timestamps` gives them; `keep_s` cuts the sound alone."""
    sound = np.concatenate([np.zeros(round(PAUSE_S * SAMPLE_RATE_HZ), np.float32), speech.samples])
    sound = sound if keep_s is None else sound[: round(keep_s * SAMPLE_RATE_HZ)]
    pcm = (sound * 32767).astype("<i2").tobytes()
    starts, ends = _letter_times(text, speech)
    alignment = {
        "characters": list(text),
        "character_start_times_seconds": starts,
        "character_end_times_seconds": ends,
    }
    return said(
        {
            "audio_base64": base64.b64encode(pcm).decode(),
            "alignment": alignment if tells_letters else None,
            "normalized_alignment": alignment if tells_letters else None,
        }
    )


def _letter_times(text: str, speech: Speech) -> tuple[list[float], list[float]]:
    """Each letter's time: an equal part of its word, the spaces between; of the whole for another text."""
    if " ".join(word.text for word in speech.words) == text:
        knots, times = [0], [speech.words[0].start_s]
        for word in speech.words:
            at = text.index(word.text, knots[-1])
            knots += [at, at + len(word.text)]
            times += [word.start_s, word.end_s]
    else:
        knots, times = [0, len(text)], [speech.words[0].start_s, speech.words[-1].end_s]
    edges = np.interp(np.arange(len(text) + 1), knots, times) + PAUSE_S
    return [round(float(t), 3) for t in edges[:-1]], [round(float(t), 3) for t in edges[1:]]


def _error(status: int, code: str, message: str) -> Reply:
    return said({"detail": {"status": code, "message": message}}, status)
