"""The whole picture, from the wall behind to the film grain."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portrait_drawing.canvas import Canvas, smoothstep, spline
from portrait_drawing.eyes import draw_brows, draw_eyes
from portrait_drawing.hair import BACK, FRONT, draw_hair
from portrait_drawing.lips import draw_lips
from portrait_drawing.skin import TONES, draw_head, draw_neck, draw_nose
from portrait_drawing.surface import face_points

HAIR = (118.0, 78.0, 52.0)
GRAIN = 1.6
"""Grey levels."""


@dataclass(frozen=True)
class Sitter:
    """What may be chosen about the portrait."""

    skin: str = "fair"
    """One of TONES."""
    smile: float = 0.0
    """0: the mouth is shut. 1: a smile that shows teeth."""
    seed: int = 11


def draw(sitter: Sitter, side_px: int) -> NDArray[np.uint8]:
    """Draw the portrait: uint8 RGB, (side_px, side_px, 3). The same sitter gives the same picture."""
    canvas = Canvas(side_px, sitter.seed)
    tone = np.array(TONES[sitter.skin], np.float32)
    hair = np.array(HAIR, np.float32)
    if sitter.skin in ("brown", "dark"):
        hair = hair * (0.55, 0.55, 0.60)
    points = face_points(sitter.smile)
    _draw_wall(canvas)
    draw_hair(canvas, BACK, hair).lay()
    draw_neck(canvas, tone)
    _draw_clothes(canvas)
    draw_head(canvas, points, tone)
    draw_nose(canvas, points)
    draw_lips(canvas, points, tone)
    draw_eyes(canvas, points, hair)
    draw_brows(canvas, points, hair)
    _draw_front_hair(canvas, hair)
    return canvas.finished(GRAIN)


def _draw_front_hair(canvas: Canvas, hair: NDArray[np.float32]) -> None:
    """The hair's shadow on the skin, then the hair."""
    strokes = draw_hair(canvas, FRONT, hair, stray=150)
    cover = canvas.blur(strokes.cover(), 0.045)
    shadow = np.roll(cover, (round(0.035 * canvas.unit), round(0.012 * canvas.unit)), axis=(0, 1))
    canvas.tint((0.62, 0.52, 0.49), 0.75 * shadow)
    strokes.lay()


def _draw_wall(canvas: Canvas) -> None:
    glow = canvas.blob(-0.9, -0.3, 2.4, 2.2)
    canvas.colour[:] = np.array([138, 152, 152], np.float32) + glow[..., None] * np.array([66, 60, 48], np.float32)
    canvas.colour *= (1 + 0.020 * canvas.noise(1.1) + 0.007 * canvas.noise(0.25) + 0.004 * canvas.noise(0.05))[
        ..., None
    ]


def _draw_clothes(canvas: Canvas) -> None:
    """A knitted jumper with a round neck."""
    collar = [(-0.78, 1.80), (-0.58, 2.02), (-0.28, 2.17), (0.0, 2.21), (0.28, 2.17), (0.58, 2.02), (0.78, 1.80)]
    left = [(-3.0, 3.2), (-2.35, 2.75), (-2.02, 2.34), (-1.55, 2.08), (-1.05, 1.92)]
    right = [(-x, y) for x, y in reversed(left)]
    body = canvas.area(np.concatenate([spline(left), spline(collar), spline(right)]), 0.007)
    side = np.clip(canvas.x / 2.2, -1, 1)
    lit = 0.86 - 0.34 * side - 0.30 * smoothstep(np.abs(canvas.x), 1.3, 2.3) + 0.10 * canvas.noise(0.9) * 0.5
    lit *= 1 - 0.10 * smoothstep(canvas.y, 2.1, 2.7)
    ribs = np.sin(canvas.x * 95 + np.sin(canvas.y * 160) * 0.9) * 0.045 + canvas.noise(0.02) * 0.03
    colour = np.array([62, 92, 104], np.float32) * (lit + ribs)[..., None]
    canvas.tint((0.72, 0.64, 0.62), 0.8 * canvas.blur(body, 0.05))
    canvas.paint(colour, body)
    band = canvas.line(spline(np.add(collar, (0, 0.055))), 0.12, 0.006)
    knit = np.sin(canvas.x * 120) * 0.10
    canvas.paint(np.array([70, 102, 114], np.float32) * (lit + knit)[..., None], band * body)
    canvas.tint((0.6, 0.6, 0.6), 0.55 * canvas.line(spline(np.add(collar, (0, 0.125))), 0.02, 0.012) * body)
