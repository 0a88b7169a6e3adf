"""Ears for tests: they hear what they are told to, when it is loud, and fail on demand."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Transcript, Utterance, Word
from lipwright.errors import LipwrightError
from lipwright.speech.stt.base import SpeechToText, SttCapability

LOUD = 0.01
_LANGUAGES = ("en", "es", "fr", "it", "pt")


class FakeStt(SpeechToText):
    """Spreads given words evenly from the first to the last loud sample, deterministic, without a model.

    Licence: Apache-2.0, as Lipwright.
    """

    capability = SttCapability(
        name="fake",
        languages=_LANGUAGES,
        word_times=True,
        streaming=True,
        cost_unit="none",
        needs_gpu=False,
        code_licence="Apache-2.0",
        weights_licence="Apache-2.0",
    )

    def __init__(
        self,
        *,
        text: str = "These words are made up.",
        spoken: str = "en",
        failures: Sequence[LipwrightError | None] = (),
    ) -> None:
        """
        Args:
            text: what it hears in every recording that is loud anywhere.
            spoken: the language that it recognises when none is named.
            failures: raised by the first, second ... call of `transcribe`; None lets a call through.
        """
        self.calls: list[str | None] = []
        """The language of every call so far."""
        self._text, self._spoken = text, spoken
        self._failures = list(failures)

    def transcribe(
        self, chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int, language: str | None = None
    ) -> Transcript:
        spoken = self.find_language(language) if language is not None else self._spoken
        self.calls.append(language)
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
        samples, first, last = 0, -1, -1
        for chunk in chunks:
            if chunk.ndim != 1:
                raise ValueError(f"sound of shape {chunk.shape}: mix it down to mono, (n,), first.")
            loud = np.flatnonzero(np.abs(chunk) > LOUD)
            if len(loud):
                first = first if first >= 0 else samples + int(loud[0])
                last = samples + int(loud[-1])
            samples += len(chunk)
        duration_s = samples / sample_rate_hz
        if first < 0 or not self._text.split():
            return Transcript("und", 0.0, duration_s, ())
        texts = self._text.split()
        edges_s = np.linspace(first, last + 1, len(texts) + 1) / sample_rate_hz
        words = tuple(
            Word(text, start_s, end_s)
            for text, start_s, end_s in zip(texts, edges_s[:-1].tolist(), edges_s[1:].tolist(), strict=True)
        )
        said = Utterance(self._text, words[0].start_s, words[-1].end_s, spoken, words, 1.0)
        return Transcript(spoken, 1.0, duration_s, (said,))
