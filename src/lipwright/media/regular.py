"""Decoded pictures of any kind become what Lipwright works on: 8-bit BT.709, limited range, square pixels, upright.

A picture that is so already is copied once and never converted.
"""

import math
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

import av
import cv2
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from lipwright.contracts.footage import YuvFrame
from lipwright.media.hdr import Transfer, make_standard
from lipwright.media.pictures import source_of
from lipwright.media.probe import turn_degrees

_HIGH_DEFINITION_PX = 720
_SCALE = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact"
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
# Numbers of ITU-T H.273, names of FFmpeg's filter `colorspace`. What is not named here is taken for BT.709.
_MATRICES = {4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020ncl", 10: "bt2020ncl"}
_PRIMARIES = {
    4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 11: "smpte431", 12: "smpte432",
    22: "jedec-p22",
}  # fmt: skip
_BT709 = "bt709"
Sample = TypeVar("Sample", np.uint8, np.uint16)
_UNSPECIFIED = 2


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture is stored, as far as it matters for showing it."""

    width_px: int
    height_px: int
    format: str
    """FFmpeg's name of the pixel format."""
    bits: int
    rgb: bool
    fine_colour: bool
    """More colour samples than 4:2:0 has."""
    matrix: str
    full_range: bool
    primaries: str
    transfer: Transfer | None
    """None for standard range."""
    turn_degrees: int
    """0, 90, 180 or 270: how far it must be turned clockwise to be upright, after mirroring."""
    mirrored: bool
    """Left and right are to be changed first."""


def look_of(picture: av.VideoFrame, orientation: tuple[int, bool] | None = None) -> Look:
    """Read what a decoded picture says about itself. Where it names no matrix, 720 rows and more are BT.709.

    Args:
        orientation: as `orientation_of` gave it, where that is known; asking a picture keeps it in memory for long.
    """
    rgb = picture.format.is_rgb or picture.format.name == "pal8"
    matrix = _MATRICES.get(picture.colorspace, _BT709)
    if picture.colorspace == _UNSPECIFIED and picture.height < _HIGH_DEFINITION_PX:
        matrix = "smpte170m"
    transfer = None
    with suppress(ValueError):
        transfer = Transfer(picture.color_trc)
    turned_degrees, mirrored = orientation or orientation_of(picture)
    return Look(
        width_px=picture.width,
        height_px=picture.height,
        format=picture.format.name,
        bits=max(component.bits for component in picture.format.components),
        rgb=rgb,
        fine_colour=len(picture.format.components) > 2 and picture.format.chroma_height(8) > 4,
        matrix=_BT709 if rgb else matrix,
        full_range=rgb or picture.format.name.startswith("yuvj") or picture.color_range == 2,
        primaries=_PRIMARIES.get(picture.color_primaries, _BT709),
        transfer=transfer,
        turn_degrees=turned_degrees,
        mirrored=mirrored,
    )


def square_size(look: Look, sample_aspect: Fraction) -> tuple[int, int]:
    """Give width and height as a viewer sees the picture. The side whose pixels are longer grows; none shrinks.

    Args:
        sample_aspect: width by height of a stored pixel.
    """
    width_px, height_px = look.width_px, look.height_px
    if sample_aspect > 1:
        width_px = _even(width_px, width_px * sample_aspect)
    elif sample_aspect < 1:
        height_px = _even(height_px, height_px / sample_aspect)
    return (height_px, width_px) if look.turn_degrees % 180 else (width_px, height_px)


class Regulariser:
    """Makes frames of one size out of decoded pictures; keeps what it prepared for the last kind of picture."""

    def __init__(self, width_px: int, height_px: int, *, full_chroma: bool) -> None:
        """Describe the frames.

        Args:
            full_chroma: make 4:4:4 instead of 4:2:0.
        """
        self._size = width_px, height_px
        self._format = "yuv444p" if full_chroma else "yuv420p"
        self._step = 1 if full_chroma else 2
        self._orientations: dict[float, tuple[int, bool]] = {}
        self._look: Look | None = None
        self._graph: Graph | None = None

    def __call__(self, picture: av.VideoFrame) -> YuvFrame:
        """Convert one picture, which is not changed.

        Returns: a new frame, whose planes lie one behind the other in one block of memory.
        """
        rotation = picture.rotation
        if rotation not in self._orientations:
            self._orientations[rotation] = orientation_of(picture)
        look = look_of(picture, self._orientations[rotation])
        if look != self._look:
            self._look, self._graph = look, self._prepare(picture, look)
        if self._graph is not None:
            self._graph.vpush(picture)
            picture = self._graph.vpull()
        return self._copy(picture, look)

    def _copy(self, picture: av.VideoFrame, look: Look) -> YuvFrame:
        width_px, height_px = self._size
        turned = look.turn_degrees % 180 != 0
        frame = empty_frame(width_px, height_px, self._step)
        if look.transfer is not None:
            stored = empty_frame(*((height_px, width_px) if turned else (width_px, height_px)), self._step)
            make_standard(*_planes(picture, np.uint16), look.transfer, stored)
            planes = (stored.y, stored.u, stored.v)
        else:
            planes = _planes(picture, np.uint8)
        for source, target in zip(planes, (frame.y, frame.u, frame.v), strict=True):
            straight = cv2.flip(source, 1) if look.mirrored else source
            if look.turn_degrees:
                cv2.rotate(straight, _TURNS[look.turn_degrees], target)
            else:
                np.copyto(target, straight)
        return frame

    def _prepare(self, picture: av.VideoFrame, look: Look) -> Graph | None:
        """Build the filters for pictures of one kind; None when there is nothing to change."""
        steps = self._steps(look)
        if not steps:
            return None
        graph = Graph()
        nodes = [source_of(graph, picture)]
        nodes += [graph.add(name, arguments) for name, arguments in steps]
        graph.link_nodes(*nodes, graph.add("buffersink")).configure()
        return graph

    def _steps(self, look: Look) -> list[tuple[str, str]]:
        """Names and arguments of filters. High dynamic range leaves them as it is, with 10 bits."""
        width_px, height_px = self._size[::-1] if look.turn_degrees % 180 else self._size
        stored = look.width_px, look.height_px
        scale = f"{width_px}:{height_px}:{_SCALE}"
        if look.transfer is not None:
            ten_bits = self._format + "10"
            if look.format == ten_bits and stored == (width_px, height_px) and not look.full_range:
                return []
            given = "" if look.rgb else f":in_color_matrix=bt2020:in_range={_range(look)}"
            return [("scale", f"{scale}{given}:out_color_matrix=bt2020:out_range=tv"), ("format", ten_bits)]
        if look.rgb:
            return [("scale", f"{scale}:out_color_matrix=bt709:out_range=tv"), ("format", self._format)]
        recoloured = look.full_range or look.matrix != _BT709 or look.primaries != _BT709
        middle = self._format + ("" if look.bits <= 8 or not recoloured else "10" if look.bits <= 10 else "12")
        steps = []
        if look.format != middle or stored != (width_px, height_px):
            same = f"in_color_matrix=bt709:out_color_matrix=bt709:in_range={_range(look)}:out_range={_range(look)}"
            steps += [("scale", f"{scale}:{same}"), ("format", middle)]
        if recoloured:
            given = f"ispace={look.matrix}:iprimaries={look.primaries}:itrc=bt709:irange={_range(look)}"
            steps += [("colorspace", f"{given}:space=bt709:primaries=bt709:trc=bt709:range=tv")]
            if width_px % 2 or height_px % 2:  # colorspace refuses odd sides
                even = f"{width_px + width_px % 2}:{height_px + height_px % 2}"
                steps[-1:] = [("pad", even), steps[-1], ("crop", f"{width_px}:{height_px}:0:0")]
        if middle != self._format:
            steps += [("scale", _SCALE), ("format", self._format)]
        return steps


def empty_frame(width_px: int, height_px: int, step: int) -> YuvFrame:
    """Make a frame with planes of unknown content, one behind the other in one block of memory.

    Args:
        step: luma columns and rows to a colour sample, 1 or 2.
    """
    luma, colour = width_px * height_px, (width_px // step) * (height_px // step)
    block: NDArray[np.uint8] = np.empty(luma + 2 * colour, np.uint8)
    shape = height_px // step, width_px // step
    return YuvFrame(
        y=block[:luma].reshape(height_px, width_px),
        u=block[luma : luma + colour].reshape(shape),
        v=block[luma + colour :].reshape(shape),
    )


def _planes(picture: av.VideoFrame, kind: type[Sample]) -> tuple[NDArray[Sample], NDArray[Sample], NDArray[Sample]]:
    """Give the first three planes of a picture as they lie in its memory: (height, width) each, rows padded."""
    views = []
    for plane in picture.planes[:3]:
        rows = np.asarray(memoryview(plane)).view(kind).reshape(plane.height, -1)
        views.append(rows[:, : plane.width])
    y, u, v = views
    return y, u, v


def _range(look: Look) -> str:
    return "pc" if look.full_range else "tv"


def _even(stored: int, seen: Fraction) -> int:
    """Round a stretched side to an even number; a side that is hardly stretched stays as it is."""
    return stored if abs(seen - stored) < 1 else 2 * round(seen / 2)


def orientation_of(picture: av.VideoFrame) -> tuple[int, bool]:
    """Read the display matrix: the turn clockwise in degrees, and whether the picture is mirrored before it.

    A picture that is asked refers to itself from then on, and is freed only by the garbage collector.
    """
    try:
        data = picture.side_data["DISPLAYMATRIX"]  # type: ignore[typeddict-item]
    except KeyError:
        return 0, False
    except ValueError:  # av does not know one of the other kinds of data that FFmpeg attaches
        return turn_degrees(picture), False
    a, b, _, c, d = (int(value) for value in np.asarray(memoryview(data)).view(np.int32)[:5])
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    return round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360, mirrored
