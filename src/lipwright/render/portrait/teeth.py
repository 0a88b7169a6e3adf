"""Drawn rows of teeth for mouths that the photo never opened.

A row is a picture in canonical units: float32 (height, width, 4) of alpha, shade, tone and gum. Shade multiplies the
tooth colour, tone pulls it towards yellow, gum mixes in gum colour. Widths and heights run from the middle outward,
in IOD.
Source: the photo-mode study's measured half-row.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from lipwright.render.arrays import Floats
from lipwright.render.easing import smoothstep

UPPER_WIDTHS = (0.086, 0.068, 0.063, 0.046, 0.040, 0.034)
UPPER_HEIGHTS = (0.104, 0.092, 0.098, 0.082, 0.070, 0.060)
LOWER_WIDTHS = (0.056, 0.060, 0.064, 0.050, 0.045)
LOWER_HEIGHTS = (0.085, 0.085, 0.090, 0.080, 0.070)
ATLAS_WIDTH = 0.72
ATLAS_HEIGHT = 0.24
CANINE = 2


@dataclass(frozen=True)
class ToothRow:
    """One drawn row."""

    atlas: Floats
    """(height, width, 4) alpha, shade, tone, gum."""
    shadow: Floats
    """(height, width) the row's alpha, softened: what it keeps light from."""
    scale: float
    """Atlas pixels per canonical unit."""
    edge_row: float
    """Atlas row of the incisal edge, as a share of the height."""


def draw_row(*, upper: bool, size: float, scale: float, seed: int, supersampling: int = 4) -> ToothRow:
    """Draw a row of teeth.

    Args:
        upper: the upper row (edges point down) or the lower one.
        size: factor on all widths, 1 for a mouth that is .54 IOD wide.
        scale: pixels per canonical unit, about twice the picture's.
        seed: of the small irregularities (3 % in width, shade and edge).
    """
    random = np.random.default_rng(seed)
    widths, heights = (UPPER_WIDTHS, UPPER_HEIGHTS) if upper else (LOWER_WIDTHS, LOWER_HEIGHTS)
    rise = 0.022 if upper else 0.020
    per_unit = scale * supersampling
    width, height = int(ATLAS_WIDTH * scale) * supersampling, int(ATLAS_HEIGHT * scale) * supersampling
    edge_row = 0.75 if upper else 0.25
    x = ((np.arange(width, dtype=np.float32) - width / 2) / per_unit)[None, :]
    y = ((np.arange(height, dtype=np.float32) - height * edge_row) / per_unit)[:, None]
    y = y if upper else -y
    x, y = np.broadcast_arrays(x, y)
    layers = np.zeros((4, height, width), np.float32)
    for side in (-1, 1):
        at = 0.0
        for index, (mean_width, mean_height) in enumerate(zip(widths, heights, strict=True)):
            tooth_width = mean_width * size * (1 + 0.03 * random.standard_normal())
            tooth_height = mean_height * (1 + 0.02 * random.standard_normal())
            centre = side * (at + tooth_width / 2)
            at += tooth_width * 0.985
            step = (-0.0032 if index == 1 else 0.001 if index == CANINE else 0.0) * (1.0 if upper else 0.3)
            tilt = 0.025 * random.standard_normal()
            edge = -rise * (centre / 0.2) ** 2 + 0.0018 * random.standard_normal() + step + tilt * (x - centre)
            shade = 1 + 0.03 * random.standard_normal() - (0.05 if index == CANINE else 0.0)
            _draw_tooth(layers, x, y, centre, edge, tooth_width, tooth_height, side, index, shade, per_unit)
    layers[1] *= np.clip(1 - 0.50 * (np.abs(x) / 0.27) ** 2.2, 0.05, 1)
    small = (width // supersampling, height // supersampling)
    alpha = cv2.resize(layers[0], small, interpolation=cv2.INTER_AREA)
    rest = [cv2.resize(layer * layers[0], small, interpolation=cv2.INTER_AREA) for layer in layers[1:]]
    atlas = np.stack([alpha, *[layer / np.maximum(alpha, 1e-3) for layer in rest]], axis=-1)
    shadow = cv2.GaussianBlur(alpha, (0, 0), max(0.8, 0.012 * scale))
    return ToothRow(np.ascontiguousarray(atlas, np.float32), np.asarray(shadow, np.float32), scale, edge_row)


def _draw_tooth(
    layers: Floats,
    x: Floats,
    y: Floats,
    centre: float,
    edge: Floats,
    width: float,
    height: float,
    side: int,
    index: int,
    shade: float,
    per_unit: float,
) -> None:
    """Draw one superelliptic tooth into the four layers; u runs over its width, v from -1 (gum) to 0 (edge)."""
    u = (x - centre) / (width / 2)
    v = (y - edge) / height
    biting = np.clip((v + 0.45) / 0.45, 0, 1)
    outward = u * side
    outline = np.abs(u) ** 6 + biting**9 + 0.55 * np.clip(outward, 0, 1) ** 3 * biting**4
    outline = outline + 0.25 * np.clip(-outward, 0, 1) ** 4 * biting**5
    if index == CANINE:
        outline = outline + 0.5 * np.abs(u) ** 1.2 * biting**3
    alpha = np.clip((1 - outline) * width * per_unit * 0.13, 0, 1) * (v < 0.03) * (v > -1.35)
    neck = np.clip((-v - 0.72) / 0.28, 0, 1)
    incisal = np.clip(1 + v * height / 0.014, 0, 1)
    gap = np.exp(-(((1 - np.abs(u)) * width / 2 / 0.0045) ** 2))
    light = shade * (1 - 0.13 * u * u) * (1 - 0.10 * neck) * (1 - 0.13 * incisal) * (1 - 0.22 * gap)
    light = light + 0.07 * np.exp(-(((u + 0.22 * side) / 0.30) ** 2) - ((v + 0.52) / 0.26) ** 2)
    back = 0.25 if index == CANINE else 0.12 * max(0, index - CANINE)
    tone = 0.5 * neck + back - 0.25 * incisal
    gum = smoothstep(-v - 1 + 0.30 * np.abs(u) ** 2.5, -0.03, 0.05)
    ahead = alpha > layers[0]
    for layer, value in zip(layers, (alpha, light, tone, gum), strict=True):
        layer[ahead] = value[ahead]
