"""A voice for tests: a tone for every letter, exact times, failures on demand."""

import unicodedata
from collections.abc import Sequence

import numpy as np

from lipwright.contracts.speech import Phoneme, Speech
from lipwright.errors import LipwrightError, TextEmpty, UsageError
from lipwright.speech import timing
from lipwright.speech.finish import ACTIVE_LEVEL_DBFS, FADE_S, LEAD_S, TAIL_S
from lipwright.speech.lexicon import Lexicon
from lipwright.speech.normalise import normalise
from lipwright.speech.tts.base import Gender, TextToSpeech, TtsCapability, Voice
from lipwright.speech.tts.neural import FASTEST, SLOWEST

SAMPLE_RATE_HZ = 24_000
LETTER_S = 0.060
SPACE_S = 0.040
_LANGUAGES = ("en-US", "en-GB", "es", "fr", "it", "pt-BR")


class FakeTts(TextToSpeech):
    """Says each letter of the spelled-out words as a tone of 60 ms, deterministic, without a model.

    Licence: Apache-2.0, as Lipwright.
    """

    capability = TtsCapability(
        name="fake",
        languages=_LANGUAGES,
        voice_count=len(_LANGUAGES),
        accepts_voice_files=False,
        phoneme_timing_error_ms=0.0,
        sample_rate_hz=SAMPLE_RATE_HZ,
        streaming=False,
        cost_unit="none",
        needs_gpu=False,
        code_licence="Apache-2.0",
        weights_licence="Apache-2.0",
    )

    def __init__(self, *, failures: Sequence[LipwrightError | None] = ()) -> None:
        """`failures`: raised by the first, second ... call of `speak`; None lets a call through."""
        self.spoken: list[str] = []
        """The text of every sentence so far."""
        self._failures = list(failures)

    def voices(self) -> tuple[Voice, ...]:
        return tuple(
            Voice(f"tone_{tag.lower()}", tag, Gender.NEUTRAL, "fake", "a tone for every letter") for tag in _LANGUAGES
        )

    def speak(
        self,
        text: str,
        voice: str,
        *,
        language: str | None = None,
        speed: float = 1.0,
        lexicon: Lexicon | None = None,
    ) -> Speech:
        speaker = self.find_voice(voice, language)
        if not SLOWEST <= speed <= FASTEST:
            raise UsageError(f"speed {speed:g}: out of range. Use a speed from {SLOWEST:g} to {FASTEST:g}.")
        self.spoken.append(text)
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
        tokens = normalise(text, speaker.language, lexicon)
        phones: list[timing.Symbol] = []
        clock_s = LEAD_S
        for i, token in enumerate(tokens):
            letters = [c for c in unicodedata.normalize("NFD", token.spoken.lower()) if c.isalpha()]
            for letter in letters:
                phones.append(timing.Symbol(letter, i, clock_s, clock_s + LETTER_S / speed))
                clock_s = phones[-1].end_s
            clock_s += SPACE_S / speed if letters else 0.0
        if not phones:
            raise TextEmpty(f"`{text.strip()[:40]}`: there is nothing to say in this text. Write at least one word.")
        phonemes = timing.to_phonemes(phones)
        return Speech(
            text=text,
            language=speaker.language,
            samples=_tones(phonemes),
            sample_rate_hz=SAMPLE_RATE_HZ,
            phonemes=phonemes,
            words=timing.to_words(tokens, phones),
        )


def _tones(phonemes: Sequence[Phoneme]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """A faded sine for each phoneme; its pitch tells the letter."""
    samples = np.zeros(round((phonemes[-1].end_s + TAIL_S) * SAMPLE_RATE_HZ), np.float32)
    amplitude = 10 ** (ACTIVE_LEVEL_DBFS / 20) * np.sqrt(2)
    fade = round(FADE_S * SAMPLE_RATE_HZ)
    for phoneme in phonemes:
        start, end = round(phoneme.start_s * SAMPLE_RATE_HZ), round(phoneme.end_s * SAMPLE_RATE_HZ)
        time_s = np.arange(end - start) / SAMPLE_RATE_HZ
        tone = amplitude * np.sin(2 * np.pi * (180 + 20 * (ord(phoneme.symbol[0]) % 26)) * time_s)
        ramp = np.minimum(1.0, np.minimum(np.arange(end - start), np.arange(end - start)[::-1]) / fade)
        samples[start:end] = tone * ramp
    return samples
