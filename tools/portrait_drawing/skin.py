"""Head and neck: their skin, its light and its small unevenness."""

import numpy as np
from numpy.typing import NDArray

from lipwright.face import topology
from portrait_drawing.canvas import Canvas, Plane, smoothstep, spline
from portrait_drawing.surface import depth, gloss, light, normals

TONES: dict[str, tuple[float, float, float]] = {
    "fair": (246, 208, 186),
    "olive": (226, 180, 148),
    "brown": (178, 124, 92),
    "dark": (126, 84, 62),
}
"""Skin in full light."""


def head_outline(points: NDArray[np.float64]) -> Plane:
    """The face's oval as a smooth closed curve, with the forehead carried on under the hair."""
    oval = points[list(topology.FACE_OVAL)][:, :2].copy()
    top = oval[:, 1] < -0.2
    oval[top] = (oval[top] - (0.0, 0.4)) * 1.12 + (0.0, 0.4)
    return spline(oval, closed=True)


def draw_neck(canvas: Canvas, tone: NDArray[np.float32]) -> None:
    """Neck and the start of the shoulders, in the head's shade."""
    left = np.array([(0.52, 0.9), (0.515, 1.3), (0.53, 1.6), (0.78, 1.90), (1.3, 2.15), (1.3, 2.9)])
    outline = spline(np.concatenate([left * (-1, 1), left[::-1]]))
    cover = canvas.area(outline, 0.006)
    lower = smoothstep(canvas.y, 1.55, 2.1)
    half = 0.57 + 0.93 * lower
    round_about = np.clip(canvas.x / half, -0.98, 0.98)
    normal = np.stack(
        [round_about, np.full_like(round_about, -0.12) - 0.35 * lower, -np.sqrt(1 - round_about**2)], axis=-1
    )
    tendon = canvas.line(spline([(-0.50, 1.15), (-0.36, 1.5), (-0.13, 1.93)]), 0.09, 0.035)
    other = canvas.line(spline([(0.50, 1.15), (0.36, 1.5), (0.13, 1.93)]), 0.09, 0.035)
    normal[..., 0] += 0.16 * (np.gradient(tendon + other, axis=1) * canvas.unit * -0.05)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    colour = tone * light(normal.astype(np.float32)) * (0.95, 0.925, 0.915)
    pit = canvas.blob(0.0, 1.97, 0.10, 0.09)
    colour = colour * (1 - 0.10 * pit - 0.05 * (canvas.noise(0.30) * 0.3))[..., None]
    canvas.paint(colour, cover)
    below_chin = canvas.area(
        spline([(-0.72, 0.75), (-0.56, 1.28), (-0.20, 1.62), (0.20, 1.69), (0.56, 1.48), (0.75, 0.8)], closed=True),
        0.055,
    )
    canvas.tint((0.60, 0.49, 0.46), 0.92 * below_chin * cover)


def draw_head(canvas: Canvas, points: NDArray[np.float64], tone: NDArray[np.float32]) -> Plane:
    """The face without eyes, lips and brows; returns its coverage."""
    plane = depth(canvas, points)
    normal = normals(canvas, plane)
    colour = tone * light(normal)
    inside = smoothstep(np.abs(canvas.x), 0.68, 0.40)
    smooth = canvas.blur(plane, 0.014)
    for radius, strength in ((0.05, 0.80), (0.16, 0.20)):
        hollow = inside * np.clip((smooth - canvas.blur(plane, radius)) / radius, -0.5, 0.5)
        shade = 1 - strength * np.clip(hollow, 0, None) + 0.25 * strength * np.clip(-hollow, 0, None)
        colour *= shade[..., None] ** np.array([0.75, 1.05, 1.1], np.float32)
    colour = _complexion(canvas, colour) * np.array([1.01, 0.972, 0.945], np.float32)
    oily = 0.35 + canvas.blob(0, 0.42, 0.10, 0.10) + 0.5 * canvas.blob(0, -0.35, 0.45, 0.22)
    oily += 0.5 * canvas.blob(0.45, 0.32, 0.2, 0.15) + 0.5 * canvas.blob(-0.45, 0.32, 0.2, 0.15)
    oily *= 1 + 0.10 * canvas.noise(0.020)
    shine = 20 * gloss(normal, 14) * oily + 22 * gloss(normals(canvas, plane, 0.02), 60) * oily
    colour = colour + shine[..., None] * np.array([1.0, 0.95, 0.88], np.float32)
    jaw = smoothstep(canvas.y, 0.85, 1.45) * (0.6 + 0.4 * smoothstep(np.abs(canvas.x), 0.1, 0.6))
    colour *= 1 - jaw[..., None] * np.array([0.16, 0.22, 0.23], np.float32)
    outline = head_outline(points)
    cover = canvas.area(outline, 0.005)
    canvas.paint(colour, cover)
    return cover


def _complexion(canvas: Canvas, colour: Plane) -> Plane:
    """Blush, cooler sockets, a warmer forehead, mottling, pores and a few freckles."""
    blush = canvas.blob(-0.50, 0.42, 0.24, 0.18) + 0.7 * canvas.blob(0.50, 0.42, 0.24, 0.18)
    blush += 0.75 * canvas.blob(0, 0.48, 0.13, 0.10) + 0.35 * canvas.blob(0, 1.24, 0.16, 0.12)
    sockets = canvas.blob(-0.36, 0.09, 0.22, 0.12) + canvas.blob(0.36, 0.09, 0.22, 0.12)
    inner = canvas.blob(-0.17, 0.10, 0.06, 0.10) + canvas.blob(0.17, 0.10, 0.06, 0.10)
    colour = colour * (1 + blush[..., None] * np.array([0.015, -0.095, -0.075], np.float32))
    colour = colour * (1 - sockets[..., None] * np.array([0.03, 0.055, 0.04], np.float32))
    colour = colour * (1 - inner[..., None] * np.array([0.03, 0.06, 0.04], np.float32))
    mottle = 0.012 * canvas.noise(0.22) + 0.008 * canvas.noise(0.07)
    colour = colour * (1 + mottle[..., None] * np.array([0.4, 1.0, 0.9], np.float32))
    pores = 0.013 * canvas.noise(0.013) + 0.010 * canvas.noise(0.028)
    where = smoothstep(canvas.noise(0.024), 2.3, 3.2)
    freckles = where * (canvas.blob(-0.40, 0.36, 0.30, 0.12) + canvas.blob(0.40, 0.36, 0.30, 0.12))
    colour = colour * (1 + pores)[..., None]
    return np.asarray(colour * (1 - 0.13 * freckles[..., None] * np.array([0.5, 0.9, 1.0], np.float32)), np.float32)


def draw_nose(canvas: Canvas, points: NDArray[np.float64]) -> None:
    """Nostrils, the crease round the wings, and the nose's shadow."""
    cast = canvas.area(
        spline([(-0.05, 0.56), (0.10, 0.57), (0.19, 0.56), (0.17, 0.66), (0.06, 0.68)], closed=True), 0.03
    )
    canvas.tint((0.80, 0.71, 0.69), 0.45 * cast)
    for side in (-1, 1):
        nostril = spline(
            [(0.030, 0.575), (0.055, 0.553), (0.090, 0.553), (0.108, 0.570), (0.080, 0.578), (0.05, 0.586)], closed=True
        )
        canvas.paint((58, 24, 20), 0.80 * canvas.area(nostril * (side, 1), 0.007))
        crease = spline([(0.135, 0.455), (0.165, 0.500), (0.163, 0.545), (0.130, 0.580)])
        canvas.tint((0.72, 0.60, 0.57), 0.70 * canvas.line(crease * (side, 1), 0.018, 0.012))
        wing = spline([(0.03, 0.592), (0.08, 0.594), (0.13, 0.583)])
        canvas.tint((0.80, 0.70, 0.68), 0.6 * canvas.line(wing * (side, 1), 0.016, 0.012))
        canvas.paint((255, 235, 220), 0.10 * canvas.blob(side * 0.115, 0.495, 0.025, 0.03))
    canvas.paint((255, 240, 226), 0.22 * canvas.blob(-0.022, 0.415, 0.028, 0.034))
