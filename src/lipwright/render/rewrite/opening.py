"""What is seen between the lips: the question that is asked for each frame, and who can answer it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import HeadPose
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.portrait.interior import Layer


@dataclass(frozen=True, slots=True)
class Opening:
    """The mouth of one frame, as it is going to be."""

    points: Floats
    """float64 (478, 2) the target mesh in pixels of the frame's region."""
    canonical: Floats
    """float64 (478, 3) the target mesh in canonical space."""
    pose: HeadPose
    """From canonical points to pixels of the region."""
    gap: float
    """How far the inner lips are apart, IOD; 0 while they touch."""
    jaw_drop: float
    """How far the chin is below its neutral place, IOD."""
    skin: Floats
    """float32 (3,) RGB of the cheeks in this frame, 0 to 255: how brightly it is lit."""
    exemplars: NDArray[np.int32]
    """(n,) rows of the bank that this frame and the frames around it show, without repeats; empty without a bank."""
    shares: NDArray[np.float32]
    """(n,) how much each counts: a Gaussian over time (1.5 frames) summed up per exemplar; together 1. Whatever an
    exemplar knows (light, presence, offsets) comes out smooth in time as `shares @ value[exemplars]`."""


class Interior(ABC):
    """The inside of one person's mouth. It depends on the Opening alone: no state travels from frame to frame."""

    @abstractmethod
    def layer(self, opening: Opening, image: Pixels) -> Layer | None:
        """Draw what is seen between the lips.

        Args:
            opening: the mouth.
            image: uint8 RGB (height, width, 3), the region with its new lips; its size bounds the layer. Not modified.
        Returns: pixels that lie wholly inside the region, transparent outside the inner lips; None while nothing is
            seen.
        """
