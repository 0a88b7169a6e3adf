"""What every engine that paints pictures from words promises, and what it says of itself."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from lipwright import __version__
from lipwright.render.arrays import Pixels


@dataclass(frozen=True, slots=True)
class ImageCapability:
    """What an engine can do."""

    name: str
    """The name that settings and requests use: `openai`."""
    cost_unit: str
    """What use is counted in; `none` for an engine that costs nothing but time."""
    needs_gpu: bool
    code_licence: str
    """SPDX expression of the engine's code."""
    weights_licence: str
    """SPDX expression of the model; empty where the user brings it."""


class ImageEngine(ABC):
    """An engine that paints what words say."""

    capability: ImageCapability

    @abstractmethod
    def paint(self, words: str, width_px: int, height_px: int) -> Pixels:
        """Paint a background.

        Args:
            words: what is to be seen, in any language.
            width_px, height_px: where it is shown. The engine paints in the shape nearest to it that it knows.
        Returns: uint8 RGB, (height, width, 3), of the engine's own size.
        Raises: ProviderError.
        """

    def identity(self, width_px: int, height_px: int) -> str:
        """What a picture depends on besides the words: the engine, its model, its size. A key of the store."""
        return f"{self.capability.name} in {__version__}, for {width_px}x{height_px}"
