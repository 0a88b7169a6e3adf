"""Lips, and the teeth between them in a smile."""

import numpy as np
from numpy.typing import NDArray

from lipwright.face import topology
from portrait_drawing.canvas import Canvas, smoothstep, spline


def draw_lips(canvas: Canvas, points: NDArray[np.float64], tone: NDArray[np.float32]) -> None:
    """Paint the lips over the skin's shading, and what shows between them."""
    rows = [spline(points[list(row)][:, :2]) for row in (topology.OUTER_LIP_UPPER, topology.INNER_LIP_UPPER)]
    rows += [spline(points[list(row)][:, :2]) for row in (topology.INNER_LIP_LOWER, topology.OUTER_LIP_LOWER)]
    outer_upper, inner_upper, inner_lower, outer_lower = rows
    whole = canvas.area(np.concatenate([outer_upper, outer_lower[::-1]]), 0.007)
    upper = canvas.area(np.concatenate([outer_upper, inner_upper[::-1]]), 0.008)
    lower = canvas.area(np.concatenate([inner_lower, outer_lower[::-1]]), 0.008)
    fair = float(tone.mean()) / 215
    canvas.tint((0.905, 0.66 + 0.06 * (1 - fair), 0.665), 0.92 * whole)
    canvas.tint((0.93, 0.87, 0.88), 0.85 * upper)
    wrinkle = canvas.noise(0.016) * 0.018
    columns = np.sin(canvas.x * 150 + 3 * canvas.noise(0.10)) * 0.020 * smoothstep(np.abs(canvas.x), 0.26, 0.10)
    canvas.colour *= (1 + (wrinkle + columns) * whole)[..., None]
    for x, strength, width in ((-0.075, 0.26, 0.075), (0.07, 0.17, 0.07)):
        y = float(np.interp(x, inner_lower[:, 0], inner_lower[:, 1])) + 0.050
        shine = canvas.blob(x, y, width, 0.020) * (1 + 0.35 * canvas.noise(0.022))
        canvas.paint((255, 226, 216), strength * lower * np.clip(shine, 0, 1))
    bow = outer_upper[len(outer_upper) // 4 : -len(outer_upper) // 4]
    canvas.paint((255, 224, 204), 0.16 * canvas.line(bow - (0, 0.012), 0.012, 0.010))
    under = outer_lower[len(outer_lower) // 5 : -len(outer_lower) // 5]
    canvas.tint((0.74, 0.63, 0.61), 0.55 * canvas.line(np.add(under, (0, 0.030)), 0.034, 0.024))
    philtrum = canvas.line(spline([(0.012, 0.63), (0.014, 0.68), (0.014, 0.735)]), 0.035, 0.020)
    canvas.tint((0.88, 0.82, 0.80), 0.55 * philtrum)

    gap = float((inner_lower - inner_upper)[:, 1].max())
    if gap > 0.01:
        _draw_teeth(canvas, inner_upper, inner_lower)
    seam = (inner_upper + inner_lower) / 2 if gap <= 0.01 else inner_upper
    canvas.tint((0.84, 0.74, 0.74), 0.35 * lower * canvas.line(seam + np.array((0, 0.006)), 0.040, 0.018))
    canvas.paint((84, 34, 32), 0.80 * canvas.line(seam, 0.0060, 0.0034))
    for corner in (outer_upper[0], outer_upper[-1]):
        canvas.tint((0.62, 0.50, 0.49), 0.40 * canvas.blob(float(corner[0]), float(corner[1]), 0.022, 0.014))


def _draw_teeth(canvas: Canvas, upper: NDArray[np.float32], lower: NDArray[np.float32]) -> None:
    opening = canvas.area(np.concatenate([upper, lower[::-1]]), 0.004)
    canvas.paint((60, 22, 22), opening)
    edge = np.interp(canvas.x, upper[:, 0], upper[:, 1])
    down = canvas.y - edge.astype(np.float32)
    teeth = smoothstep(down, 0.088, 0.078) * smoothstep(np.abs(canvas.x), 0.24, 0.17)
    place = np.sign(canvas.x) * np.abs(canvas.x) ** 1.08
    tooth = np.abs(((place / 0.078) % 1.0) - 0.5)
    relief = 1 - 0.16 * smoothstep(tooth, 0.40, 0.5) - 0.10 * smoothstep(np.abs(canvas.x), 0.08, 0.22)
    colour = np.array([232, 220, 204], np.float32) * (relief * (0.80 + 0.2 * smoothstep(down, 0.0, 0.05)))[..., None]
    canvas.paint(colour, 0.97 * opening * teeth)
