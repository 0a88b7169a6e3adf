"""A video made regular: constant frame rate, upright, square pixels, 8 bits, standard dynamic range."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PictureTimes:
    """When the pictures of a file are seen, and where decoding may begin."""

    stamps: NDArray[np.int64]
    """(pictures,) presentation times in units of `time_base_s`, rising."""
    time_base_s: Fraction
    keyframes: NDArray[np.int32]
    """Numbers of pictures from which on a decoder needs nothing earlier, rising; empty where only the start is one."""
    counted: bool
    """The file tells no usable times: the pictures are counted, in the order in which they are decoded."""
    interlaced: bool
    """Stored as half pictures, which are made whole."""


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
    pictures: PictureTimes
    """What `source_index` counts; for the reader."""

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
