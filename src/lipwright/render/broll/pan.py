"""A still picture that the view wanders over slowly and evenly, nearer or farther, towards what is worth looking at."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import cv2
import numpy as np

from lipwright.render.arrays import Pixels
from lipwright.render.broll.focus import focus_of
from lipwright.render.broll.sampling import RIM, sample_view

_ZOOM_PER_S: Final = 0.018
_LEAST_ZOOM: Final = 1.03
_MOST_ZOOM: Final = 1.15
_DRIFT_PER_S: Final = 0.02
"""Of the view's side, along the side of a picture that is longer than the output's shape."""
_MOST_DRIFT: Final = 0.2
_FINER: Final = 1.03
"""How much finer than the nearest view the picture is kept. At the same fineness, all pixels of that view would be
sampled between pixels alike, so that it would be sharper or softer than the views before it."""


@dataclass(frozen=True, slots=True)
class View:
    """What is seen of a picture, in its pixels."""

    x: float
    """Of the middle."""
    y: float
    width: float


def pan(picture: Pixels, width_px: int, height_px: int, fps: Fraction, frames: int, seed: int) -> Iterator[Pixels]:
    """Wander over a picture. Every point of it moves along a straight line, as fast at the end as at the beginning.

    Args:
        picture: uint8 RGB, (height, width, 3), of any size and shape.
        seed: decides between nearer and farther, and to which side.
    Yields: exactly `frames` pictures, uint8 RGB, (height_px, width_px, 3), each the caller's own.
    """
    size = (picture.shape[1], picture.shape[0])
    begin, end = views(size, focus_of(picture), width_px / height_px, float(frames / fps), seed)
    return _seen(_Board(picture, (begin, end), width_px, height_px), (begin, end), width_px, height_px, frames)


def views(
    size: tuple[int, int], focus: tuple[float, float], shape: float, lasting_s: float, seed: int
) -> tuple[View, View]:
    """Choose the first and the last view.

    Args:
        size: width and height of the picture.
        focus: shares of width and height.
        shape: width of the output by its height.
    Returns: views of that shape inside the picture.
    """
    chance = random.Random(seed)  # noqa: S311 no secret
    nearer, x_way, y_way = chance.random() < 0.5, chance.choice((-1, 1)), chance.choice((-1, 1))
    width = min(size[0], size[1] * shape)
    zoom = min(max(1 + _ZOOM_PER_S * lasting_s, _LEAST_ZOOM), _MOST_ZOOM)
    drift = min(_DRIFT_PER_S * lasting_s, _MOST_DRIFT) / 2
    x, y = focus[0] * size[0], focus[1] * size[1]
    wide = _inside(View(x - x_way * drift * width, y - y_way * drift * width / shape, width), size, shape)
    tight = _inside(View(x + x_way * drift * width, y + y_way * drift * width / shape, width / zoom), size, shape)
    return (wide, tight) if nearer else (tight, wide)


def between(begin: View, end: View, share: float) -> View:
    """The view on the way: its width changes by the same factor in equal times, and its middle in step with it."""
    width = begin.width * (end.width / begin.width) ** share
    done = (width - begin.width) / (end.width - begin.width)
    return View(begin.x + (end.x - begin.x) * done, begin.y + (end.y - begin.y) * done, width)


class _Board:
    """The part of a picture that is seen at all, at the output's resolution, transposed and with a rim."""

    def __init__(self, picture: Pixels, seen: tuple[View, View], width_px: int, height_px: int) -> None:
        height, width = picture.shape[:2]
        shape = width_px / height_px
        left = max(math.floor(min(view.x - view.width / 2 for view in seen)), 0)
        right = min(math.ceil(max(view.x + view.width / 2 for view in seen)), width)
        top = max(math.floor(min(view.y - view.width / shape / 2 for view in seen)), 0)
        bottom = min(math.ceil(max(view.y + view.width / shape / 2 for view in seen)), height)
        scale = _FINER * width_px / min(view.width for view in seen)
        columns, rows = math.ceil((right - left) * scale), math.ceil((bottom - top) * scale)
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        part = cv2.resize(picture[top:bottom, left:right], (columns, rows), interpolation=how)
        rimmed = cv2.copyMakeBorder(part, RIM, RIM, RIM, RIM, cv2.BORDER_REPLICATE)
        self.turned: Pixels = np.ascontiguousarray(rimmed.transpose(1, 0, 2), np.uint8)
        self._left, self._top = left, top
        self._x_scale, self._y_scale = columns / (right - left), rows / (bottom - top)

    def corner(self, view: View, shape: float) -> tuple[float, float]:
        """The corner of a view, in the board's pixels."""
        left = (view.x - view.width / 2 - self._left) * self._x_scale + RIM
        return left, (view.y - view.width / shape / 2 - self._top) * self._y_scale + RIM

    def steps(self, view: View, width_px: int) -> tuple[float, float]:
        """The board's pixels to one of the output, to the right and down."""
        return view.width / width_px * self._x_scale, view.width / width_px * self._y_scale


def _seen(board: _Board, way: tuple[View, View], width_px: int, height_px: int, frames: int) -> Iterator[Pixels]:
    for number in range(frames):
        view = between(*way, number / max(frames - 1, 1))
        picture = np.empty((height_px, width_px, 3), np.uint8)
        sample_view(board.turned, *board.corner(view, width_px / height_px), *board.steps(view, width_px), picture)
        yield picture


def _inside(view: View, size: tuple[int, int], shape: float) -> View:
    """Move a view into the picture."""
    half_width, half_height = view.width / 2, view.width / shape / 2
    x = min(max(view.x, half_width), size[0] - half_width)
    return View(x, min(max(view.y, half_height), size[1] - half_height), view.width)
