"""What every engine that copies a voice promises, and what it says of itself."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.errors import UsageError
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
    """SPDX expression of the engine's code."""
    weights_licence: str
    """SPDX expression of the model."""


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
        """Make a voice that sounds like a reference. Each call makes another one.

        Args:
            reference: what is longer than `capability.longest_s` is cut.
            name: what the voice is called where the engine lists its voices.
        Returns: a voice that the engine `capability.tts` speaks with.
        Raises: UsageError: the reference is too short, or not mono. ProviderError.
        """

    @abstractmethod
    def forget(self, voice: Voice) -> None:
        """Remove a voice that this engine made; one that is gone is no failure. Raises: ProviderError."""

    def check_reference(self, reference: Reference) -> None:
        """Raise UsageError for a reference that is too short, or not mono."""
        if reference.samples.ndim != 1:
            raise UsageError(f"sound of shape {reference.samples.shape}: mix it down to mono, (n,), first.")
        length_s = len(reference.samples) / reference.sample_rate_hz
        if length_s < self.capability.shortest_s:
            raise UsageError(
                f"{length_s:.1f} s of speech are too little to copy a voice: {self.capability.name} wants"
                f" {self.capability.shortest_s:g} s. Choose a voice with --voice."
            )
