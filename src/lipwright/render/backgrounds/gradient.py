"""Gradients between two or three colours, with a soft light where a person stands and darker corners.

They carry a fine grain. Without it, eight bits and an encoder would make visible steps of a soft change.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from lipwright.errors import UsageError, did_you_mean
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.backdrop import colour_of

_ASIDE: Final = 0.35
"""How much of the way down it also goes to the right from the first colour to the last; less in a narrow picture."""
_LIGHT_AT: Final = (0.5, 0.36)
"""Of width and height: the middle of the light, about where a head is."""
_LIGHT_REACH: Final = 0.62
"""Of the picture's diagonal: where half of it is lost."""
_CORNERS_REACH: Final = 1.05
_GRAIN: Final = 1.6
"""Levels of 255, standard deviation, the same in red, green and blue. Encoded at crf 18 and looked at in squares of 20
pixels, the lightness of `slate`, `dusk` and `night` is then at most .31 levels from what was drawn; without it .9."""
_COLOUR_GRAIN: Final = 1.0
"""Levels, in each channel for itself, without a change of lightness."""
_COLOUR_GRAIN_PX: Final = 4
"""Side of its squares: the encoder keeps them, and smooths finer ones away. In squares of 120 pixels, blue and red
difference of `night`, `slate` and `studio` are then .06 levels from what was drawn; with squares of one pixel .25."""
_LUMA: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)
_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Gradient:
    """Two or three colours and how they are lit."""

    colours: tuple[str, ...]
    light: float = 0.035
    """How much lighter the middle is, of full OKLab lightness."""
    shade: float = 0.055
    """How much darker the corners are."""


NAMED: Final[Mapping[str, Gradient]] = {
    "studio": Gradient(("#e3e5e8", "#c3c7cd"), 0.05, 0.07),
    "slate": Gradient(("#46515e", "#252d37"), 0.06),
    "dusk": Gradient(("#2b3a67", "#7d5a8c", "#e59a7d")),
    "dawn": Gradient(("#a9c6e8", "#f3d9cf", "#f7c59f")),
    "ocean": Gradient(("#0f6e84", "#0b3d5c")),
    "forest": Gradient(("#55806a", "#1f3a33")),
    "sand": Gradient(("#efe6d8", "#cdb79b")),
    "night": Gradient(("#1d2440", "#0c1020")),
}


def draw_gradient(value: str, width_px: int, height_px: int) -> Pixels:
    """Draw a gradient; the same every time.

    Args:
        value: two or three colours joined by commas, such as `#0b3d5c,#5fa8d3`, or one of `NAMED`.
    Returns: uint8 RGB, (height_px, width_px, 3).
    Raises: UsageError: it is neither.
    Source: Björn Ottosson, A perceptual color space for image processing, 2020 (OKLab).
    """
    gradient = _read(value)
    stops = _to_oklab(np.array([colour_of(colour) for colour in gradient.colours], np.float32) / 255)
    x = ((np.arange(width_px, dtype=np.float32) + 0.5) / width_px)[None, :]
    y = ((np.arange(height_px, dtype=np.float32) + 0.5) / height_px)[:, None]
    aside = _ASIDE * min(width_px / height_px, 1.0)
    along = (x * aside + y) / (1 + aside)
    lab = _between(stops, along)
    diagonal = float(np.hypot(width_px, height_px))
    away = np.hypot((x - _LIGHT_AT[0]) * width_px, (y - _LIGHT_AT[1]) * height_px) / diagonal
    lab[..., 0] += gradient.light * np.exp2(-((away / (_LIGHT_REACH / 2)) ** 2))
    lab[..., 0] -= gradient.shade * (2 * away / _CORNERS_REACH) ** 2
    levels = 255 * _from_oklab(lab) + _grain(width_px, height_px)
    return np.asarray(np.clip(levels + 0.5, 0, 255), np.uint8)


def _grain(width_px: int, height_px: int) -> Floats:
    """Levels to add, float32, (height, width, 3)."""
    generator = np.random.default_rng(_SEED)
    squares = (-(-height_px // _COLOUR_GRAIN_PX), -(-width_px // _COLOUR_GRAIN_PX), 3)
    colour = _COLOUR_GRAIN * generator.standard_normal(squares, np.float32)
    colour -= (colour @ _LUMA)[..., None]
    colour = colour.repeat(_COLOUR_GRAIN_PX, axis=0).repeat(_COLOUR_GRAIN_PX, axis=1)[:height_px, :width_px]
    return np.asarray(colour + _GRAIN * generator.standard_normal((height_px, width_px, 1), np.float32), np.float32)


def _read(value: str) -> Gradient:
    named = NAMED.get(value.strip().lower())
    if named is not None:
        return named
    colours = tuple(re.split(r"[,\s]+", value.strip()))
    if len(colours) in {2, 3} and all(colour_of(colour) for colour in colours):
        return Gradient(colours)
    raise UsageError(
        f"background `{value}`: no gradient.{did_you_mean(value, NAMED)} Write two or three colours, such as"
        f" #0b3d5c,#5fa8d3, or one of {', '.join(NAMED)}."
    )


def _between(stops: Floats, along: Floats) -> Floats:
    """Colours at places from 0 to 1: float32, (height, width, 3). Neighbours blend into each other without a kink."""
    place = along * (len(stops) - 1)
    weights = [np.clip(1 - np.abs(place - number), 0, 1) for number in range(len(stops))]
    smooth = [weight * weight * (3 - 2 * weight) for weight in weights]
    return np.asarray(sum(weight[..., None] * stop for weight, stop in zip(smooth, stops, strict=True)), np.float32)


_TO_CONES: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)


def _to_oklab(coded: Floats) -> Floats:
    """sRGB, 0 to 1, to OKLab."""
    light = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(light @ _TO_CONES.T) @ _TO_LAB.T, np.float32)


def _from_oklab(lab: Floats) -> Floats:
    """OKLab to sRGB, 0 to 1."""
    light = np.clip(((lab @ np.linalg.inv(_TO_LAB).T) ** 3) @ np.linalg.inv(_TO_CONES).T, 0, 1)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(coded, np.float32)
