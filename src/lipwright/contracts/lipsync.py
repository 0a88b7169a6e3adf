"""What a lip-sync engine needs, gets and gives back. Images are uint8 RGB, (height, width, 3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.motion import MouthTrack


@dataclass(frozen=True, slots=True)
class LipSyncNeeds:
    """What an engine can work with. The window runner sees to it that it gets nothing else."""

    fps: Fraction | None = None
    """The only frame rate that it knows; None for any."""
    chunk_frames: int = 1
    """It takes frames in multiples of this number; the last frame is repeated to fill up."""
    longest_window_s: float | None = None
    """It takes no more at once; None for any length, which only an engine that streams may say."""
    crop_px: int | None = None
    """Side of the square that it is given, scaled, and gives back; None for the face at its own size."""
    exemplars: bool = False
    """It wants frames of the person before it begins."""
    gpu: bool = False


@dataclass(frozen=True, slots=True)
class FaceFrame:
    """The surroundings of a face in one frame."""

    image: NDArray[np.uint8]
    """The head with a margin. Not to be changed."""
    points: NDArray[np.float32]
    """(478, 3) mesh in pixels of `image`."""
    weight: float
    """0 the mouth stays as it is, 1 it does what the track says; between, the one eases into the other."""
    number: int = 0
    """Of the frame in the footage: consecutive frames of the person have consecutive numbers."""
    origin: tuple[int, int] = (0, 0)
    """Where the picture's top left pixel lies in the whole frame, x before y."""


@dataclass(frozen=True, slots=True)
class DrawnFace:
    """What an engine made of a FaceFrame."""

    image: NDArray[np.uint8]
    """As large as the FaceFrame's; a new array, equal to it wherever the engine changed nothing."""
    gap: float
    """How far the inner lips are apart in it, IOD; NaN from an engine that does not know."""


@dataclass(frozen=True, slots=True)
class LipSyncWindow:
    """A stretch of consecutive frames that all show the face, and what the mouth is to do in them."""

    fps: Fraction
    frames: Iterator[FaceFrame]
    """Read once, in order; an engine that streams takes one at a time."""
    mouth: MouthTrack
    """One row for each frame."""
    sound: NDArray[np.float32]
    """(samples,) mono at 16 kHz; sample 0 is heard with the first frame."""

    def __len__(self) -> int:
        return len(self.mouth)
