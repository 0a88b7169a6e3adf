"""What every engine that separates promises, and what it says of itself."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 48_000


@dataclass(frozen=True, slots=True)
class SeparateCapability:
    """What an engine can do."""

    name: str
    """The name that settings and requests use: `deepfilter`."""
    sung: bool
    """Whether singing belongs to the voice; else it stays in the bed."""
    stereo: bool
    """Whether both channels are separated together."""
    cost_unit: str
    """What use is counted in; `none` for an engine that costs nothing but time."""
    needs_gpu: bool
    code_licence: str
    """SPDX expression of the engine's code."""
    weights_licence: str
    """SPDX expression of the model; empty where the user brings it."""


@dataclass(frozen=True, slots=True)
class Stems:
    """A stretch of sound taken apart; the sum of both is the sound that came in."""

    voice: NDArray[np.float32]
    """(n, channels)."""
    bed: NDArray[np.float32]
    """(n, channels): everything else."""


class Separator(ABC):
    """An engine that takes the voice out of a sound."""

    capability: SeparateCapability
    lead_in_s: float = 0.0
    """How much sound before a moment decides, within hearing, what is heard as voice there."""
    look_ahead_s: float = 0.0
    """How much sound behind a moment does."""
    finds_more: bool = False
    """Whether what it finds in its own bed is voice that it had left there, and not more of the bed."""

    @property
    def version(self) -> str:
        """Changes when the same sound would come apart otherwise, such as with another model of the user's.

        Raises: ProviderUnavailable: its package or its weights are missing.
        """
        from lipwright import __version__

        return __version__

    @abstractmethod
    def separate(self, chunks: Iterable[NDArray[np.float32]], channels: int) -> Iterator[Stems]:
        """Take a sound apart while it streams by; memory does not grow with its length.

        Args:
            chunks: at 48 kHz, (n, channels) each, of any length, of finite numbers. How the sound is cut into them
                changes nothing.
            channels: 1 or 2.
        Yields: stems that joined are exactly as long as the sound, and in step with it.
        Raises: ProviderUnavailable: its package or its weights are missing.
        """
