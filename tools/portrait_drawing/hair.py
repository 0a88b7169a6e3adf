"""Hair: locks of single strands that run between two guide curves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portrait_drawing.canvas import Canvas, Plane, smoothstep, spline
from portrait_drawing.strokes import Strokes

Guide = Sequence[tuple[float, float]]

FULL_HAIR_PX = 1080
"""A smaller picture shows fewer strands."""


@dataclass(frozen=True)
class Lock:
    """Strands between two guides of equal length."""

    near: Guide
    far: Guide
    strands: int
    brightness: float
    loose: float = 0.010
    """How far a strand strays, in eye distances."""
    width: float = 0.0036


BACK = (
    Lock(
        near=((-0.10, -0.9), (-0.40, -0.8), (-0.55, -0.5), (-0.60, 0.0), (-0.55, 0.6), (-0.46, 1.2), (-0.48, 1.85)),
        far=((-0.16, -1.1), (-0.50, -1.05), (-0.82, -0.82), (-1.0, -0.4), (-1.04, 0.2), (-1.0, 1.0), (-0.90, 1.88)),
        strands=1500,
        brightness=0.40,
        loose=0.020,
    ),
    Lock(
        near=((0.10, -0.9), (0.40, -0.8), (0.55, -0.5), (0.60, 0.0), (0.55, 0.6), (0.46, 1.2), (0.48, 1.85)),
        far=((0.16, -1.1), (0.50, -1.05), (0.82, -0.82), (1.0, -0.4), (1.04, 0.2), (1.0, 1.0), (0.90, 1.88)),
        strands=1500,
        brightness=0.34,
        loose=0.020,
    ),
)
"""Behind neck and face."""
FRONT = (
    Lock(
        near=(
            (-0.21, -0.64),
            (-0.36, -0.60),
            (-0.58, -0.42),
            (-0.715, -0.05),
            (-0.765, 0.4),
            (-0.735, 1.0),
            (-0.675, 1.66),
        ),
        far=((-0.13, -1.12), (-0.48, -1.08), (-0.81, -0.84), (-1.0, -0.4), (-1.04, 0.2), (-1.00, 1.0), (-0.90, 1.92)),
        strands=5200,
        brightness=1.0,
    ),
    Lock(
        near=((-0.20, -0.64), (0.06, -0.68), (0.45, -0.55), (0.69, -0.15), (0.765, 0.36), (0.735, 1.0), (0.675, 1.66)),
        far=((-0.13, -1.12), (0.32, -1.14), (0.74, -0.93), (0.98, -0.46), (1.04, 0.17), (1.00, 1.0), (0.90, 1.92)),
        strands=6000,
        brightness=0.88,
    ),
)
"""Over forehead and temples, from the parting down."""


def draw_hair(canvas: Canvas, locks: Sequence[Lock], colour: NDArray[np.float32], *, stray: int = 0) -> Strokes:
    """Draw locks on a layer of their own.

    Args:
        canvas: the sheet.
        locks: from the lowest layer upwards.
        colour: (3,) of hair in full light.
        stray: so many single strands stand off from the outline.
    """
    strokes = Strokes(canvas)
    for lock in locks:
        _draw_lock(canvas, strokes, lock, colour)
    for number in range(stray):
        _draw_stray(canvas, strokes, locks[number % len(locks)], colour)
    return strokes


def _between(lock: Lock, share: NDArray[np.float64]) -> NDArray[np.float64]:
    near, far = np.array(lock.near), np.array(lock.far)
    return near * (1 - share[:, None]) + far * share[:, None]


def _draw_lock(canvas: Canvas, strokes: Strokes, lock: Lock, colour: NDArray[np.float32]) -> None:
    random = canvas.random
    knots = len(lock.near)
    strands = round(lock.strands * min(1.0, canvas.side_px / FULL_HAIR_PX))
    clumps = random.uniform(0, 1, 46)
    shades = random.normal(1.0, 0.13, len(clumps))
    depths = random.uniform(0, 1, len(clumps))
    shares = random.uniform(0, 1, strands)
    nearest = np.abs(shares[:, None] - clumps[None]).argmin(axis=1)
    order = np.lexsort((random.uniform(0, 1, strands), depths[nearest] + 0.5 * random.uniform(0, 1, strands)))
    for rank, number in enumerate(order):
        clump = nearest[number]
        towards = np.linspace(0.0, 0.72, knots) ** 1.5
        share = shares[number] + (clumps[clump] - shares[number]) * towards
        wave = 0.034 * np.sin(np.linspace(0, 6.0, knots) + 9 * clumps[clump]) * np.linspace(0, 1, knots) ** 1.5
        path = _between(lock, np.clip(share, 0, 1))
        path[:, 0] += wave + random.normal(0, lock.loose, knots) * np.linspace(0.3, 1.2, knots)
        path[:, 1] += random.normal(0, lock.loose, knots) * np.linspace(0.3, 1.0, knots)
        path[0] += (random.normal(0, 0.005), random.normal(0, 0.012))
        path[-1] += (random.normal(0, 0.035), random.normal(0.0, 0.11))
        curve = spline(path, steps=max(3, round(6 * canvas.side_px / 1080)))
        strokes.draw(
            curve,
            _strand_colours(curve, colour, lock, float(shades[clump]), rank / strands, random),
            lock.width * random.choice((0.7, 1.0, 1.3)),
            thin_end=0.25,
        )


def _strand_colours(
    curve: Plane,
    colour: NDArray[np.float32],
    lock: Lock,
    shade: float,
    height: float,
    random: np.random.Generator,
) -> NDArray[np.float64]:
    """The light along a strand: a sheen where it lies across the key light, dark in the depth and towards the neck."""
    middle = (curve[1:] + curve[:-1]) / 2
    along = np.diff(curve, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    x, y = middle[:, 0], middle[:, 1]
    bright = 0.58 + 0.42 * np.clip(0.75 - 0.32 * x - 0.26 * y, 0, 1.3)
    crown = np.exp(-(((np.hypot(x * 0.92 + 0.08, y - 0.15) - 1.02) / 0.13) ** 2)) * smoothstep(y, 0.2, -0.5)
    sheen = 0.75 * crown + 0.30 * np.exp(-(((y - 0.75 - 0.2 * np.abs(x)) / 0.22) ** 2))
    inner = 1 - 0.35 * smoothstep(np.abs(x), 0.93, 0.80) * smoothstep(y, 0.35, 0.9)
    root = 1 - 0.16 * np.exp(-((np.arange(len(x)) / 4.0) ** 2))
    value = lock.brightness * shade * (0.72 + 0.36 * height) * random.normal(1.0, 0.10) * bright * inner * root
    warm = np.array([1.0, 0.84, 0.66]) * 62.0
    light = np.clip(random.normal(1.0, 0.35), 0.2, 2) * lock.brightness * height
    return np.asarray(colour * value[:, None] + warm * (sheen * light)[:, None], np.float64)


def _draw_stray(canvas: Canvas, strokes: Strokes, lock: Lock, colour: NDArray[np.float32]) -> None:
    random = canvas.random
    share = random.uniform(0.90, 1.0) * np.ones(len(lock.near))
    path = _between(lock, share)
    outward = np.sign(path[-1, 0])
    begin = random.uniform(0.0, 0.75)
    curve = spline(path, steps=10)
    begin = int(begin * len(curve))
    part = curve[begin : begin + random.integers(14, 30)]
    if len(part) < 6:
        return
    off = np.linspace(0, 1, len(part))[:, None] ** 1.7 * random.uniform(0.02, 0.10)
    away = np.stack([np.full(len(part), outward), np.where(part[:, 1] < -0.5, -0.8, 0.1)], axis=1)
    strokes.draw(part + off * away, colour * random.uniform(0.6, 1.1), 0.0022, thin_end=1.0)
