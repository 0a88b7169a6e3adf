"""The sheet that is painted on. Places are in eye distances from between the eyes, x right, y down; colours are float
RGB, 0 to 255."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Plane = NDArray[np.float32]

EYE_DISTANCE = 0.222
"""Of the sheet's side."""
BETWEEN_THE_EYES = (0.5, 0.420)
"""In sides of the sheet."""


def smoothstep(value: ArrayLike, low: float, high: float) -> Plane:
    """0 below low, 1 above high, smooth between; low may be the larger one."""
    share = np.clip((np.asarray(value, np.float32) - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def spline(points: ArrayLike, *, closed: bool = False, steps: int = 12) -> Plane:
    """A Catmull-Rom curve through points (n, 2): (m, 2)."""
    through = np.asarray(points, np.float32)
    if closed:
        around = np.concatenate([through[-1:], through, through[:2]])
    else:
        around = np.concatenate([2 * through[:1] - through[1:2], through, 2 * through[-1:] - through[-2:-1]])
    t = (np.arange(steps, dtype=np.float32) / steps)[:, None]
    pieces = []
    for a, b, c, d in zip(around, around[1:], around[2:], around[3:], strict=False):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    curve = np.concatenate(pieces)
    return curve if closed else np.concatenate([curve, through[-1:]])


class Canvas:
    """A square picture in the making."""

    def __init__(self, side_px: int, seed: int) -> None:
        """Lay out an empty sheet.

        Args:
            side_px: width and height.
            seed: of all noise on it.
        """
        self.side_px = side_px
        self.unit = EYE_DISTANCE * side_px
        self.random = np.random.default_rng(seed)
        self.colour = np.zeros((side_px, side_px, 3), np.float32)
        centre = np.array(BETWEEN_THE_EYES, np.float32) * side_px
        self._centre = centre
        rows, columns = np.mgrid[:side_px, :side_px].astype(np.float32)
        self.x = (columns - centre[0]) / self.unit
        self.y = (rows - centre[1]) / self.unit

    def pixels(self, places: ArrayLike) -> Plane:
        """Places (n, 2) as pixels."""
        return np.asarray(np.asarray(places, np.float32) * self.unit + self._centre, np.float32)

    def blur(self, plane: Plane, radius: float) -> Plane:
        """A Gaussian blur; radius in eye distances."""
        return np.asarray(cv2.GaussianBlur(plane, (0, 0), max(0.3, radius * self.unit)), np.float32)

    def area(self, outline: ArrayLike, softness: float = 0.0) -> Plane:
        """Coverage by a polygon (n, 2), 0 to 1; softness is the radius of its edge."""
        mask = np.zeros((self.side_px, self.side_px), np.uint8)
        cv2.fillPoly(mask, [np.round(self.pixels(outline) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        plane = np.asarray(mask / np.float32(255), np.float32)
        return self.blur(plane, softness) if softness else plane

    def line(self, curve: ArrayLike, width: float, softness: float) -> Plane:
        """Coverage by a stroke along a curve (n, 2) that thins towards both ends, 0 to 1."""
        path = np.asarray(curve, np.float32)
        share = np.linspace(-1, 1, len(path))
        half = np.maximum(width / 2 * np.sqrt(np.maximum(1 - share**4, 0.02)), 0)[:, None]
        along = np.gradient(path, axis=0)
        across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(
            np.linalg.norm(along, axis=1, keepdims=True), 1e-6
        )
        return self.area(np.concatenate([path + across * half, (path - across * half)[::-1]]), softness)

    def blob(self, x: float, y: float, radius_x: float, radius_y: float) -> Plane:
        """A soft round spot, 1 in its middle."""
        return np.asarray(np.exp(-(((self.x - x) / radius_x) ** 2) - ((self.y - y) / radius_y) ** 2), np.float32)

    def noise(self, grain: float) -> Plane:
        """Smooth noise of deviation 1, the same picture at every size; grain in eye distances."""
        cells = max(4, round(1.0 / (EYE_DISTANCE * grain)))
        coarse = self.random.standard_normal((cells, cells)).astype(np.float32)
        method = cv2.INTER_CUBIC if cells <= self.side_px else cv2.INTER_AREA
        plane = cv2.resize(coarse, (self.side_px, self.side_px), interpolation=method)
        return np.asarray(plane / max(float(plane.std()), 1e-6), np.float32)

    def paint(self, colour: ArrayLike, alpha: Plane) -> None:
        """Lay a colour, (3,) or (side, side, 3), over the sheet."""
        cover = np.clip(alpha, 0, 1)[..., None]
        self.colour = np.asarray(self.colour * (1 - cover) + np.asarray(colour, np.float32) * cover, np.float32)

    def tint(self, factor: Sequence[float], alpha: Plane) -> None:
        """Multiply the sheet by a factor per channel where alpha is 1."""
        self.colour *= 1 + (np.asarray(factor, np.float32) - 1) * np.clip(alpha, 0, 1)[..., None]

    def finished(self, grain: float) -> NDArray[np.uint8]:
        """The picture with film grain of that deviation in grey levels: uint8 RGB."""
        noise = self.random.standard_normal((self.side_px, self.side_px, 1)).astype(np.float32)
        colours = self.random.standard_normal(self.colour.shape).astype(np.float32)
        film = cv2.GaussianBlur(noise, (0, 0), 0.6)[..., None] * 1.6 + colours * 0.35
        return np.asarray(np.clip(self.colour + grain * film + 0.5, 0, 255), np.uint8)
