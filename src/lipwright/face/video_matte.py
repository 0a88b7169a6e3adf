"""The capability of cutting a person out of a video: frames in, the person in each of them out, steady in time."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh


@dataclass(frozen=True, slots=True)
class MatteCapability:
    """What an engine is."""

    name: str
    """The name that settings use: `selfie`."""
    cost_unit: str
    """What use is counted in; `none` for an engine that costs nothing but time."""
    needs_gpu: bool
    code_licence: str
    """SPDX expression of the engine's code."""
    weights_licence: str
    """SPDX expression of the model that comes with it; empty where the user brings one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame of a video."""

    image: NDArray[np.uint8]
    """RGB, (height, width, 3). Not changed."""
    face: FaceMesh | None = None
    """Of the person, in pixels of the image, where it is known: an engine may look at the head more closely."""


@dataclass(frozen=True, slots=True)
class CutOut:
    """The person of one frame. Both arrays are the receiver's own."""

    alpha: NDArray[np.uint8]
    """(height, width), 0 background to 255 person."""
    foreground: NDArray[np.uint8]
    """RGB, (height, width, 3): the person's own colours wherever alpha is above 0, free of the old background."""


class VideoMatter(ABC):
    """An engine that cuts people out of a video. Building it is cheap; models are loaded by the first frame."""

    capability: MatteCapability

    @property
    def version(self) -> str:
        """Changes when the same video would be cut out otherwise, such as with another model of the user's.

        Raises: ProviderUnavailable: its weights are missing.
        """
        from lipwright import __version__

        return __version__

    @abstractmethod
    def cut_out(self, frames: Iterable[Seen]) -> Iterator[CutOut]:
        """Cut the person out of consecutive frames of one size.

        Yields: one for each frame, before the next one is read: memory does not grow with the length.
        Raises: ProviderUnavailable: its weights are missing, or are none that it knows.
        """
