"""Videos of any kind in which every picture shows its number, drawn and encoded by the tests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray

from lipwright.contracts.footage import YuvFrame

WIDTH_PX, HEIGHT_PX = 96, 64
_BITS = 8


@dataclass(frozen=True)
class Kind:
    """How a video is stored. The default is what needs no change at all."""

    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    options: dict[str, str] = field(default_factory=lambda: {"crf": "12", "x264-params": "keyint=12:bframes=3"})
    rotation: int = 0
    """As PyAV counts it: against the clock."""
    mirrored: bool = False
    aspect: Fraction = Fraction(1)
    colours: tuple[int, int, int] = (1, 1, 1)
    """Matrix, primaries, transfer, by the numbers of H.273."""
    full_range: bool = False
    interlaced: bool = False
    container_options: dict[str, str] = field(default_factory=dict)
    time_base: Fraction = Fraction(1, 90_000)


PLAIN = Kind()


def draw(number: int, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX) -> NDArray[np.uint8]:
    """Show the number's bits as a row of dark and light fields, over a coloured ground that moves."""
    x, y = np.meshgrid(np.linspace(0, 1, width_px), np.linspace(0, 1, height_px))
    shift = number * 0.05
    image = np.stack([90 + 60 * np.sin(3 * x + shift), 120 + 50 * y, 140 - 60 * np.cos(3 * y - shift)], -1)
    for bit in range(_BITS):
        columns = slice(bit * width_px // _BITS, (bit + 1) * width_px // _BITS)
        image[: height_px // 4, columns] = 210 if number >> bit & 1 else 30
    return np.ascontiguousarray(image.astype(np.uint8))


def number_in(frame: YuvFrame) -> int:
    """Read the number that a frame shows."""
    height, width = frame.y.shape
    row = frame.y[height // 8]
    return sum(int(row[(2 * bit + 1) * width // (2 * _BITS)] > 110) << bit for bit in range(_BITS))


def write_video(
    path: Path,
    times_s: Sequence[Fraction | float],
    kind: Kind = PLAIN,
    images: Iterable[NDArray[np.uint8]] | None = None,
    sound_s: float = 0.0,
) -> Path:
    """Encode one picture for each time.

    Args:
        images: uint8 RGB, or planes in the pixel format as `VideoFrame.to_ndarray` lays them out; None for `draw`.
        sound_s: length of a sound track of silence that begins at time 0; 0 for none.
    """
    pictures = iter(images) if images is not None else (draw(number) for number in range(len(times_s)))
    reformatter = VideoReformatter()
    with av.open(str(path), "w", options=kind.container_options) as container:
        stream = None
        sound = container.add_stream("aac", rate=48_000, layout="mono") if sound_s else None
        for time_s, image in zip(times_s, pictures, strict=True):
            if image.ndim == 3 and image.shape[2] == 3:
                rgb = av.VideoFrame.from_ndarray(image, format="rgb24")
                picture = reformatter.reformat(
                    rgb,
                    format=kind.pixel_format,
                    dst_colorspace=5 if kind.colours[0] in (5, 6) else 1,
                    dst_color_range=ColorRange.JPEG if kind.full_range else ColorRange.MPEG,
                )
            else:
                picture = av.VideoFrame.from_ndarray(image, format=kind.pixel_format)
            if stream is None:
                stream = container.add_stream(kind.codec, rate=_rate(times_s), options=_options(kind))
                stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, kind.pixel_format
                stream.time_base = stream.codec_context.time_base = kind.time_base
                codec = stream.codec_context
                codec.sample_aspect_ratio = kind.aspect
                codec.colorspace, codec.color_primaries, codec.color_trc = kind.colours
                codec.color_range = 2 if kind.full_range else 1
                codec.thread_count = 1
                if kind.rotation or kind.mirrored:
                    stream.set_display_rotation(kind.rotation, hflip=kind.mirrored)
            picture.pts, picture.time_base = round(time_s / kind.time_base), kind.time_base
            picture.colorspace, picture.color_primaries, picture.color_trc = kind.colours
            picture.color_range = 2 if kind.full_range else 1
            picture.pict_type = 0
            container.mux(stream.encode(picture))

        if stream is not None:
            container.mux(stream.encode(None))
        if sound is not None:
            silence = av.AudioFrame.from_ndarray(
                np.zeros((1, round(sound_s * 48_000)), np.float32), format="fltp", layout="mono"
            )
            silence.sample_rate, silence.pts = 48_000, 0
            container.mux(sound.encode(silence))
            container.mux(sound.encode(None))
    return path


def steady(count: int, fps: Fraction | int = 25) -> list[Fraction]:
    """Give the times of a constant rate."""
    return [number / Fraction(fps) for number in range(count)]


def _rate(times_s: Sequence[Fraction | float]) -> Fraction:
    """Give the rate that the file declares: that of its shortest step."""
    steps = np.diff([float(time_s) for time_s in times_s])
    return Fraction(1 / float(steps.min())).limit_denominator(1001) if len(steps) and steps.min() > 0 else Fraction(25)


def _options(kind: Kind) -> dict[str, str]:
    options = dict(kind.options)
    if kind.interlaced:
        options["flags"] = "+ildct+ilme"
        options["x264-params"] = options.get("x264-params", "") + ":tff=1"
    return options
