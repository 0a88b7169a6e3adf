"""A copy of an open-mouthed photo whose mouth is painted shut, so that the lips can be moved together."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER, LOWER_LIP, UPPER_LIP

NEEDED_ABOVE_GAP = 0.015
"""IOD: a mouth that is open less than this closes by warping alone."""


@dataclass(frozen=True)
class _MouthFrame:
    """The mouth's own axes: x along the corners, y across, pixels, origin between the corners."""

    origin: Floats
    along: Floats
    across: Floats
    x: Floats
    y: Floats

    def of(self, points: Floats) -> Floats:
        return np.stack([(points - self.origin) @ self.along, (points - self.origin) @ self.across], axis=1)

    def row(self, points: Floats) -> Floats:
        """Height of a row of points at every pixel's x."""
        own = self.of(points)
        return np.interp(self.x, np.maximum.accumulate(own[:, 0]), own[:, 1])

    def sample(self, photo: Pixels, y: Floats) -> Floats:
        """The photo at this x and another y: float32 RGB."""
        px = (self.origin[0] + self.x * self.along[0] + y * self.across[0]).astype(np.float32)
        py = (self.origin[1] + self.x * self.along[1] + y * self.across[1]).astype(np.float32)
        return np.asarray(cv2.remap(photo, px, py, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)


def _mirror(depth: Floats, band: Floats) -> Floats:
    """A triangle wave: walk into a lip, turn at its end, walk back."""
    return np.asarray(band * (1 - np.abs(1 - np.mod(depth / band, 2))))


def paint_shut(photo: Pixels, points: Floats, gap: float) -> Pixels:
    """Fill the opening with the lips' own texture, mirrored inward from each lip.

    Args:
        photo: uint8 RGB, not modified.
        points: (478, 3) its mesh in pixels.
        gap: how far its mouth is open, IOD.
    Returns: a new picture of the same size; the photo itself when it is open less than NEEDED_ABOVE_GAP.
    """
    if gap <= NEEDED_ABOVE_GAP:
        return photo
    plane = points[:, :2]
    height, width = photo.shape[:2]
    eye_distance = float(np.linalg.norm(plane[263] - plane[33]))
    inner = np.concatenate([plane[INNER_UPPER], plane[INNER_LOWER]])
    margin = 4 + int(0.03 * eye_distance)
    left, top = np.maximum(np.floor(inner.min(axis=0)).astype(int) - margin, 0)
    right, bottom = np.minimum(np.ceil(inner.max(axis=0)).astype(int) + margin + 1, (width, height))
    along = (plane[291] - plane[61]) / np.linalg.norm(plane[291] - plane[61])
    across = np.array([-along[1], along[0]])
    origin = (plane[61] + plane[291]) / 2
    grid_x, grid_y = np.meshgrid(np.arange(left, right, dtype=np.float64), np.arange(top, bottom, dtype=np.float64))
    x = (grid_x - origin[0]) * along[0] + (grid_y - origin[1]) * along[1]
    y = (grid_x - origin[0]) * across[0] + (grid_y - origin[1]) * across[1]
    frame = _MouthFrame(origin, along, across, x, y)

    corners = frame.of(plane[[78, 308]])[:, 0]
    from_centre = np.abs(x - corners.mean()) / max(corners[1] - corners[0], 1e-6) * 2
    widen = (0.003 + 0.008 * float(smoothstep(gap, 0.02, 0.05))) * eye_distance
    widen_here = widen * (1 + 0.5 * smoothstep(from_centre, 0.70, 1.0))
    upper_inner = frame.row(plane[INNER_UPPER]) - widen_here
    lower_inner = frame.row(plane[INNER_LOWER]) + widen_here
    upper_band = np.maximum((upper_inner - frame.row(plane[UPPER_LIP[0]])) * 0.75, 0.030 * eye_distance)
    lower_band = np.maximum((frame.row(plane[LOWER_LIP[0]]) - lower_inner) * 0.75, 0.030 * eye_distance)
    from_upper = frame.sample(photo, upper_inner - _mirror(np.maximum(y - upper_inner, 0) * 0.6, upper_band))
    from_lower = frame.sample(photo, lower_inner + _mirror(np.maximum(lower_inner - y, 0) * 0.6, lower_band))
    seam = (upper_inner + lower_inner) / 2
    low = smoothstep((y - seam) / (0.012 * eye_distance), -1, 1)[..., None]
    filled = from_upper * (1 - low) + from_lower * low
    dark = (0.12 + 0.13 * float(smoothstep(gap, 0.03, 0.08))) * np.exp(-(((y - seam) / (0.016 * eye_distance)) ** 2))
    filled *= (1 - dark)[..., None].astype(np.float32)
    inside = _between(y, upper_inner, lower_inner, widen_here * 0.6)
    inside *= smoothstep(x, corners[0] - 0.012 * eye_distance, corners[0] + 0.010 * eye_distance)
    inside *= 1 - smoothstep(x, corners[1] - 0.010 * eye_distance, corners[1] + 0.012 * eye_distance)

    shut = photo.copy()
    region = shut[top:bottom, left:right]
    alpha = inside[..., None]
    region[:] = np.clip(region * (1 - alpha) + filled * alpha + 0.5, 0, 255).astype(np.uint8)
    middle = (frame.row(plane[INNER_UPPER]) + frame.row(plane[INNER_LOWER])) / 2
    if gap > 0.06:
        _lighten_corners(
            region, (from_centre > 0.76) & (from_centre < 1.13) & (np.abs(y - middle) < 0.045 * eye_distance)
        )
    if gap > 0.06:
        for corner in plane[[78, 308]]:
            near = np.hypot(grid_x - corner[0], grid_y - corner[1]) / eye_distance
            alpha = 0.7 * (1 - smoothstep(near, 0.02, 0.06))[..., None]
            soft = cv2.GaussianBlur(region, (0, 0), max(0.8, 0.010 * eye_distance))
            region[:] = np.clip(region * (1 - alpha) + soft * alpha + 0.5, 0, 255).astype(np.uint8)
    return shut


def _between(y: Floats, upper: Floats, lower: Floats, feather: Floats) -> Floats:
    def step(distance: Floats) -> Floats:
        return smoothstep(distance / feather, -1, 1)

    return np.asarray(step(y - upper) * (1 - step(y - lower)), np.float32)


def _lighten_corners(region: Pixels, beside_corners: NDArray[np.bool_]) -> None:
    """Paint over the dark triangles that an open mouth has in its corners. Changes `region`."""
    if not beside_corners.any():
        return
    grey = cv2.cvtColor(region, cv2.COLOR_RGB2GRAY).astype(np.float32)
    usual = np.percentile(grey[beside_corners], 70)
    dark = cv2.dilate((beside_corners & (grey < 0.74 * usual)).astype(np.uint8), np.ones((3, 3), np.uint8))
    dark *= beside_corners.astype(np.uint8)
    if dark.any():
        painted = cv2.inpaint(region, dark, 3, cv2.INPAINT_TELEA)
        mixed = (0.72 * painted + 0.28 * region).astype(np.uint8)
        region[:] = np.where(dark[..., None] > 0, mixed, region)
