"""A video made regular: constant frame rate, upright, square pixels, 8 bits, standard dynamic range."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Footage:
    """The picture of a clip on its constant rate. Frame i shows what a viewer of the clip sees at the time i / fps."""

    path: Path
    width_px: int
    """As a viewer sees it: after rotation, in square pixels."""
    height_px: int
    fps: Fraction
    """The source's own rate; for a variable one the rate of its finest regular steps."""
    frame_count: int
    """Frames on the constant rate."""
    source_index: NDArray[np.int32]
    """(frames,) which decoded picture, in order of presentation, each frame shows; never falling."""
    full_chroma: bool
    """Frames are 4:4:4, because a side is odd; else 4:2:0."""
    notes: tuple[str, ...]
    """What was changed to make it regular, for people, such as `variable frame rate made constant: 30 fps`."""

    @property
    def duration_s(self) -> Fraction:
        return self.frame_count / self.fps


@dataclass(frozen=True, slots=True)
class YuvFrame:
    """One picture as video stores it: BT.709, limited range, 8 bits. Owned by the receiver, who may change it."""

    y: NDArray[np.uint8]
    """(height, width)."""
    u: NDArray[np.uint8]
    """Blue difference: (height / 2, width / 2), or the size of `y` in full chroma."""
    v: NDArray[np.uint8]
    """Red difference, like `u`."""


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of a frame; it lies wholly inside."""

    left: int
    """Even, so that it begins on a whole chroma sample; so is `top`."""
    top: int
    width: int
    """Even unless it reaches the frame's edge; so is `height`."""
    height: int
