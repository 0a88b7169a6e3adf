"""Eyes, lids, lashes and brows."""

import numpy as np
from numpy.typing import NDArray

from lipwright.face import topology
from portrait_drawing.canvas import Canvas, Plane, smoothstep, spline
from portrait_drawing.strokes import Strokes

IRIS_RADIUS = 0.066
"""Eye distances: 11.7 mm against about 88 mm between the outer corners."""


def draw_eyes(canvas: Canvas, points: NDArray[np.float64], hair: NDArray[np.float32]) -> None:
    """Both eyes, with lids and lashes."""
    for eye in topology.EYES:
        upper = spline(points[list(eye.upper_lid)][:, :2])
        lower = spline(points[list(eye.lower_lid)][:, :2])
        _draw_ball(canvas, upper, lower, eye is topology.RIGHT_EYE)
        _draw_lids(canvas, upper, lower)
        _draw_lashes(canvas, upper, lower, hair)


def _draw_ball(canvas: Canvas, upper: Plane, lower: Plane, inner_is_right: bool) -> None:
    opening = canvas.area(np.concatenate([upper, lower[::-1]]), 0.004)
    left, right = upper[0], upper[-1]
    centre_x = float((left[0] + right[0]) / 2) + (0.004 if inner_is_right else -0.004)
    middle = len(upper) // 2
    top, bottom = float(upper[middle, 1]), float(lower[middle, 1])
    centre_y = top + 0.44 * (bottom - top)
    beside = (canvas.x - centre_x) / 0.16
    white = np.array([226, 214, 206], np.float32) * (1 - 0.30 * np.clip(np.abs(beside), 0, 1.1)[..., None] ** 2.2)
    white = white * (1 + 0.012 * canvas.noise(0.03))[..., None]
    canvas.paint(white, opening)
    inner = right if inner_is_right else left
    canvas.paint((196, 124, 112), 0.75 * opening * canvas.blob(float(inner[0]), float(inner[1]), 0.026, 0.022))

    distance = np.hypot(canvas.x - centre_x, canvas.y - centre_y) / IRIS_RADIUS
    angle = np.arctan2(canvas.y - centre_y, canvas.x - centre_x)
    rays = canvas.random.uniform(0, 2 * np.pi, 24)
    counts = canvas.random.integers(9, 46, 24)
    fibre = sum(np.sin(angle * n + p) for n, p in zip(counts, rays, strict=True)) / 5.0
    iris = np.array([96, 108, 92], np.float32) + fibre[..., None] * np.array([15, 16, 13], np.float32)
    iris = iris + np.exp(-(((distance - 0.50) / 0.16) ** 2))[..., None] * np.array([38, 18, -14], np.float32)
    lit = 0.74 + 0.42 * smoothstep((canvas.y - centre_y) * 0.8 + (canvas.x - centre_x) * 0.5, -0.03, 0.05)
    rim = 1 - 0.62 * smoothstep(distance, 0.74, 1.0)
    pixel = 1.1 / (canvas.unit * IRIS_RADIUS)
    canvas.paint(iris * (lit * rim)[..., None], opening * smoothstep(distance, 1.0 + 2.2 * pixel, 0.98 - 2.2 * pixel))
    canvas.paint((20, 15, 14), 0.97 * opening * smoothstep(distance, 0.42 + pixel, 0.38 - pixel))

    shadow = canvas.line(np.add(upper, (0.006, 0.014)), 0.052, 0.014)
    canvas.tint((0.42, 0.38, 0.38), 0.80 * opening * shadow)
    glint = canvas.blob(centre_x - 0.020, centre_y - 0.022, 0.013, 0.013)
    canvas.paint((255, 252, 248), 0.98 * opening * smoothstep(glint, 0.30, 0.62))
    canvas.paint((230, 236, 240), 0.28 * opening * canvas.blob(centre_x + 0.026, centre_y + 0.022, 0.014, 0.010))


def _draw_lids(canvas: Canvas, upper: Plane, lower: Plane) -> None:
    outer_is_left = abs(upper[0, 0]) > abs(upper[-1, 0])
    rise = np.sin(np.linspace(0.30, np.pi - 0.12, len(upper)))
    rise = (rise if not outer_is_left else rise[::-1])[:, None]
    fold = upper - rise * (0.0, 0.058)
    canvas.paint((255, 226, 205), 0.10 * canvas.line(upper - rise * (0, 0.026), 0.022, 0.012))
    canvas.tint((0.58, 0.47, 0.45), 0.75 * canvas.line(fold, 0.010, 0.007))
    canvas.tint((0.84, 0.76, 0.74), 0.75 * canvas.line(fold - (0, 0.014), 0.035, 0.018))
    canvas.paint((236, 178, 162), 0.50 * canvas.line(np.add(lower[3:-3], (0, 0.005)), 0.009, 0.003))
    canvas.tint((0.82, 0.72, 0.71), 0.55 * canvas.line(np.add(lower[4:-4], (0, 0.016)), 0.008, 0.007))
    bag = np.sin(np.linspace(0.1, np.pi - 0.1, len(lower)))[:, None]
    canvas.tint((0.90, 0.83, 0.83), 0.50 * canvas.line(lower + bag * (0, 0.085), 0.020, 0.022))


def _draw_lashes(canvas: Canvas, upper: Plane, lower: Plane, hair: NDArray[np.float32]) -> None:
    colour = np.clip(hair * 0.35, 12, 60)
    outer = -1.0 if abs(upper[0, 0]) > abs(upper[-1, 0]) else 1.0
    line = canvas.line(upper - (0, 0.002), 0.016, 0.004)
    canvas.paint(colour, 0.88 * line)
    strokes = Strokes(canvas)
    random = canvas.random
    for row, count, reach, up in ((upper, 120, 0.052, -1.0), (lower, 34, 0.016, 1.0)):
        for share in np.sort(random.uniform(0.10, 0.97, count)):
            place = row[int((share if outer > 0 else 1 - share) * (len(row) - 1))]
            length = reach * random.uniform(0.55, 1.0) * (0.55 + 0.6 * share)
            lean = outer * (share - 0.28) * 1.5 + random.normal(0, 0.10)
            tip = place + length * np.array([lean, up * 0.85])
            bend = place + length * np.array([lean * 0.62, up * 0.18])
            strokes.draw(spline([place, bend, tip], steps=4), colour, 0.0044 if up < 0 else 0.0022, thin_end=1.0)
    strokes.lay(0.80)


def draw_brows(canvas: Canvas, points: NDArray[np.float64], hair: NDArray[np.float32]) -> None:
    """Both brows, hair by hair over a soft ground."""
    strokes = Strokes(canvas)
    random = canvas.random
    for eye in topology.EYES:
        upper = spline(points[list(eye.upper_brow)][:, :2] + (0, 0.018))
        lower = spline(points[list(eye.lower_brow)][:, :2] - (0, 0.012))
        if eye is topology.RIGHT_EYE:
            upper, lower = upper[::-1], lower[::-1]
        spread = np.sqrt(np.clip(1 - np.linspace(0, 1, len(upper)) ** 3, 0.05, 1))[:, None]
        middle = np.asarray((upper + lower) / 2, np.float32)
        upper = np.asarray(middle + (upper - middle) * spread, np.float32)
        lower = 2 * middle - upper
        ground = canvas.area(np.concatenate([upper, lower[::-1]]), 0.020)
        canvas.paint(hair * 0.75, 0.42 * ground)
        for _ in range(420):
            along, across = random.beta(1.1, 1.2), random.beta(1.6, 1.6)
            k = min(int(along * len(upper)), len(upper) - 2)
            place = upper[k] * (1 - across) + lower[k] * across
            direction = middle[min(k + 6, len(middle) - 1)] - middle[max(k - 6, 0)]
            direction = direction / max(float(np.linalg.norm(direction)), 1e-6)
            steep = (1 - along) ** 2 * 1.25 + (across - 0.35) * 0.55 * (1 - along)
            lift = np.array([0.0, -1.0]) * steep
            tip = place + (direction + lift) / np.linalg.norm(direction + lift) * random.uniform(0.05, 0.085)
            bend = (place + tip) / 2 + (0, -0.006 * (1 - along))
            shade = hair * random.uniform(0.45, 0.95)
            strokes.draw(spline([place, bend, tip], steps=4), shade, random.uniform(0.0022, 0.0042), thin_end=1.0)
    strokes.lay(0.70)
