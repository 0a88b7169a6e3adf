"""What every engine that copies a voice promises, and what it says of itself."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.speech.tts.base import Voice


@dataclass(frozen=True, slots=True)
class CloneCapability:
    """What an engine can do."""

    name: str
    """The name that settings and requests use: `elevenlabs`."""
    tts: str
    """Name of the speech engine that speaks with the voices that it makes."""
    shortest_s: float
    """Of a reference that it accepts."""
    longest_s: float
    """Of a reference that it listens to."""
    languages: tuple[str, ...]
    """BCP 47 tags of the languages that its voices speak."""
    cost_unit: str
    """What use is counted in; `none` for an engine that costs nothing but time."""
    needs_gpu: bool
    code_licence: str
    weights_licence: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Speech of one person. Whoever makes a voice of it has that person's consent."""

    samples: NDArray[np.float32]
    """Mono, (n,), without its background."""
    sample_rate_hz: int
    text: str = ""
    """What is said in it, where that is known."""
    language: str = "und"
    """BCP 47."""


class VoiceCloner(ABC):
    """An engine that copies a voice."""

    capability: CloneCapability

    @abstractmethod
    def clone(self, reference: Reference, name: str) -> Voice:
        """Make a voice that sounds like a reference.

        Args:
            name: what the voice is called where the engine lists its voices.
        Returns: a voice that the engine `capability.tts` speaks with.
        Raises: UsageError: the reference is too short. ProviderError.
        """

    @abstractmethod
    def forget(self, voice: Voice) -> None:
        """Remove a voice that this engine made. Raises: ProviderError."""
