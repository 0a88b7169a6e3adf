"""What is known of a media file, and the pieces that come out of one. Rates are exact fractions."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class VideoStream:
    """The picture of a clip. Width and height count pixels as a viewer sees them, after rotation."""

    width_px: int
    height_px: int
    fps: Fraction
    """The average rate; single frames may come earlier or later."""
    frame_count: int | None
    """None when the container does not say."""
    duration_s: Fraction
    codec: str
    """FFmpeg's name, such as `h264`."""
    pixel_format: str
    """FFmpeg's name, such as `yuv420p`."""
    rotation_degrees: int
    """0, 90, 180 or 270: how far the stored picture is turned clockwise to be upright."""
    sample_aspect: Fraction
    """Width by height of one pixel after rotation; 1 is square."""


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One sound track of a clip."""

    codec: str
    """FFmpeg's name, such as `aac`."""
    sample_rate_hz: int
    channels: int
    duration_s: Fraction
    language: str | None
    """ISO 639-2 code as stored, such as `eng`."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A file with its probe."""

    path: Path
    container: str
    """FFmpeg's name of the demuxer, such as `mov,mp4,m4a,3gp,3g2,mj2`."""
    duration_s: Fraction
    """The longest of its streams."""
    video: VideoStream | None
    audio: tuple[AudioStream, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture, upright."""

    image: NDArray[np.uint8]
    """RGB, (height, width, 3). Owned by the receiver."""
    time_s: Fraction
    """Exact presentation time; 0 is the start of the clip's timeline, which sound shares."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A still image, upright, in sRGB."""

    image: NDArray[np.uint8]
    """RGB, (height, width, 3). Colours under transparent pixels are those of the file."""
    alpha: NDArray[np.uint8] | None
    """Coverage, (height, width), 0 clear to 255 solid; None when every pixel is solid."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A small picture that is blended over a frame."""

    rgba: NDArray[np.uint8]
    """Colour times alpha (premultiplied), then alpha, (height, width, 4)."""
    x_px: int
    """Left edge in the frame; the plate may not reach out of the frame."""
    y_px: int
    """Top edge in the frame."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle. Lines are separated by a newline."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud a sound is, by ITU-R BS.1770-4."""

    integrated_lufs: float
    """Gated programme loudness; minus infinity for silence."""
    true_peak_dbtp: float
    """Highest level between samples, 4 times oversampled; minus infinity for silence."""
