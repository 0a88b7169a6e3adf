"""What every engine that recognises speech promises, and what it says of itself."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright import __version__
from lipwright.contracts.speech import Transcript
from lipwright.errors import LanguageUnknown, did_you_mean


@dataclass(frozen=True, slots=True)
class SttCapability:
    """What an engine can do."""

    name: str
    """The name that settings and requests use: `whisper`."""
    languages: tuple[str, ...]
    """BCP 47 primary subtags of the languages that it recognises."""
    word_times: bool
    """Whether words carry times of their own; else the words of an utterance share its time."""
    streaming: bool
    """Whether memory stays the same however long the recording is."""
    cost_unit: str
    """What use is counted in; `none` for an engine that costs nothing but time."""
    needs_gpu: bool
    """Whether it works only with a GPU."""
    code_licence: str
    """SPDX expression of the engine's code."""
    weights_licence: str
    """SPDX expression of the model."""


class SpeechToText(ABC):
    """An engine that writes down what is said."""

    capability: SttCapability

    @abstractmethod
    def transcribe(
        self, chunks: Iterable[NDArray[np.float32]], sample_rate_hz: int, language: str | None = None
    ) -> Transcript:
        """Recognise the words of a recording.

        Args:
            chunks: mono, -1 to 1, (n,) each; read once, in order, in pieces of any size.
            sample_rate_hz: of the chunks.
            language: BCP 47; None when it is to be recognised, which may then change from utterance to utterance.
        Returns: utterances with times from the first sample; none where nobody speaks. The same call gives the same.
        Raises: LanguageUnknown: the engine does not recognise the language. ProviderUnavailable: its files are missing.
            ProviderError: its server does not do its work. ValueError: a chunk is not mono.
        """

    def identity(self) -> str:
        """What a transcript depends on beside the sound: the engine, its version, its model. A key of the store."""
        return f"{self.capability.name} in {__version__}"

    def find_language(self, language: str) -> str:
        """The engine's own tag for a language: `en` for `en-GB`. Raises LanguageUnknown."""
        primary = language.replace("_", "-").split("-", maxsplit=1)[0].lower()
        if primary in self.capability.languages:
            return primary
        near = did_you_mean(language, self.capability.languages)
        raise LanguageUnknown(
            f"{language}: the engine {self.capability.name} does not recognise this language.{near} Use a BCP 47 tag"
            " such as `en` or `pt-BR`, or name none: then it is recognised."
        )
