"""Small clips that the tests draw and sound themselves."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from lipwright.media.writer import Tags, VideoFormat, VideoWriter

SIDE_PX = 64


def plain(level: int, side_px: int = SIDE_PX) -> NDArray[np.uint8]:
    """One grey picture."""
    return np.full((side_px, side_px, 3), level, np.uint8)


def write_clip(
    path: Path,
    frames: int = 5,
    fps: Fraction = Fraction(25),
    sound: Sequence[NDArray[np.float32]] | None = None,
    channels: int = 1,
    tags: Tags | None = None,
) -> Path:
    """A clip that gets lighter from picture to picture."""
    with VideoWriter(path, VideoFormat(SIDE_PX, SIDE_PX, fps), audio=sound, channels=channels, tags=tags) as writer:
        for index in range(frames):
            writer.write(plain(20 + index * 200 // max(frames, 1)))
    return path


def write_timed_clip(path: Path, times_ms: Sequence[int], rotation: int = 0) -> Path:
    """A clip whose pictures come at any times; the first row is light, so that turns can be seen."""
    image = np.zeros((48, 96, 3), np.uint8)
    image[:24] = 255
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 48, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        stream.set_display_rotation(rotation)
        for time_ms in times_ms:
            picture = av.VideoFrame.from_ndarray(image, format="rgb24")
            picture.pts, picture.time_base = time_ms, Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def tone(frequency_hz: float, duration_s: float, level: float = 0.5, rate_hz: int = 48_000) -> NDArray[np.float32]:
    """A sine that starts at zero."""
    times = np.arange(round(duration_s * rate_hz)) / rate_hz
    return (level * np.sin(2 * np.pi * frequency_hz * times)).astype(np.float32)


def in_chunks(samples: NDArray[np.float32], size: int = 1000) -> Iterator[NDArray[np.float32]]:
    """Cut sound into chunks."""
    for start in range(0, len(samples), size):
        yield samples[start : start + size]
