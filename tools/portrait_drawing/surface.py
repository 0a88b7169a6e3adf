"""The shape of the face: a thin-plate surface through the points of the canonical face, and light on it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.face import topology
from portrait_drawing.canvas import Canvas, Plane, smoothstep

SMOOTHING = 2e-3
"""Of the thin plate: enough that no facet of the point set shows."""
SAMPLES = 72
"""Of the surface along one eye distance."""
KEY = (-0.52, -0.50, -0.70)
FILL = (0.80, -0.05, -0.60)
"""Where the light comes from: x right, y down, z away from the camera."""


def face_points(smile: float) -> NDArray[np.float64]:
    """The canonical face with a narrower jaw, open eyes and shut lips, (468, 3); a smile of 1 shows teeth."""
    points = topology.canonical_vertices().astype(np.float64)
    x, y = points[:, 0].copy(), points[:, 1].copy()
    beside = smoothstep(np.abs(x), 0.35, 0.85)
    points[:, 0] *= 1 - beside * (0.095 + 0.150 * smoothstep(y, 0.30, 1.30))
    points[:, 1] += -0.035 * smoothstep(y, 1.05, 1.42)
    for inner in (-0.209, 0.209):
        points[:, 0] -= np.sign(inner) * 0.032 * np.exp(-(((x - inner) / 0.10) ** 2) - ((y - 0.075) / 0.07) ** 2)
    for eye in topology.EYES:
        lid = np.array(eye.upper_lid[1:-1])
        points[lid, 1] -= 0.028 * np.sin(np.linspace(0.25, np.pi - 0.25, len(lid)))
        lid = np.array(eye.lower_lid[1:-1])
        points[lid, 1] += 0.006 * np.sin(np.linspace(0.25, np.pi - 0.25, len(lid)))
    upper, lower = (np.array(rows) for rows in (topology.UPPER_LIP_ROWS, topology.LOWER_LIP_ROWS))
    seam = (points[upper[3]] + points[lower[3]]) / 2
    bow = np.sin(np.linspace(0, np.pi, 11))[1:-1]
    for rows, lower_by in ((upper, 0.030), (lower, -0.022)):
        closing = (seam - points[rows[3]])[1:-1]
        for row, share in zip(rows, (0.15, 0.4, 0.8, 1.0), strict=True):
            points[row[1:-1]] += share * closing
            points[row[1:-1], 1] += lower_by * (1 - share) * bow
    _raise_corners(points, 0.22 + 0.78 * smile)
    opening = smile * np.sin(np.linspace(0, np.pi, 11)) ** 0.8
    for rows, height in ((upper, -0.030), (lower, 0.075)):
        for row in rows:
            points[row, 1] += height * opening
    return points


def _raise_corners(points: NDArray[np.float64], amount: float) -> None:
    near = np.exp(-(((np.abs(points[:, 0]) - 0.27) / 0.20) ** 2) - ((points[:, 1] - 0.84) / 0.22) ** 2)
    points[:, 0] += amount * 0.055 * near * np.sign(points[:, 0])
    points[:, 1] -= amount * 0.060 * near


def _thin_plate(places: NDArray[np.float64], heights: NDArray[np.float64]) -> NDArray[np.float64]:
    count = len(places)
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _kernel(places, places) + SMOOTHING * np.eye(count)
    system[:count, count], system[:count, count + 1 :] = 1, places
    system[count:, :count] = system[:count, count:].T
    return np.linalg.solve(system, np.concatenate([heights, np.zeros(3)]))


def _kernel(at: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    square = ((at[:, None, :] - places[None]) ** 2).sum(axis=-1)
    return np.asarray(0.5 * square * np.log(square + 1e-12))


def depth(canvas: Canvas, points: NDArray[np.float64]) -> Plane:
    """Depth of the face at every pixel of the sheet, in eye distances, away from the camera; beyond the face's outline
    it falls off steadily."""
    oval = points[list(topology.FACE_OVAL)]
    outward = oval[:, :2] - (0.0, 0.4)
    ring = np.concatenate([oval[:, :2] + 0.10 * outward, oval[:, 2:] + 0.22], axis=1)
    known = np.concatenate([points, ring])
    _, single = np.unique(np.round(known[:, :2], 3), axis=0, return_index=True)
    known = known[np.sort(single)]
    weights = _thin_plate(known[:, :2], known[:, 2])
    low, high = np.array([-1.15, -1.0]), np.array([1.15, 1.6])
    shape = np.ceil((high - low) * SAMPLES).astype(int)
    xs, ys = np.meshgrid(np.linspace(low[0], high[0], shape[0]), np.linspace(low[1], high[1], shape[1]))
    at = np.stack([xs.ravel(), ys.ravel()], axis=1)
    values = np.concatenate([_kernel(part, known[:, :2]) @ weights[:-3] for part in np.array_split(at, 40)])
    plane = (values + weights[-3] + at @ weights[-2:]).reshape(xs.shape).astype(np.float32)
    from_x = (canvas.x - low[0]) / (high[0] - low[0]) * (shape[0] - 1)
    from_y = (canvas.y - low[1]) / (high[1] - low[1]) * (shape[1] - 1)
    across, down = np.asarray(from_x, np.float32), np.asarray(from_y, np.float32)
    return np.asarray(cv2.remap(plane, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32)


def normals(canvas: Canvas, plane: Plane, smoothing: float = 0.012) -> Plane:
    """Unit normals of a depth, towards the camera, (side, side, 3)."""
    rim = smoothstep(np.abs(canvas.x), 0.45, 0.66)
    smooth = canvas.blur(plane, smoothing) * (1 - rim) + canvas.blur(plane, 0.055) * rim
    along_y, along_x = np.gradient(smooth, 1 / canvas.unit)
    upright = np.stack([along_x, along_y, -np.ones_like(smooth)], axis=-1)
    return np.asarray(upright / np.linalg.norm(upright, axis=-1, keepdims=True), np.float32)


def light(normal: Plane) -> Plane:
    """Light on matt skin per channel, (side, side, 3); red goes further round the edge, as it does in skin."""
    key, fill = (np.array(v, np.float32) / np.linalg.norm(v) for v in (KEY, FILL))
    towards_key, towards_fill = normal @ key, normal @ fill
    parts = []
    for wrap, warm, cool, ambient in ((0.55, 0.80, 0.14, 0.27), (0.34, 0.80, 0.16, 0.235), (0.26, 0.79, 0.20, 0.22)):
        lit = np.clip((towards_key + wrap) / (1 + wrap), 0, None) ** 1.15
        bounce = 0.5 * ambient * np.clip(normal[..., 1], 0, None)
        parts.append(ambient + warm * lit + cool * np.clip(towards_fill, 0, None) + bounce)
    return np.stack(parts, axis=-1).astype(np.float32)


def gloss(normal: Plane, sharpness: float) -> Plane:
    """The mirror's share of the key light, (side, side)."""
    key = np.array(KEY, np.float32) / np.linalg.norm(KEY)
    half = key + np.array([0, 0, -1], np.float32)
    half /= np.linalg.norm(half)
    return np.asarray(np.clip(normal @ half, 0, 1) ** sharpness, np.float32)
