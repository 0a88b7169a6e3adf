"""From the controls of a mouth to the place of its 478 points, on this person's face.

Canonical space: IOD = 1, y down, origin between the eyes. Source of every constant: the photo-mode study.
"""

from dataclasses import dataclass

import numpy as np

from lipwright.contracts.motion import MOUTH_CONTROLS, MouthTrack
from lipwright.render.arrays import Floats
from lipwright.render.easing import smoothstep, soft_cap
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER, LOWER_LIP, UPPER_LIP

JAW, UPPER, LOWER, WIDTH, CORNERS, UPPER_THICKNESS, LOWER_THICKNESS, PROTRUSION = range(len(MOUTH_CONTROLS))
TYPICAL_MOUTH_WIDTH = 0.55
"""IOD; the mouth that mouth tracks are made for, and above which a photo counts as smiling."""


PRESSED = 0.04
"""Share by which lips are thinner while they touch."""


@dataclass(frozen=True)
class Performance:
    """A mouth track as this face performs it."""

    controls: Floats
    """(frames, 8) IOD."""
    gap: Floats
    """(frames,) IOD, 0 where the lips touch."""


def inner_gap(points: Floats) -> float:
    """How far the lips are parted, in the units of `points` (478, 2 or 3).

    The mean of the five middle inner pairs, across the mouth in the picture's plane; 0 where they touch or overlap.
    """
    upper, lower = points[INNER_UPPER[3:8], :2], points[INNER_LOWER[3:8], :2]
    along = points[291, :2] - points[61, :2]
    across = np.array([-along[1], along[0]]) / max(float(np.linalg.norm(along)), 1e-9)
    return max(0.0, float(((lower - upper) @ across).mean()))


def close_lips(canonical: Floats, gap: float, press: float = 0.003) -> Floats:
    """Bring the inner lip rows together, wholly at a gap of .012 IOD and not at all above .030.

    Touching lips overlap by `press`, so that no light shows between them.
    """
    closing = float(1 - smoothstep(gap, 0.012, 0.030))
    if closing <= 0:
        return canonical
    shut = canonical.copy()
    upper, lower = INNER_UPPER, INNER_LOWER
    middle = (canonical[upper] + canonical[lower]) / 2
    overlap = np.array([0.0, press, 0.0])
    shut[upper] = canonical[upper] * (1 - closing) + (middle + overlap) * closing
    shut[lower] = canonical[lower] * (1 - closing) + (middle - overlap) * closing
    return shut


class MouthShape:
    """The mouth of one photo: its closed neutral, and the shapes that it can take."""

    def __init__(self, canonical: Floats, basis: Floats) -> None:
        """Take the photo's mesh in canonical space (478, 3) and the basis (8, 478, 3) of `motion.shapes`."""
        self.photo = canonical
        self._basis = np.ascontiguousarray(basis.reshape(len(MOUTH_CONTROLS), -1), np.float64)
        self.photo_gap = inner_gap(canonical)
        self.neutral = self._neutral()
        self.stomion = self.neutral[[13, 14]].mean(axis=0)
        self.centre_x = float(self.neutral[[13, 14, 0, 17], 0].mean())
        self.width = float(np.linalg.norm(self.neutral[61] - self.neutral[291]))
        self.corner_rise = min(0.0, float(self.neutral[[61, 291], 1].mean() - self.stomion[1]))
        self._prepare_skin()

    def _neutral(self) -> Floats:
        """The photo's face with its lips closed: solved with jaw and lip controls when the photo's mouth is open."""
        if self.photo_gap <= 0.02:
            return close_lips(self.photo, 0.0)
        controls = np.zeros(len(MOUTH_CONTROLS))
        controls[[JAW, LOWER, UPPER]] = np.array([-0.5, -0.75, 0.25]) * self.photo_gap
        for _ in range(4):
            tried = self.photo + (controls @ self._basis).reshape(-1, 3)
            left = float((tried[[14, 87, 317], 1] - tried[[13, 82, 312], 1]).mean())
            controls *= 1 + np.clip(left / self.photo_gap, -0.5, 0.5)
        return close_lips(self.photo + (controls @ self._basis).reshape(-1, 3), 0.0)

    def _prepare_skin(self) -> None:
        """Weights by which skin follows the lips, and by which it is smoothed beside the corners."""
        rows = np.concatenate([UPPER_LIP, LOWER_LIP])
        self._lips = np.unique(rows)
        plane = self.neutral[:468, :2]
        distance = ((plane[:, None] - self.neutral[None, self._lips, :2]) ** 2).sum(axis=-1)
        kernel = np.exp(-distance / (2 * 0.05**2))
        follow = kernel / np.maximum(kernel.sum(axis=1, keepdims=True), 1e-12) * kernel.max(axis=1, keepdims=True)
        follow[self._lips] = 0
        self._near_lips = np.flatnonzero(follow.max(axis=1) > 0.01)
        self._follow_lips = follow[self._near_lips]
        corners = self.neutral[[61, 291], :2]
        near = np.linalg.norm(plane[:, None] - corners[None], axis=-1).min(axis=1)
        weight = 0.85 * np.exp(-((near / 0.09) ** 2))
        weight[self._lips] = 0
        self._beside_corners = np.flatnonzero(weight > 0.01)
        self._corner_weight = weight[self._beside_corners, None]
        distance = ((plane[:, None] - plane[None]) ** 2).sum(axis=-1)
        kernel = np.exp(-distance / (2 * 0.04**2))
        inner = np.concatenate([UPPER_LIP[2:, 1:-1], LOWER_LIP[2:, 1:-1]]).ravel()
        kernel[:, inner] = 0
        self._average = (kernel / np.maximum(kernel.sum(axis=1, keepdims=True), 1e-12))[self._beside_corners]

    def perform(self, track: MouthTrack) -> Performance:
        """Fit a mouth track to this face: openings stay speech-sized, smiles relax while it speaks."""
        ratio = float(np.clip(self.width / TYPICAL_MOUTH_WIDTH, 0.85, 1.15))
        controls = track.controls.astype(np.float64) * ratio
        wanted = track.gap.astype(np.float64) * ratio * (1 - track.closed.astype(np.float64))
        gap = np.asarray(soft_cap(wanted, 0.10, 0.165), np.float64)
        vertical = [JAW, UPPER, LOWER, UPPER_THICKNESS, LOWER_THICKNESS]
        controls[:, vertical] *= np.minimum(1.0, gap / np.maximum(wanted, 1e-3))[:, None]
        raised = -controls[:, UPPER]
        kept = np.where(raised > 0, soft_cap(raised, 0.020, 0.050), raised)
        controls[:, UPPER] = -kept
        controls[:, LOWER] += 0.70 * (raised - kept)
        controls[:, JAW] += 0.40 * (raised - kept)
        self._relax_smile(controls, gap, float(track.fps))
        return Performance(controls, gap)

    def _relax_smile(self, controls: Floats, gap: Floats, fps: float) -> None:
        """Narrow a smiling mouth and let its corners down, most where it rounds or closes. Changes `controls`."""
        rounding = np.clip(-controls[:, WIDTH] / 0.05, 0, 1)
        busy = _smooth_in_time(np.maximum(rounding, 1 - smoothstep(gap, 0.012, 0.03)), 0.048 * fps)
        excess = max(0.0, self.width - TYPICAL_MOUTH_WIDTH)
        wider = np.asarray(soft_cap(controls[:, WIDTH], 0.03, 0.06)) * np.clip(1 - excess / 0.10, 0.1, 1)
        controls[:, WIDTH] = np.where(controls[:, WIDTH] > 0, wider, controls[:, WIDTH])
        share = 0.30 + 0.45 * busy
        controls[:, WIDTH] -= excess * share
        controls[:, UPPER] += 0.24 * excess * share
        controls[:, LOWER] += 0.10 * excess * share
        controls[:, CORNERS] -= self.corner_rise * (0.30 + 0.40 * busy)

    def shape(self, controls: Floats, gap: float) -> Floats:
        """The mesh for one frame of a performance: canonical (478, 3)."""
        target = self.neutral + (controls @ self._basis).reshape(-1, 3)
        self._pinch_corners(target, gap)
        self._keep_lip_area(target, gap)
        moved = (target - self.photo)[:468]
        target[self._beside_corners] += self._corner_weight * (self._average @ moved - moved[self._beside_corners])
        return close_lips(target, gap)

    def _pinch_corners(self, target: Floats, gap: float) -> None:
        """Lips part in the middle first: towards the corners their rows stay together."""
        upper, lower = UPPER_LIP, LOWER_LIP
        x = (target[upper[3], 0] + target[lower[3], 0]) / 2
        from_centre = np.abs((x - (x[0] + x[-1]) / 2) / max((x[-1] - x[0]) / 2, 1e-6))
        pinch = (smoothstep(from_centre, 0.42, 0.96) * (0.82 - 0.40 * min(1.0, gap / 0.16)))[1:-1, None]
        middle = ((target[upper[3]] + target[lower[3]]) / 2)[1:-1]
        down = (middle - target[upper[3]][1:-1]) * pinch
        up = (middle - target[lower[3]][1:-1]) * pinch
        for row, share in enumerate((0.35, 0.60, 0.85, 1.0)):
            target[upper[row][1:-1]] += down * share
            target[lower[row][1:-1]] += up * share

    def _keep_lip_area(self, target: Floats, gap: float) -> None:
        """Thicken the lips of a narrower mouth, thin those of an open or pressed one; the skin around them follows."""
        width = float(np.linalg.norm(target[61] - target[291]))
        fuller = float(np.clip((self.width / max(width, 1e-6)) ** 0.55, 0.88, 1.10)) - 1
        parted = float(smoothstep(gap, 0.0, 0.03))
        factor = (1 + fuller * parted - PRESSED * (1 - parted)) * float(1 - 0.10 * smoothstep(gap, 0.05, 0.15))
        moved = np.zeros_like(target)
        for rows in (UPPER_LIP, LOWER_LIP):
            for row in range(3):
                moved[rows[row][1:-1], 1] = (target[rows[row]] - target[rows[3]])[1:-1, 1] * (factor - 1)
        target += moved
        target[self._near_lips] += self._follow_lips @ moved[self._lips]


def _smooth_in_time(values: Floats, sigma_frames: float) -> Floats:
    radius = max(1, round(4 * sigma_frames))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / max(sigma_frames, 1e-3)) ** 2)
    padded = np.pad(values, radius, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")
