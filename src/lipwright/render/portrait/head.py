"""Small motion of a still head: a depth-aware warp that leaves the frame's rim where it is.

The head turns about a pivot between the ears, as a rigid body as far as the mesh reaches and as a smooth surface
beyond; the motion fades to nothing over 1.1 IOD below the chin. Breathing lifts shoulders and chest a little.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.render.arrays import Floats
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.rows import FACE_OVAL

FADE_BELOW_CHIN = 1.1
"""IOD."""
BREATH_LIFT = 0.012
"""IOD by which full breath lifts the shoulders."""
NODES_ACROSS = 40


class HeadMotion:
    """The displacement grid of one photo."""

    def __init__(
        self,
        points: Floats,
        triangles: NDArray[np.int32],
        height: int,
        width: int,
        reach: Floats,
    ) -> None:
        """Prepare depth and falloff.

        Args:
            points: (478, 3) mesh in pixels.
            triangles: (t, 3) of the face.
            height, width: of the photo, pixels.
            reach: float32 (height, width) 0 to 1, where motion is allowed: 1 on the person, fading to 0 beside it.
        """
        self._eye_distance = float(np.linalg.norm(points[263, :2] - points[33, :2]))
        self.cell = max(4, round(max(height, width) / NODES_ACROSS))
        columns, rows = width // self.cell + 2, height // self.cell + 2
        self._x, self._y = np.meshgrid(
            np.arange(columns, dtype=np.float32) * self.cell, np.arange(rows, dtype=np.float32) * self.cell
        )
        self._z = _depth(points, triangles, self._x, self._y, self.cell)
        chin = points[152, 1]
        below = (self._y - (chin - 0.05 * self._eye_distance)) / (FADE_BELOW_CHIN * self._eye_distance)
        allowed = cv2.remap(reach, np.minimum(self._x, width - 1), np.minimum(self._y, height - 1), cv2.INTER_LINEAR)
        self._weight = (1 - smoothstep(below, 0, 1)) * allowed
        shoulders = smoothstep((self._y - chin) / (0.9 * self._eye_distance), 0, 1)
        floor = smoothstep((height - self._y) / (0.8 * self._eye_distance), 0, 1)
        self._breath = shoulders * floor * allowed
        self._pivot = points[[127, 356]].mean(axis=0)
        self._pivot[1] += 0.55 * self._eye_distance

    def displacement(self, rotation: Floats, shift: Floats, breath: float) -> Floats:
        """Where the photo moves: (rows, columns, 2) pixels at the grid's nodes. Arguments as in IdleTrack."""
        turned = self._turn(self._x, self._y, self._z, rotation)
        field = np.stack(turned, axis=-1) + np.asarray(shift, np.float32) * np.float32(self._eye_distance)
        field *= self._weight[..., None]
        field[..., 1] -= self._breath * np.float32(breath * BREATH_LIFT * self._eye_distance)
        return np.asarray(field, np.float32)

    def inverse(self, field: Floats) -> Floats:
        """The displacement from a frame's pixel to the photo's, by three fixed-point steps: right to .1 px."""
        x, y = self._x / self.cell, self._y / self.cell
        back: Floats = -field
        for _ in range(3):
            at_x, at_y = x + back[..., 0] / self.cell, y + back[..., 1] / self.cell
            back = -np.asarray(
                cv2.remap(field, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
            )
        return np.ascontiguousarray(back, np.float32)

    def forward(self, field: Floats, points: Floats) -> Floats:
        """Move points (n, 2) of the photo into the frame by an interpolated field."""
        at = (points / self.cell).astype(np.float32)
        moved = cv2.remap(field, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
        return np.asarray(points + moved)

    def _turn(
        self,
        x: Floats,
        y: Floats,
        z: Floats,
        rotation: Floats,
    ) -> tuple[Floats, Floats]:
        """Displacement by yaw, then pitch, then roll about the pivot."""
        yaw, pitch, roll = (float(angle) for angle in rotation)
        px, py, pz = x - self._pivot[0], y - self._pivot[1], z - self._pivot[2]
        qx, qz = px * np.cos(yaw) - pz * np.sin(yaw), px * np.sin(yaw) + pz * np.cos(yaw)
        qy = py * np.cos(pitch) + qz * np.sin(pitch)
        rx, ry = qx * np.cos(roll) - qy * np.sin(roll), qx * np.sin(roll) + qy * np.cos(roll)
        return (rx - px).astype(np.float32), (ry - py).astype(np.float32)


def _depth(
    points: Floats,
    triangles: NDArray[np.int32],
    x: Floats,
    y: Floats,
    cell: int,
) -> Floats:
    """Depth at every node: the mesh's inside the face, diffused outward beyond it."""
    known = np.zeros(x.shape, np.float32)
    depth = np.zeros(x.shape, np.float32)
    plane = points[:468, :2] / cell
    for triangle in triangles:
        a, b, c = plane[triangle]
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if abs(area) < 1e-6:
            continue
        low = np.maximum(np.ceil(np.minimum(np.minimum(a, b), c)).astype(int), 0)
        high = np.minimum(np.floor(np.maximum(np.maximum(a, b), c)).astype(int), (x.shape[1] - 1, x.shape[0] - 1))
        for j in range(low[1], high[1] + 1):
            for i in range(low[0], high[0] + 1):
                u = ((i - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (j - a[1])) / area
                v = ((b[0] - a[0]) * (j - a[1]) - (i - a[0]) * (b[1] - a[1])) / area
                if u >= 0 and v >= 0 and u + v <= 1:
                    z = points[triangle, 2]
                    depth[j, i] = z[0] + u * (z[1] - z[0]) + v * (z[2] - z[0])
                    known[j, i] = 1
    rim = points[FACE_OVAL]
    for px, py, pz in rim:
        i, j = round(px / cell), round(py / cell)
        if 0 <= j < x.shape[0] and 0 <= i < x.shape[1] and known[j, i] == 0:
            depth[j, i], known[j, i] = pz, 1
    filled, weight = depth * known, known
    spread = filled.copy()
    covered = weight.copy()
    sigma = 1.0
    while covered.min() < 0.5:
        blurred = cv2.GaussianBlur(filled, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        share = cv2.GaussianBlur(weight, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        new = (covered < 0.5) & (share > 1e-3)
        spread[new] = blurred[new] / share[new]
        covered[new] = 1
        sigma *= 1.6
    return np.asarray(cv2.GaussianBlur(spread, (0, 0), 1.2), np.float32)
