"""What the face does, frame by frame. IOD is the distance between the outer eye corners."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

MOUTH_CONTROLS = (
    "jaw",
    "upper_lip",
    "lower_lip",
    "width",
    "corners",
    "upper_thickness",
    "lower_thickness",
    "protrusion",
)
"""The columns of `MouthTrack.controls`, all in IOD, relative to the relaxed closed mouth, y down:
height of the chin; height of the upper and of the lower inner lip; distance of the mouth corners; height of
the corners; thickness of the upper and of the lower lip; depth of the lips (negative is towards the viewer)."""


@dataclass(frozen=True, slots=True)
class MouthTrack:
    """The mouth of one speech. Frame i shows the time i / fps."""

    fps: Fraction
    controls: NDArray[np.float32]
    """(frames, 8), see MOUTH_CONTROLS."""
    gap: NDArray[np.float32]
    """(frames,) how far the inner lips are apart, IOD; 0 is shut."""
    closed: NDArray[np.float32]
    """(frames,) 0 to 1: 1 where the lips must touch, in p, b, m and in silence."""

    def __len__(self) -> int:
        return len(self.gap)


@dataclass(frozen=True, slots=True)
class IdleTrack:
    """What a living head does beside speaking. Frame i shows the time i / fps."""

    fps: Fraction
    rotation: NDArray[np.float32]
    """(frames, 3) yaw, pitch, roll in radians, relative to the photo; signs as in HeadPose."""
    shift: NDArray[np.float32]
    """(frames, 2) x, y in IOD."""
    blink: NDArray[np.float32]
    """(frames,) 0 open to 1 shut."""
    brow: NDArray[np.float32]
    """(frames,) how far the brows are raised, IOD."""
    breath: NDArray[np.float32]
    """(frames,) 0 breathed out to 1 breathed in: lifts shoulders and chest."""

    def __len__(self) -> int:
        return len(self.blink)
