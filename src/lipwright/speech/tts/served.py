"""What all voices behind a server have in common: the text checked, the sound finished, the words timed."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.speech import Speech
from lipwright.errors import UsageError
from lipwright.remote.client import RemoteClient
from lipwright.remote.cost import CostLedger
from lipwright.speech.finish import TAIL_S, finish
from lipwright.speech.lexicon import Lexicon
from lipwright.speech.tts.base import TextToSpeech, Voice
from lipwright.speech.tts.received import SAMPLE_RATE_HZ
from lipwright.speech.tts.wording import Letter, Wording, wording_of


@dataclass(frozen=True, slots=True)
class Said:
    """What a server said."""

    samples: NDArray[np.float32]
    """Mono at 24 kHz, (n,), checked."""
    letters: tuple[Letter, ...] | None
    """What was sent, with the times of its letters; None from a server that tells none."""


class ServedTts(TextToSpeech):
    """A voice behind a server."""

    def __init__(self, client: RemoteClient) -> None:
        self.cost = CostLedger()
        """What its use has cost so far."""
        self._client = client

    @abstractmethod
    def _fetch(self, wording: Wording, voice: Voice, speed: float) -> Said:
        """Ask the server. Raises: ProviderError."""

    def speak(
        self,
        text: str,
        voice: str,
        *,
        language: str | None = None,
        speed: float = 1.0,
        lexicon: Lexicon | None = None,
    ) -> Speech:
        slowest, fastest = self.capability.speeds
        if not slowest <= speed <= fastest:
            raise UsageError(
                f"speed {speed:g}: out of range. Use a speed from {slowest:g} (slow) to {fastest:g} (fast) with"
                f" {self.capability.name}."
            )
        speaker = self.find_voice(voice, language)
        wording = wording_of(text, speaker.language, lexicon)
        said = self._fetch(wording, speaker, speed)
        finished = finish(said.samples, SAMPLE_RATE_HZ)
        if said.letters is None:
            phonemes, words = wording.timed_by_sound(finished.samples, SAMPLE_RATE_HZ)
        else:
            letters = [
                Letter(letter.text, letter.start_s - finished.removed_s, letter.end_s - finished.removed_s)
                for letter in said.letters
            ]
            phonemes, words = wording.timed_by_letters(letters, len(finished.samples) / SAMPLE_RATE_HZ - TAIL_S)
        return Speech(
            text=text,
            language=speaker.language,
            samples=finished.samples,
            sample_rate_hz=SAMPLE_RATE_HZ,
            phonemes=phonemes,
            words=words,
        )

    def identity(self) -> str:
        return f"{super().identity()}, {self._model()} at {self._client.server.url}"

    @abstractmethod
    def _model(self) -> str:
        """Name of the model that speaks."""
